"""What is said on the way to the office: to the caller, and to the one in the office who picks up.

Pure Python. The person who picks up there hears what the call was about in general, never a name or a
record, and is connected by a key alone: a voicemail or another phone's menu presses none.
"""

from dataclasses import dataclass
from datetime import date, time

from twilio.twiml.voice_response import VoiceResponse

from school_dialer.messages.model import School
from school_dialer.messages.phrases import table
from school_dialer.messages.speech import say_date, say_digits, say_time
from school_dialer.messages.spoken import dial
from school_dialer.messages.spoken.speaker import Speaker
from school_dialer.messages.spoken.voices import VOICES

TAKE_KEY = "1"
MESSAGE_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Hours:
	"""When the office answers: until ``at`` today or, with a ``day``, again from ``at`` on that day."""

	at: time
	day: date | None = None


@dataclass(frozen=True, slots=True)
class Offer:
	"""What a caller who was not connected may do. ``closed``: it is outside the office's hours."""

	hours: Hours
	closed: bool
	records: bool
	returns: bool


def connect_twiml(school: School, language: str, call: dial.Dial) -> str:
	speaker = Speaker(school, language, VOICES)
	speaker.say_phrase(speaker.response, "office_connect")
	dial.add(speaker.response, call)
	return speaker.xml()


def whisper_phrase(about: str) -> str:
	"""Return the key of the words about calls for this purpose; the general ones for any other value."""
	key = f"whisper_{about.lower()}"
	return key if about and key in table("en") else "whisper"


def whisper_twiml(school: School, about: str, key_url: str) -> str:
	"""Return what the office hears before it is connected, in the school's language.

	Without the key it is not connected.
	"""
	speaker = Speaker(school, school.language, VOICES)
	for _time in range(2):
		speaker.say_phrase(speaker.gather(key_url), whisper_phrase(about))
	speaker.response.hangup()
	return speaker.xml()


def bridge_twiml() -> str:
	"""Return the end of a whisper that connects."""
	return VoiceResponse().to_xml()


def offer_twiml(school: School, language: str, offer: Offer, key_url: str, silent: bool = False) -> str:
	"""Return why the caller is not connected, and what they may do. ``silent``: they said nothing."""
	speaker = Speaker(school, language, VOICES)
	listens = offer.records or offer.returns
	parent = speaker.gather(key_url) if listens else speaker.response
	if silent:
		speaker.say_phrase(parent, "dictation_silent")
	elif offer.closed and offer.hours.day:
		when = {
			"time": say_time(offer.hours.at, speaker.language),
			"day": say_date(offer.hours.day, speaker.language),
		}
		speaker.say_phrase(parent, "office_closed", **when)
	else:
		speaker.say_phrase(parent, "office_not_reached")
	if offer.records:
		speaker.say_phrase(parent, "office_message")
	if offer.returns:
		speaker.say_phrase(parent, "office_return")
	speaker.say_phrase(parent, "call_back", number=speaker.number)
	return speaker.goodbye()


def record_twiml(school: School, language: str, take_url: str, ready_url: str) -> str:
	speaker = Speaker(school, language, VOICES)
	speaker.say_phrase(speaker.response, "record_now")
	speaker.record(take_url, MESSAGE_SECONDS, ready_url)
	speaker.say_phrase(speaker.response, "dictation_silent")
	return speaker.goodbye()


def kept_twiml(school: School, language: str, hours: Hours, emergency_number: str = "") -> str:
	"""Return that the message arrived, and when the office answers."""
	speaker = Speaker(school, language, VOICES)
	clock = say_time(hours.at, speaker.language)
	if hours.day:
		day = say_date(hours.day, speaker.language)
		speaker.say_phrase(speaker.response, "text_arrived_closed", time=clock, day=day)
	else:
		speaker.say_phrase(speaker.response, "text_arrived", time=clock)
	if emergency_number:
		speaker.say_phrase(speaker.response, "text_emergency", number=say_digits(emergency_number))
	return speaker.goodbye()


def goodbye_twiml(school: School, language: str) -> str:
	return Speaker(school, language, VOICES).goodbye()


def back_twiml(url: str) -> str:
	"""Return to the call's own words, which are at this URL."""
	response = VoiceResponse()
	response.redirect(url, method="POST")
	return response.to_xml()
