"""What Lookup v2 answers about numbers: the truth, or what a test sets for single numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dev.carrier.api.errors import is_code
from dev.carrier.exchange.numbers import normalise

LINE_TYPES = (
	"mobile",
	"landline",
	"fixedVoip",
	"nonFixedVoip",
	"personal",
	"tollFree",
	"premium",
	"sharedCost",
	"uan",
	"voicemail",
	"pager",
	"unknown",
)
ANSWERS = ("yes", "no", "no_data_available")
DATA_SINCE = date(2021, 1, 27)
"""The first day of the Reassigned Numbers Database. Of what came before, it has no data."""
MALFORMED = ("not json", "not an object", "empty", "other words", "wrong types")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Line:
	"""One line. ``changed_hands`` is the day it got its present holder (None: long ago).

	- ``says``: the answer about that whatever is true, for a database that is wrong.
	- ``late``: real seconds before the answer.
	- ``without``: packages that are null in the answer.
	- ``refuse``: Twilio's error code in place of an answer; ``error`` one inside the packages.
	- ``malformed``: an answer that is none, one of MALFORMED.
	"""

	line_type: str = "mobile"
	changed_hands: date | None = None
	says: str = ""
	late: float = 0.0
	without: tuple[str, ...] = ()
	refuse: int | None = None
	error: int | None = None
	malformed: str = ""

	def reassigned(self, verified: date) -> str:
		"""Return whether someone else got the number after this day."""
		if self.says:
			return self.says
		if verified < DATA_SINCE:
			return "no_data_available"
		return "yes" if self.changed_hands and self.changed_hands > verified else "no"


class Lines:
	def __init__(self) -> None:
		self.known: dict[str, Line] = {}

	def set(self, lines: Mapping[str, dict[str, Any] | None]) -> None:
		"""Set what is true of numbers, and how they are answered; None forgets one.

		Raises ValueError and changes nothing for an invalid number or value.
		"""
		settled = {}
		for number, given in lines.items():
			key = normalise(number)
			if key is None:
				raise ValueError(f"not a phone number: {number!r}")
			settled[key] = None if given is None else _checked(given)
		for key, line in settled.items():
			if line is None:
				self.known.pop(key, None)
			else:
				self.known[key] = line

	def of(self, number: str) -> Line:
		return self.known.get(number, Line())


def _checked(given: dict[str, Any]) -> Line:
	if unknown := set(given) - set(Line.__dataclass_fields__):
		raise ValueError(f"lines have no {', '.join(sorted(unknown))}")
	values = dict(given)
	for name, allowed in (
		("line_type", LINE_TYPES),
		("says", ("", *ANSWERS)),
		("malformed", ("", *MALFORMED)),
	):
		if name in values and values[name] not in allowed:
			raise ValueError(f"{name} cannot be {values[name]!r}: it is one of {', '.join(allowed)}")
	day = values.get("changed_hands")
	if day is not None:
		if not isinstance(day, str) or not _DAY.fullmatch(day):
			raise ValueError(f"changed_hands cannot be {day!r}: it is a day")
		values["changed_hands"] = date.fromisoformat(day)
	late = values.get("late", 0)
	if isinstance(late, bool) or not isinstance(late, int | float) or not 0 <= late <= 60:
		raise ValueError(f"late cannot be {late!r}: it is up to 60 seconds")
	if values.get("refuse") is not None and not is_code(values["refuse"]):
		raise ValueError(f"refuse cannot be {values['refuse']!r}: it is one of Twilio's codes")
	values["without"] = tuple(values.get("without") or ())
	return Line(**values)
