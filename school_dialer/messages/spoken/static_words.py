"""Words that need nothing from this site.

The carrier plays them from its own URL if the site does not respond.

They are the same for every recipient, so they reveal nothing about anyone: who called, how to stop it, that
there is a message, and the number to call. Pure Python.
"""

from collections.abc import Iterable

from school_dialer.messages.language import base
from school_dialer.messages.model import School
from school_dialer.messages.phrases import language_for
from school_dialer.messages.phrases import languages as known
from school_dialer.messages.spoken.speaker import Speaker
from school_dialer.messages.spoken.voices import VOICES


def twiml(school: School, more: Iterable[str] = ()) -> str:
	"""Return the words in the school's language, then in each of ``more`` that the system supports.

	Raises `SchoolIncomplete`. The way to stop the calls is a number and not a key, because nothing listens
	for a key.
	"""
	first = language_for(school.language)
	others = [language_for(code) for code in more if code in known() or base(code) in known()]
	speaker = Speaker(school, first, VOICES)
	for language in dict.fromkeys([first, *others]):
		speaker.language = language
		speaker.say_phrase(speaker.response, "identity", identity=speaker.identity)
		speaker.say_phrase(speaker.response, "voicemail_stop", number=speaker.number)
		speaker.say_phrase(speaker.response, "voicemail")
		speaker.say_phrase(speaker.response, "call_back", number=speaker.number)
	speaker.response.hangup()
	return speaker.xml()
