"""What a person hears who calls the school's number: the menu, and generic words on the last message.

Pure Python. Anyone may hold the phone, and a caller's number may be forged, so nothing here is about a person
or a record.
"""

from twilio.twiml.voice_response import VoiceResponse

from school_dialer.messages.model import PUBLIC, MessageError, Outgoing, School
from school_dialer.messages.spoken import voice
from school_dialer.messages.spoken.menu_state import ASK, HEARD, UNKNOWN, Offers
from school_dialer.messages.spoken.speaker import Speaker
from school_dialer.messages.spoken.voices import VOICES

LONGEST_NUMBER = 15
"""Digits of a telephone number (ITU-T E.164)."""


def menu_twiml(
	school: School,
	language: str,
	stage: str,
	offers: Offers,
	key_url: str,
	last: tuple[str, str] | None = None,
) -> str:
	"""Return the menu in this stage.

	The key that stops the calls comes first: voicemail leaves this number for it (47 CFR 64.1200(b)(3)).
	``last`` is (words, language) of the last message, None for generic ones.

	Without an offer that a key could take, it says whose number it is and ends the call.
	"""
	speaker = Speaker(school, language, VOICES)
	if stage == ASK:
		speaker.say_phrase(speaker.gather(key_url, LONGEST_NUMBER), "menu_number")
		return speaker.goodbye()
	stops = offers.stop or offers.asks
	listens = offers.last or offers.absence or offers.office or stops
	parent = speaker.gather(key_url) if listens else speaker.response
	_begin(speaker, parent, stage, last)
	for offered, phrase in (
		(stops, "inbound_stop"),
		(offers.last and stage != HEARD, "menu_last"),
		(offers.absence, "menu_absence"),
		(offers.office, "menu_office"),
	):
		if offered:
			speaker.say_phrase(parent, phrase)
	speaker.say_phrase(parent, "call_back", number=speaker.number)
	return speaker.goodbye()


def _begin(speaker: Speaker, parent, stage: str, last: tuple[str, str] | None) -> None:
	if stage == UNKNOWN:
		speaker.say_phrase(parent, "unknown_key")
	elif stage != HEARD:
		speaker.say_phrase(parent, "inbound", identity=speaker.identity)
	elif last is None:
		speaker.say_phrase(parent, "menu_withheld")
	else:
		speaker.say(parent, *last)


def generic_words(outgoing: Outgoing) -> tuple[str, str] | None:
	"""Return (words, language) of this message's voicemail, or None if they are not the same for everyone.

	Words with a field that is not public, such as the person's own name, and recordings are not given.
	"""
	try:
		words, body = voice.voicemail_body(outgoing)
	except MessageError:
		return None
	private = [name for name in body.fields if outgoing.fields[name].sensitivity != PUBLIC]
	if words is None or body.recording or private or not body.text:
		return None
	return body.text, words.language


def redirect_twiml(url: str) -> str:
	response = VoiceResponse()
	response.redirect(url, method="POST")
	return response.to_xml()
