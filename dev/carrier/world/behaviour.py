"""How a call or a text goes at a person's end, and what a test may say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dev.carrier.api.errors import is_code
from dev.carrier.attributes import KEYS

ANSWERING = (
	*("answers", "presses", "follows", "repeats", "hangs up", "voicemail", "fax"),
	*("screens", "is silent"),
)
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
SPEECH_SECONDS = 4
BEEPS = ((False, 0), (True, 87), ("silence", 9), ("other", 4))
"""How a greeting ends, with weights: a beep, silence or another noise; False never beeps or records."""
ENDED_BY = {"machine_end_silence": "silence", "machine_end_other": "other"}
HANG_UP_VERBS = ("record", "gather", "dial")
CHOICES = {
	"behaviour": VOICES,
	"answered_by": ANSWERED_BY,
	"hangs_up_in": HANG_UP_VERBS,
	"beep": tuple(beep for beep, _ in BEEPS),
	"timed_out_as": ("unknown", "machine_start"),
}


@dataclass(frozen=True)
class Voice:
	"""How a call goes.

	- ``rings``: how often the phone rings before it is answered.
	- ``digits``: the keys for one Gather after the other. A single string is spread over them by numDigits.
	- ``after``: how many sentences are heard before a key is pressed or the person hangs up (None: all).
	- ``pin`` and ``choice``: a person who "follows" does what the words ask. They identify themselves by key
	  or by ``pin`` and choose the offered answer with index ``choice``.
	- ``when``: the keys for what is heard, {words: keys}: in a Gather, the first words that were spoken since
	  the last one decide, and ``digits`` where none were.
	- ``leaves_at``: words at which they hang up, once they have heard that sentence.
	- ``says``: what they say into one <Record> after the other, as seconds or as words; the last one repeats,
	  0 is silence. ``finishes_with`` is the key that they press then ("": none).
	- ``after_seconds``: seconds on the line until they hang up, whatever is being spoken; 0 is before any
	  word.
	- ``hangs_up_in``: they hang up in the middle of a <Record> or <Gather>, or while a <Dial> rings.
	- ``talks``: seconds that they talk to the other party of a <Dial> before they hang up (None: never).
	- ``star_after``: seconds of that conversation until they press the star key.
	- ``silent_take``: seconds of a recording made of silence (0: silence makes none).
	- ``greeting`` and ``beep``: the seconds of a machine's greeting and how it ends, see BEEPS.
	- ``timed_out_as``: what answering-machine detection reports when it gives up.
	- ``sip_code``: with which code the network ends a call that is not answered (None: the usual one).
	"""

	behaviour: str
	rings: int = 2
	digits: str | tuple[str, ...] = ()
	after: int | None = None
	answered_by: str | None = None
	pin: str = ""
	choice: int = 0
	when: Mapping[str, str] = field(default_factory=dict)
	leaves_at: str = ""
	says: tuple[int | str, ...] = (SPEECH_SECONDS,)
	finishes_with: str = ""
	after_seconds: float | None = None
	hangs_up_in: str | None = None
	silent_take: int = 0
	greeting: float = 0.0
	beep: bool | str = True
	timed_out_as: str = "unknown"
	sip_code: int | None = None
	talks: float | None = None
	star_after: float | None = None


@dataclass(frozen=True)
class Texting:
	"""How a text goes; ``reply`` is sent ``after`` simulated seconds."""

	delivery: str = "delivered"
	error: int | None = None
	reply: str | None = None
	after: float = 5.0


def checked(override: dict[str, Any]) -> dict[str, Any]:
	override = dict(override)
	unknown = set(override) - set(Voice.__dataclass_fields__) - {"text", "refuse", "attempts"}
	if unknown:
		raise ValueError(f"people have no {', '.join(sorted(unknown))}")
	if "behaviour" in override:
		override["behaviour"] = override["behaviour"].replace("_", " ").replace("-", " ")
	for name, allowed in CHOICES.items():
		if override.get(name) is not None:
			_one_of(name, override[name], allowed)
	for name in ("after_seconds", "greeting", "silent_take", "talks", "star_after"):
		if override.get(name) is not None and not _is_time(override[name]):
			raise ValueError(f"{name} cannot be {override[name]!r}: it is seconds")
	if "refuse" in override and not is_code(override["refuse"]):
		raise ValueError(f"refuse cannot be {override['refuse']!r}: it is one of Twilio's codes")
	for name, (fits, expected) in SHAPES.items():
		if name in override and not fits(override[name]):
			raise ValueError(f"{name} cannot be {override[name]!r}: it is {expected}")
	if "text" in override:
		_check_texting(override["text"])
	if "attempts" in override:
		override["attempts"] = [checked(attempt) for attempt in override["attempts"]]
	return override


def _is_time(given: object) -> bool:
	return isinstance(given, (int, float)) and not isinstance(given, bool) and 0 <= given <= 3600


def _are_spoken(given: object) -> bool:
	return isinstance(given, (list, tuple)) and bool(given) and all(_is_spoken(one) for one in given)


def _is_spoken(given: object) -> bool:
	if isinstance(given, str):
		return _is_text(given)
	return isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= 3600


def _is_text(given: object) -> bool:
	return isinstance(given, str) and 0 < len(given.strip()) <= 4000


def _is_key(given: object) -> bool:
	return isinstance(given, str) and len(given) <= 1 and given in KEYS


def _is_sip_code(given: object) -> bool:
	return given is None or (isinstance(given, int) and 400 <= given <= 699)


def _are_keys_for_words(given: object) -> bool:
	return isinstance(given, dict) and all(
		_is_text(words) and isinstance(keys, str) and set(keys) <= set(KEYS) for words, keys in given.items()
	)


SHAPES: dict[str, tuple[Callable[[object], bool], str]] = {
	"says": (_are_spoken, "a list of whole seconds or words"),
	"finishes_with": (_is_key, "one key or none"),
	"when": (_are_keys_for_words, "keys by the words that ask for them"),
	"leaves_at": (_is_text, "words"),
	"sip_code": (_is_sip_code, "400 to 699"),
}


def _check_texting(text: dict[str, Any]) -> None:
	if unknown := set(text) - set(Texting.__dataclass_fields__):
		raise ValueError(f"texting has no {', '.join(sorted(unknown))}")
	_one_of("delivery", text.get("delivery", "delivered"), DELIVERIES)
	if text.get("error") is not None and not is_code(text["error"]):
		raise ValueError(f"error cannot be {text['error']!r}")


def _one_of(name: str, value: object, allowed: Any) -> None:
	if value not in allowed:
		raise ValueError(f"{name} cannot be {value!r}; it is one of {', '.join(map(str, allowed))}")
