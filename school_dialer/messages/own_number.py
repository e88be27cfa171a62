"""What a person hears or reads who proves a phone by a code: a user of the Desk, or a family. Pure Python."""

from school_dialer.messages.model import School
from school_dialer.messages.phrases import language_for, phrase
from school_dialer.messages.spoken.speaker import Speaker
from school_dialer.messages.spoken.voices import VOICES
from school_dialer.messages.text import framed

TIMES = 3
"""How many times a call says the code."""


OWN_NUMBER = "own_number_code"


def text(school: School, language: str, code: str, key: str = OWN_NUMBER) -> str:
	"""Return the text with the code. `key` is the phrase that says what the code is for."""
	return framed(school, phrase(key, language_for(language, school.language), code=code))


def twiml(school: School, language: str, code: str, key: str = OWN_NUMBER) -> str:
	"""Return TwiML that says the digits one by one."""
	speaker = Speaker(school, language, VOICES)
	speaker.say_phrase(speaker.response, "identity", identity=speaker.identity)
	for _time in range(TIMES):
		speaker.say_phrase(speaker.response, key, code=", ".join(code))
	return speaker.goodbye()
