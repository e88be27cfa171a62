"""What a member of staff hears before they are connected to a family, and the words they may say to it.

Pure Python. The family hears the member of staff, and no machine.
"""

from dataclasses import dataclass
from datetime import datetime

from twilio.twiml.voice_response import Dial, VoiceResponse

from school_dialer.compliance.permit import Permit
from school_dialer.messages import language as languages
from school_dialer.messages.model import VOICE, Outgoing, School
from school_dialer.messages.render import render
from school_dialer.messages.spoken.speaker import Speaker
from school_dialer.messages.spoken.voices import VOICES

CONNECT_KEY = "1"
LONGEST_TALK = 3600
"""Seconds."""
EVENTS = "initiated ringing answered completed"


@dataclass(frozen=True, slots=True)
class Words:
	"""What the campaign says, in one language. `text` is "" if it has only a recording."""

	language: str
	text: str


def ask_twiml(school: School, language: str, key_url: str) -> str:
	"""Return the whisper: a call to a family, press 1. It names no one, and hangs up on a voicemail."""
	speaker = Speaker(school, language, VOICES)
	speaker.say_phrase(speaker.gather(key_url), "manual_press")
	speaker.say_phrase(speaker.gather(key_url), "manual_press")
	speaker.response.hangup()
	return speaker.xml()


def refused_twiml(school: School, language: str) -> str:
	speaker = Speaker(school, language, VOICES)
	speaker.say_phrase(speaker.response, "manual_refused")
	speaker.response.hangup()
	return speaker.xml()


def connect_twiml(permit: Permit, at: datetime, ring: int, end_url: str, status_url: str) -> str:
	"""Return the document that dials the family. It spends the permit, at `at` (aware).

	Raises `compliance.permit.NotPermitted`. `ring` is how many seconds the phone may ring.
	"""
	permit.spend(at)
	response = VoiceResponse()
	dial = Dial(
		caller_id=permit.sender,
		timeout=ring,
		time_limit=LONGEST_TALK,
		action=end_url,
		method="POST",
	)
	dial.number(
		permit.to,
		status_callback=status_url,
		status_callback_method="POST",
		status_callback_event=EVENTS,
	)
	response.append(dial)
	return response.to_xml()


def script_of(outgoing: Outgoing, language: str = "") -> Words | None:
	"""Return the campaign's words for one person to be read aloud, in this language if they exist in it.

	`language` is by default the person's own. None if the template has no words to speak. Raises
	`MessageError`, as `MissingData`.
	"""
	choice = languages.choose(
		outgoing.template.translations, language or outgoing.language, outgoing.school.language, VOICE
	)
	if choice is None:
		return None
	words = choice.words
	text = render(words.voice, outgoing.values, outgoing.fields, words.language, VOICE).text
	return Words(words.language, text)
