"""Who lives at the numbers: a population that follows from the seed, and what tests set for single people.

A number has a lasting character (a family, a person who never picks up, a fax machine, a dead line) and a
mood for each attempt, so a retry can reach people the first call missed. ``set`` overrides both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dev.carrier.api.errors import is_code
from dev.carrier.exchange.numbers import normalise
from dev.carrier.world.chance import choose, draw

ANSWERING = ("answers", "presses", "follows", "repeats", "hangs up", "voicemail", "fax")
VOICES = (*ANSWERING, "busy", "no answer", "fails")
DELIVERIES = ("delivered", "undelivered", "failed", "sent")
ANSWERED_BY = (
	"human",
	"machine_start",
	"machine_end_beep",
	"machine_end_silence",
	"machine_end_other",
	"fax",
	"unknown",
)
EVERYONE = "*"
SPEECH_SECONDS = 4
BEEPS = ((False, 0), (True, 87), ("silence", 9), ("other", 4))
"""How a greeting ends, with weights: a beep, silence or another noise; False never beeps or records."""
ENDED_BY = {"machine_end_silence": "silence", "machine_end_other": "other"}
HANG_UP_VERBS = ("record", "gather")

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
CHOICES = {
	"behaviour": VOICES,
	"answered_by": ANSWERED_BY,
	"hangs_up_in": HANG_UP_VERBS,
	"beep": tuple(beep for beep, _ in BEEPS),
	"timed_out_as": ("unknown", "machine_start"),
}
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


@dataclass(frozen=True)
class Voice:
	"""How a call goes.

	- ``rings``: how often the phone rings before it is answered.
	- ``digits``: the keys for one Gather after the other. A single string is spread over them by numDigits.
	- ``after``: how many sentences are heard before a key is pressed or the person hangs up (None: all).
	- ``pin`` and ``choice``: a person who "follows" does what the words ask. They identify themselves by key
	  or by ``pin`` and choose the offered answer with index ``choice``.
	- ``says``: the seconds of speech into one <Record> after the other; the last one repeats, 0 is silence.
	- ``after_seconds``: seconds on the line until they hang up, whatever is being spoken; 0 is before any
	  word.
	- ``hangs_up_in``: they hang up in the middle of a <Record> or <Gather>.
	- ``silent_take``: seconds of a recording made of silence (0: silence makes none).
	- ``greeting`` and ``beep``: the seconds of a machine's greeting and how it ends, see BEEPS.
	- ``timed_out_as``: what answering-machine detection reports when it gives up.
	"""

	behaviour: str
	rings: int = 2
	digits: str | tuple[str, ...] = ()
	after: int | None = None
	answered_by: str | None = None
	pin: str = ""
	choice: int = 0
	says: tuple[int, ...] = (SPEECH_SECONDS,)
	after_seconds: float | None = None
	hangs_up_in: str | None = None
	silent_take: int = 0
	greeting: float = 0.0
	beep: bool | str = True
	timed_out_as: str = "unknown"


@dataclass
class Habits:
	"""What a scenario changes in the population.

	``greeting`` holds the shortest and longest greeting in seconds, ``never_beeps`` the share of machines
	that never beep, ``hangs_up_early`` the share of people who hang up before a word or in the middle of one.
	"""

	greeting: tuple[float, float] = (4.0, 25.0)
	never_beeps: float = 0.04
	hangs_up_early: float = 0.0


@dataclass(frozen=True)
class Texting:
	"""How a text goes; ``reply`` is sent ``after`` simulated seconds."""

	delivery: str = "delivered"
	error: int | None = None
	reply: str | None = None
	after: float = 5.0


class People:
	def __init__(self, seed: int):
		self.seed = seed
		self.overrides: dict[str, dict[str, Any]] = {}
		self.habits = Habits()

	def set(self, people: dict[str, dict[str, Any] | None]) -> None:
		"""Set what single numbers ("*": all others) do from now on; None returns one to the population.

		Raises ValueError and changes nothing for an invalid number or behavior.
		"""
		checked = {}
		for number, override in people.items():
			key = number if number == EVERYONE else normalise(number)
			if key is None:
				raise ValueError(f"not a phone number: {number!r}")
			checked[key] = None if override is None else _checked(override)
		for key, override in checked.items():
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
		digits = override.get("digits", ())
		return Voice(
			behaviour=override["behaviour"],
			rings=override.get("rings", 2),
			digits=digits if isinstance(digits, str) else tuple(digits),
			after=override.get("after", 1 if override["behaviour"] == "hangs up" else None),
			answered_by=override.get("answered_by"),
			pin=override.get("pin", ""),
			choice=override.get("choice", 0),
			says=tuple(override.get("says", (SPEECH_SECONDS,))),
			after_seconds=override.get("after_seconds"),
			hangs_up_in=override.get("hangs_up_in"),
			silent_take=override.get("silent_take", 0),
			greeting=override.get("greeting", self._greeting(number)),
			beep=override.get("beep", ENDED_BY.get(override.get("answered_by"), self._beep(number))),
			timed_out_as=override.get("timed_out_as", "unknown"),
		)

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


def _checked(override: dict[str, Any]) -> dict[str, Any]:
	override = dict(override)
	unknown = set(override) - set(Voice.__dataclass_fields__) - {"text", "refuse", "attempts"}
	if unknown:
		raise ValueError(f"people have no {', '.join(sorted(unknown))}")
	if "behaviour" in override:
		override["behaviour"] = override["behaviour"].replace("_", " ").replace("-", " ")
	for name, allowed in CHOICES.items():
		if override.get(name) is not None:
			_one_of(name, override[name], allowed)
	for name in ("after_seconds", "greeting", "silent_take"):
		if override.get(name) is not None and not _is_time(override[name]):
			raise ValueError(f"{name} cannot be {override[name]!r}: it is seconds")
	if "refuse" in override and not is_code(override["refuse"]):
		raise ValueError(f"refuse cannot be {override['refuse']!r}: it is one of Twilio's codes")
	if "says" in override and not _are_seconds(override["says"]):
		raise ValueError(f"says cannot be {override['says']!r}: it is a list of whole seconds")
	if "text" in override:
		_check_texting(override["text"])
	if "attempts" in override:
		override["attempts"] = [_checked(attempt) for attempt in override["attempts"]]
	return override


def _is_time(given: object) -> bool:
	return isinstance(given, (int, float)) and not isinstance(given, bool) and 0 <= given <= 3600


def _are_seconds(given: object) -> bool:
	return (
		isinstance(given, (list, tuple))
		and bool(given)
		and all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= 3600 for one in given)
	)


def _check_texting(text: dict[str, Any]) -> None:
	if unknown := set(text) - set(Texting.__dataclass_fields__):
		raise ValueError(f"texting has no {', '.join(sorted(unknown))}")
	_one_of("delivery", text.get("delivery", "delivered"), DELIVERIES)
	if text.get("error") is not None and not is_code(text["error"]):
		raise ValueError(f"error cannot be {text['error']!r}")


def _one_of(name: str, value: object, allowed: Any) -> None:
	if value not in allowed:
		raise ValueError(f"{name} cannot be {value!r}; it is one of {', '.join(map(str, allowed))}")
