"""Who lives at the numbers: a population that follows from the seed, and what tests say of single people.

A number has a lasting character (a family, somebody who never picks up, a fax machine, a dead line) and a
mood for each attempt, so that a second call can reach those whom the first did not. ``set`` overrules both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dev.carrier.chance import choose, draw
from dev.carrier.errors import DELIVERY, REFUSALS
from dev.carrier.numbers import normalise

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


@dataclass(frozen=True)
class Voice:
	"""How a call goes: ``rings`` before it is answered, ``digits`` the keys for one Gather after the other
	(one string is spread over them by their numDigits), ``after`` how many sentences are heard before a
	key is pressed or the phone put down (None: all of them), ``says`` the seconds of speech into one <Record>
	after the other (the last goes on; 0 is silence). Who "follows" does what the words ask: says who they are by
	key or by ``pin``, and chooses the ``choice``-th of the answers offered."""

	behaviour: str
	rings: int = 2
	digits: str | tuple[str, ...] = ()
	after: int | None = None
	answered_by: str | None = None
	pin: str = ""
	choice: int = 0
	says: tuple[int, ...] = (SPEECH_SECONDS,)


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
		self.told: dict[str, dict[str, Any]] = {}

	def set(self, people: dict[str, dict[str, Any] | None]) -> None:
		"""What single numbers ("*": all others) do from now on; None gives one back to the population.
		Raises ValueError, changing nothing, for a number or behaviour that cannot be."""
		checked = {}
		for number, told in people.items():
			key = number if number == EVERYONE else normalise(number)
			if key is None:
				raise ValueError(f"not a phone number: {number!r}")
			checked[key] = None if told is None else _checked(told)
		for key, told in checked.items():
			if told is None:
				self.told.pop(key, None)
			else:
				self.told[key] = told

	def refusal(self, number: str, attempt: int) -> int | None:
		"""The error code with which the carrier refuses to call or text this number, if it does."""
		return self._told(number, attempt).get("refuse")

	def voice(self, number: str, attempt: int) -> Voice:
		told = self._told(number, attempt)
		if "behaviour" not in told:
			return self._population_voice(number, attempt)
		digits = told.get("digits", ())
		return Voice(
			behaviour=told["behaviour"],
			rings=told.get("rings", 2),
			digits=digits if isinstance(digits, str) else tuple(digits),
			after=told.get("after", 1 if told["behaviour"] == "hangs up" else None),
			answered_by=told.get("answered_by"),
			pin=told.get("pin", ""),
			choice=told.get("choice", 0),
			says=tuple(told.get("says", (SPEECH_SECONDS,))),
		)

	def texting(self, number: str, attempt: int) -> Texting:
		told = self._told(number, attempt)
		if "text" in told:
			return Texting(**told["text"])
		if "behaviour" in told:
			return Texting()
		return self._population_texting(number, attempt)

	def _told(self, number: str, attempt: int) -> dict[str, Any]:
		told = self.told.get(number) or self.told.get(EVERYONE) or {}
		attempts = told.get("attempts")
		if not attempts:
			return told
		return {**told, **attempts[min(attempt, len(attempts)) - 1]}

	def _population_voice(self, number: str, attempt: int) -> Voice:
		character = choose(CHARACTERS, draw(self.seed, "character", number))
		mood = choose(MOODS[character], draw(self.seed, "mood", number, attempt))
		rings = 1 + int(4 * draw(self.seed, "rings", number, attempt))
		if mood == "presses 9":
			menu = choose((("1", 1), ("2", 1), ("3", 1)), draw(self.seed, "menu", number, attempt))
			return Voice("presses", rings, ("9", menu))
		if mood == "presses 1":
			return Voice("follows", rings, choice=int(5 * draw(self.seed, "choice", number, attempt)))
		if mood == "voicemail":
			return Voice(mood, rings=4)
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


def _checked(told: dict[str, Any]) -> dict[str, Any]:
	told = dict(told)
	unknown = set(told) - {
		"behaviour",
		"rings",
		"digits",
		"after",
		"answered_by",
		"says",
		"text",
		"refuse",
		"attempts",
		"pin",
		"choice",
	}
	if unknown:
		raise ValueError(f"people have no {', '.join(sorted(unknown))}")
	if "behaviour" in told:
		told["behaviour"] = told["behaviour"].replace("_", " ").replace("-", " ")
		_one_of("behaviour", told["behaviour"], VOICES)
	if told.get("answered_by") is not None:
		_one_of("answered_by", told["answered_by"], ANSWERED_BY)
	if "says" in told and not _are_seconds(told["says"]):
		raise ValueError(f"says cannot be {told['says']!r}: it is a list of whole seconds")
	if "refuse" in told:
		_one_of("refuse", told["refuse"], REFUSALS)
	if "text" in told:
		_check_texting(told["text"])
	if "attempts" in told:
		told["attempts"] = [_checked(attempt) for attempt in told["attempts"]]
	return told


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
	if text.get("error") is not None:
		_one_of("error", text["error"], DELIVERY)


def _one_of(name: str, value: object, allowed: Any) -> None:
	if value not in allowed:
		raise ValueError(f"{name} cannot be {value!r}; it is one of {', '.join(map(str, allowed))}")
