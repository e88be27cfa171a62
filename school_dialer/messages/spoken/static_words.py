"""Words that need nothing of this site: what the carrier says from an address of its own when the site does not answer. Pure Python.

They are the same for everybody, so they tell of nobody: who called, how to stop it, that there is a message, the number to call.
"""

from collections.abc import Iterable

from school_dialer.messages.language import base
from school_dialer.messages.model import School
from school_dialer.messages.phrases import language_for
from school_dialer.messages.phrases import languages as known
from school_dialer.messages.spoken.speaker import Speaker
from school_dialer.messages.spoken.voices import VOICES


def twiml(school: School, more: Iterable[str] = ()) -> str:
	"""In the school's language, and then in each of ``more`` that the system knows. Raises `SchoolIncomplete`.

	The way to stop the calls is a number and no key: there is nobody to hear a key.
	"""
	first = language_for(school.language)
	others = [language_for(one) for one in more if one in known() or base(one) in known()]
	speaker = Speaker(school, first, VOICES)
	for language in dict.fromkeys([first, *others]):
		speaker.language = language
		speaker.say_phrase(speaker.response, "identity", identity=speaker.identity)
		speaker.say_phrase(speaker.response, "voicemail_stop", number=speaker.number)
		speaker.say_phrase(speaker.response, "voicemail")
		speaker.say_phrase(speaker.response, "call_back", number=speaker.number)
	speaker.response.hangup()
	return speaker.xml()
