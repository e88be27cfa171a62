"""Who lives at the numbers: a population that follows from the seed, and what tests set for single people.

A number has a lasting character (a family, a person who never picks up, a fax machine, a dead line) and a
mood for each attempt, so a retry can reach people the first call missed. ``set`` overrides both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dev.carrier.exchange.numbers import normalise
from dev.carrier.world.behaviour import BEEPS, ENDED_BY, Texting, Voice, checked
from dev.carrier.world.chance import choose, draw

EVERYONE = "*"
CHARACTERS = (
	("family", 82),
	("machine", 9),
	("never there", 4),
	("flaky line", 2),
	("dead line", 2),
	("fax", 1),
)
MOODS = {
	"family": (
		("answers", 40),
		("presses 1", 17),
		("presses 9", 2),
		("repeats", 3),
		("hangs up", 6),
		("voicemail", 16),
		("no answer", 10),
		("busy", 6),
	),
	"machine": (("voicemail", 85), ("no answer", 15)),
	"never there": (("no answer", 70), ("busy", 30)),
	"flaky line": (("answers", 40), ("busy", 30), ("fails", 30)),
	"dead line": (("fails", 1),),
	"fax": (("fax", 1),),
}
RECEIPTS = (
	(("delivered", None), 955),
	(("undelivered", 30003), 15),
	(("undelivered", 30005), 10),
	(("undelivered", 30006), 10),
	(("failed", 30008), 5),
	(("sent", None), 5),
)
REPLY_SHARE = 0.03
REPLIES = (
	("STOP", 4),
	("stop", 1),
	("Unsubscribe", 1),
	("Please stop texting me", 1),
	("Deja de enviarme mensajes", 1),
	("Wrong number", 1),
	("Who is this?", 1),
	("HELP", 1),
	("Thanks!", 3),
	("ok", 2),
)


@dataclass
class Habits:
	"""What a scenario changes in the population.

	``greeting`` holds the shortest and longest greeting in seconds, ``never_beeps`` the share of machines
	that never beep, ``hangs_up_early`` the share of people who hang up before a word or in the middle of one.
	"""

	greeting: tuple[float, float] = (4.0, 25.0)
	never_beeps: float = 0.04
	hangs_up_early: float = 0.0


class People:
	def __init__(self, seed: int):
		self.seed = seed
		self.overrides: dict[str, dict[str, Any]] = {}
		self.habits = Habits()

	def set(self, people: dict[str, dict[str, Any] | None]) -> None:
		"""Set what single numbers ("*": all others) do from now on; None returns one to the population.

		Raises ValueError and changes nothing for an invalid number or behavior.
		"""
		settled = {}
		for number, override in people.items():
			key = number if number == EVERYONE else normalise(number)
			if key is None:
				raise ValueError(f"not a phone number: {number!r}")
			settled[key] = None if override is None else checked(override)
		for key, override in settled.items():
			if override is None:
				self.overrides.pop(key, None)
			else:
				self.overrides[key] = override

	def refusal(self, number: str, attempt: int) -> int | None:
		"""Return the error code with which the carrier refuses to call or text this number, or None."""
		return self._override(number, attempt).get("refuse")

	def voice(self, number: str, attempt: int) -> Voice:
		override = self._override(number, attempt)
		if "behaviour" not in override:
			return self._population_voice(number, attempt)
		given = {name: override[name] for name in Voice.__dataclass_fields__ if name in override}
		for name in ("digits", "says"):
			if isinstance(given.get(name), list):
				given[name] = tuple(given[name])
		given.setdefault("after", 1 if override["behaviour"] == "hangs up" else None)
		given.setdefault("greeting", self._greeting(number))
		given.setdefault("beep", ENDED_BY.get(override.get("answered_by"), self._beep(number)))
		return Voice(**given)

	def texting(self, number: str, attempt: int) -> Texting:
		override = self._override(number, attempt)
		if "text" in override:
			return Texting(**override["text"])
		if "behaviour" in override:
			return Texting()
		return self._population_texting(number, attempt)

	def _override(self, number: str, attempt: int) -> dict[str, Any]:
		override = self.overrides.get(number) or self.overrides.get(EVERYONE) or {}
		attempts = override.get("attempts")
		if not attempts:
			return override
		return {**override, **attempts[min(attempt, len(attempts)) - 1]}

	def set_habits(self, settings: dict[str, Any]) -> None:
		"""Change the population's habits. Raises ValueError and changes nothing for an invalid habit."""
		if unknown := set(settings) - set(Habits.__dataclass_fields__):
			raise ValueError(f"a population has no {', '.join(sorted(unknown))}")
		given = {**vars(self.habits), **settings}
		shortest, longest = given["greeting"]
		shares = given["never_beeps"], given["hangs_up_early"]
		if not 0 <= shortest <= longest or not all(0 <= share <= 1 for share in shares):
			raise ValueError(f"habits cannot be {settings!r}")
		self.habits = Habits((shortest, longest), *shares)

	def _greeting(self, number: str) -> float:
		shortest, longest = self.habits.greeting
		return round(shortest + (longest - shortest) * draw(self.seed, "greeting", number), 1)

	def _beep(self, number: str) -> bool | str:
		if draw(self.seed, "never beeps", number) < self.habits.never_beeps:
			return False
		return choose(BEEPS, draw(self.seed, "beep", number))

	def _population_voice(self, number: str, attempt: int) -> Voice:
		if draw(self.seed, "early", number, attempt) < self.habits.hangs_up_early:
			# At any moment from pickup to the middle of a sentence.
			return Voice("answers", after_seconds=round(12 * draw(self.seed, "leaves", number, attempt), 1))
		character = choose(CHARACTERS, draw(self.seed, "character", number))
		mood = choose(MOODS[character], draw(self.seed, "mood", number, attempt))
		rings = 1 + int(4 * draw(self.seed, "rings", number, attempt))
		if mood == "presses 9":
			menu = choose((("1", 1), ("2", 1), ("3", 1)), draw(self.seed, "menu", number, attempt))
			return Voice("presses", rings, ("9", menu))
		if mood == "presses 1":
			return Voice("follows", rings, choice=int(5 * draw(self.seed, "choice", number, attempt)))
		if mood == "voicemail":
			return Voice(mood, rings=4, greeting=self._greeting(number), beep=self._beep(number))
		if mood == "hangs up":
			return Voice(mood, rings, after=1)
		if mood == "answers" and draw(self.seed, "unclear", number, attempt) < 0.02:
			return Voice(mood, rings, answered_by="unknown")
		return Voice(mood, rings)

	def _population_texting(self, number: str, attempt: int) -> Texting:
		delivery, error = choose(RECEIPTS, draw(self.seed, "receipt", number, attempt))
		reply = None
		if delivery == "delivered" and draw(self.seed, "replies", number, attempt) < REPLY_SHARE:
			reply = choose(REPLIES, draw(self.seed, "reply", number, attempt))
		return Texting(delivery, error, reply, after=2 + 30 * draw(self.seed, "thinks", number, attempt))
