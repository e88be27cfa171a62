"""What a user hears or reads when verifying their own phone. Pure Python."""

from school_dialer.messages.model import School
from school_dialer.messages.phrases import language_for, phrase
from school_dialer.messages.spoken.speaker import Speaker
from school_dialer.messages.spoken.voices import VOICES
from school_dialer.messages.text import framed

TIMES = 3
"""How many times a call says the code."""


def text(school: School, language: str, code: str) -> str:
	return framed(school, phrase("own_number_code", language_for(language, school.language), code=code))


def twiml(school: School, language: str, code: str) -> str:
	"""Return TwiML that says the digits one by one."""
	speaker = Speaker(school, language, VOICES)
	speaker.say_phrase(speaker.response, "identity", identity=speaker.identity)
	for _time in range(TIMES):
		speaker.say_phrase(speaker.response, "own_number_code", code=", ".join(code))
	speaker.say_phrase(speaker.response, "goodbye")
	speaker.response.hangup()
	return speaker.xml()
