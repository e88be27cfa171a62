"""Phone numbers of a demo school: none of them can reach a person.

North American ones end in 555-0100 to 555-0199, the lines reserved for fiction; the Australian and German
ones come from their regulators' ranges for drama.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

STYLES = (
	"({0}) {1}-{2}",
	"{0}-{1}-{2}",
	"{0}.{1}.{2}",
	"+1 {0} {1} {2}",
	"1{0}{1}{2}",
	"{0}{1}{2}",
	" {0} {1} {2} ",
)
MALFORMED = (
	"708-555-01",
	"555-0142",
	"n/a",
	"000-000-0000",
	"1234567890",
	"708 555 01 / 708 555 02",
	"(708) 555-01999",
	"same as mother",
	"-",
	"call the office",
)
TOGETHER = ("{} / {}", "{}, {}", "home {} cell {}", "{} or {}")
"""How people write two numbers into one field."""
FOREIGN = (
	("+61 491 570 006", "+61491570006"),
	("+61 491 570 156", "+61491570156"),
	("+49 30 23125 123", "+493023125123"),
	("+49 30 23125 456", "+493023125456"),
	("+1 416 555 0123", "+14165550123"),
	("+1 604 555 0187", "+16045550187"),
)
OWN = {"708": 10}
"""The first lines of these area codes belong to the school itself and its contacts."""
TOLL_FREE = ("800", "888", "877", "866", "855", "844")


@dataclass(frozen=True)
class Number:
	"""The text in a roster's field, and the E.164 number it means (None where it is not one number).

	`several`: those it means where it is more than one.
	"""

	raw: str
	e164: str | None
	several: tuple[str, ...] = ()

	@property
	def meant(self) -> tuple[str, ...]:
		return (self.e164,) if self.e164 else self.several

	def again(self, style: str) -> Number:
		"""Return the same North American number written another way."""
		assert self.e164
		return Number(style.format(self.e164[2:5], self.e164[5:8], self.e164[8:]), self.e164)

	def beside(self, other: Number, style: str) -> Number:
		"""Return both numbers in one field."""
		return Number(style.format(self.raw.strip(), other.raw.strip()), None, self.meant + other.meant)


NONE = Number("", None)


class NumberBook:
	"""Hands out each fictional number once."""

	def __init__(self, rng: random.Random):
		self.rng = rng
		self.free: dict[str, list[int]] = {}

	def take(self, area_codes: Sequence[str]) -> Number:
		"""Return an unused number with one of the area codes, written in some style.

		Raises ValueError when all hundred lines of each are taken.
		"""
		for code in self.rng.sample(tuple(area_codes), len(area_codes)):
			if code not in self.free:
				mine = range(100 + OWN.get(code, 0), 200)
				self.free[code] = self.rng.sample(mine, len(mine))
			lines = self.free[code]
			if lines:
				return Number("", f"+1{code}555{lines.pop():04d}").again(self.rng.choice(STYLES))
		raise ValueError(f"no fictional number is left in {', '.join(area_codes)}")
