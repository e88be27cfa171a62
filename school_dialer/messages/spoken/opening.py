"""How every call begins, so the school can hear it before anyone else does. Pure Python."""

from dataclasses import dataclass

from school_dialer.messages.language import direction
from school_dialer.messages.model import School
from school_dialer.messages.phrases import languages
from school_dialer.messages.spoken.speaker import Speaker, sentences
from school_dialer.messages.spoken.voices import VOICES, voice_for


@dataclass(frozen=True, slots=True)
class Opening:
	"""The opening in one language.

	``sentences`` are in order; ``voice`` is the carrier's name of the voice; ``direction`` is "ltr" or "rtl".
	"""

	language: str
	sentences: tuple[str, ...]
	voice: str
	direction: str


def openings(school: School) -> list[Opening]:
	"""Return the opening in each language calls can open in, the school's own first.

	Raises `SchoolIncomplete`.
	"""
	ordered = sorted(languages(), key=lambda language: (language != school.language, language))
	return [opening(school, language) for language in ordered]


def opening(school: School, language: str) -> Opening:
	speaker = Speaker(school, language, VOICES)
	speaker.say_phrase(speaker.response, "identity", identity=speaker.identity)
	speaker.say_phrase(speaker.response, "stop_key")
	spoken = voice_for(speaker.language)
	return Opening(
		speaker.language,
		tuple(sentences(speaker.xml())),
		spoken.name if spoken else "",
		direction(speaker.language),
	)
