"""Builds one TwiML response: which sentence is spoken in which voice. Pure Python with twilio's builder."""

from collections.abc import Mapping
from urllib.parse import quote
from xml.etree import ElementTree

from twilio.twiml.voice_response import Gather, VoiceResponse

from school_dialer.base.wording import Wording as _
from school_dialer.messages.model import NotForChannel, School, SchoolIncomplete, Voice
from school_dialer.messages.phrases import language_for, phrase
from school_dialer.messages.speech import say_digits
from school_dialer.messages.spoken.seconds import spoken_seconds
from school_dialer.messages.spoken.voices import voice_for
from school_dialer.messages.template.values import clean, without_emoji

ANSWER_SECONDS = 5
RECORD_SECONDS = 60
PLAYED = "▶ …"
"""Placeholder for a recording where sentences are displayed."""
SAY_BYTES, SAY_ENCODED = 2_800, 4_200
"""Below the carrier's limits for one <Say>: 3,000 bytes of Polly text, 4,500 characters URL-encoded (error
13521).
"""


class Speaker:
	"""Builds one response.

	Phrases are in the person's language if the system supports it, so that everyone understands who is
	calling and how to stop it, even when the body exists only in another language. ``seconds`` is roughly how
	long everything said so far takes.
	"""

	def __init__(self, school: School, language: str, voices: Mapping[str, Voice], body_language: str = ""):
		self.identity = without_emoji(clean(school.identity or school.name)).strip()
		if not self.identity or not any(character.isdigit() for character in school.call_back_number or ""):
			raise SchoolIncomplete(
				_("Set the spoken caller identity and the call-back number in Dialer Settings first.")
			)
		self.number = say_digits(clean(school.call_back_number))
		self.opt_out_number = say_digits(clean(school.opt_out_number)) or self.number
		self.language = language_for(language, body_language, school.language)
		self.voices = {**voices, **dict(school.voices)}
		self.response = VoiceResponse()
		self.seconds = 0.0

	def gather(self, keypress_url: str, digits: int = 1) -> Gather:
		"""Listen for at most this many keys. More than one end with # or with silence."""
		several = {} if digits == 1 else {"finish_on_key": "#"}
		return self.response.gather(
			input="dtmf",
			num_digits=digits,
			timeout=ANSWER_SECONDS,
			action=keypress_url,
			method="POST",
			**several,
		)

	def record(self, action_url: str, most_seconds: int = RECORD_SECONDS, ready_url: str = "") -> None:
		"""Record an answer. Any key ends the recording, so that the opt-out keys keep working.

		The carrier requests ``ready_url``, if there is one, when the recording can be fetched.
		"""
		ready = {"recording_status_callback": ready_url, "recording_status_callback_method": "POST"}
		self.response.record(
			action=action_url,
			method="POST",
			max_length=most_seconds,
			timeout=ANSWER_SECONDS,
			finish_on_key="0123456789*#",
			play_beep=True,
			trim="trim-silence",
			**(ready if ready_url else {}),
		)

	def say(self, parent, text: str, language: str) -> None:
		voice = voice_for(language, self.voices)
		if voice is None:
			raise NotForChannel(_("No voice speaks the language {0}.", language))
		for part in _parts(text):
			parent.say(part, voice=voice.name, language=voice.language)
		self.seconds += spoken_seconds(text)

	def play(self, parent, url: str, seconds: float) -> None:
		parent.play(url)
		self.seconds += seconds

	def say_phrase(self, parent, key: str, **values: str) -> None:
		self.say(parent, phrase(key, self.language, **values), self.language)

	def goodbye(self) -> str:
		"""Say goodbye and hang up. Return the TwiML."""
		self.say_phrase(self.response, "goodbye")
		self.response.hangup()
		return self.xml()

	def xml(self) -> str:
		return self.response.to_xml()


def _parts(text: str) -> list[str]:
	"""Split the text into pieces that fit one <Say>, after sentences or words where possible."""
	parts = []
	while text:
		end = _fitting(text)
		if end < len(text):
			breaks = [text.rfind(mark, 0, end) + len(mark) for mark in (". ", "。", "؟ ", "! ", "? ", " ")]
			end = next((place for place in breaks if place > end // 2), end)
		parts.append(text[:end].strip())
		text = text[end:].strip()
	return parts


def _fitting(text: str) -> int:
	"""Return how much of the text fits one <Say>.

	A character takes at most 4 bytes, 12 characters URL-encoded.
	"""
	end = len(text)
	if end * 12 <= SAY_ENCODED:
		return end
	while len(text[:end].encode()) > SAY_BYTES or len(quote(text[:end])) > SAY_ENCODED:
		end = end * 3 // 4
	return end


def sentences(twiml: str) -> list[str]:
	"""Return what a response says, in order, for previews and for reading a demo's log."""
	steps = ElementTree.fromstring(twiml).iter()
	return [
		PLAYED if step.tag == "Play" else step.text or "" for step in steps if step.tag in ("Say", "Play")
	]
