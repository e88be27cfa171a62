"""What is heard: TwiML for a person who answers, for a voicemail, and for each key. Pure Python and twilio's builder.

The order is the law's (47 CFR 64.1200(b), and 34 CFR 99.31(c) for who is told): identity, the opt-out key at once after
it, a confirmation when the body is an educational record, the body, a number to call back. `linter.check_twiml` verifies it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from school_dialer.messages import language as languages
from school_dialer.messages.language import base
from school_dialer.messages.model import (
	EDUCATIONAL,
	VOICE,
	VOICEMAIL,
	MissingData,
	NotForChannel,
	Outgoing,
	School,
	Words,
	most_sensitive,
)
from school_dialer.messages.phrases import languages as phrase_languages
from school_dialer.messages.render import Rendered, render
from school_dialer.messages.speaker import Speaker
from school_dialer.messages.syntax import parse
from school_dialer.messages.values import clean, without_emoji
from school_dialer.messages.voices import VOICES, Voice

CONFIRM_KEY, REPEAT_KEY, STOP_KEY = "1", "2", "9"
STOP_SCOPES = {STOP_KEY: "all non-emergency", "7": "this purpose", "8": "everything"}
"""Each of these keys ends the call. The first is told at once, the others after the message."""
_STOPPED = {
	"all non-emergency": "opted_out",
	"this purpose": "opted_out_purpose",
	"everything": "opted_out_everything",
}
OPT_OUT, CONFIRMED, REPEATED, UNKNOWN = "opt out", "confirmed", "repeated", "unknown"
ACKNOWLEDGED = "acknowledged"
GENERIC, FULL = "Generic", "Full"
HUMAN = ("", "human")
UNSURE = "unknown"


@dataclass(frozen=True, slots=True)
class Spoken:
	"""``content`` and ``fields`` are for the call log: Generic tells nothing of a record. Keep them, not the TwiML."""

	twiml: str
	content: str
	fields: tuple[str, ...] = ()
	language: str = ""
	fell_back: bool = False


@dataclass(frozen=True, slots=True)
class KeyAnswer:
	"""``action``: OPT_OUT of ``scope`` (record it before answering), CONFIRMED (remember it for the next key), REPEATED,
	ACKNOWLEDGED, UNKNOWN."""

	action: str
	spoken: Spoken
	scope: str = ""


def answer_twiml(
	outgoing: Outgoing, keypress_url: str, answered_by: str = "", *, voices: Mapping[str, Voice] = VOICES
) -> Spoken:
	"""What to say to whoever picked up. ``answered_by`` is the carrier's word: "" when it did not listen for machines.

	A machine or a fax gets the voicemail; an answerer it could not tell must press the confirmation key first.
	"""
	if answered_by in HUMAN:
		return voice_twiml(outgoing, keypress_url, voices=voices)
	if answered_by == UNSURE:
		return _gate(outgoing, keypress_url, voices)
	return voicemail_twiml(outgoing, voices=voices)


def voice_twiml(outgoing: Outgoing, keypress_url: str, *, voices: Mapping[str, Voice] = VOICES) -> Spoken:
	"""For a person who answers. An educational body stays behind the confirmation key.

	Raises `MessageError`: `MissingData`, `TemplateError`, `NotForChannel` (no words to speak), `SchoolIncomplete`.
	"""
	body, choice = _body(outgoing)
	if is_educational(outgoing, body.fields):
		return _gate(outgoing, keypress_url, voices)
	speaker = _speaker(outgoing, voices)
	gather = speaker.gather(keypress_url)
	speaker.say_phrase(gather, "identity", identity=speaker.identity)
	speaker.say_phrase(gather, _stop_phrase(outgoing))
	_say_body(speaker, gather, body, choice.words.language, outgoing.acknowledge)
	speaker.say_phrase(speaker.response, "goodbye")
	speaker.response.hangup()
	return Spoken(speaker.xml(), FULL, body.fields, choice.words.language, choice.fell_back)


def confirmed_twiml(outgoing: Outgoing, keypress_url: str, *, voices: Mapping[str, Voice] = VOICES) -> Spoken:
	"""After the confirmation key: the body at once, then the keys again."""
	body, choice = _body(outgoing)
	speaker = _speaker(outgoing, voices)
	gather = speaker.gather(keypress_url)
	_say_body(speaker, gather, body, choice.words.language, outgoing.acknowledge)
	speaker.say_phrase(gather, _stop_phrase(outgoing))
	speaker.say_phrase(speaker.response, "goodbye")
	speaker.response.hangup()
	return Spoken(speaker.xml(), FULL, body.fields, choice.words.language, choice.fell_back)


def voicemail_twiml(outgoing: Outgoing, *, voices: Mapping[str, Voice] = VOICES) -> Spoken:
	"""For a machine, a fax or an unknown answerer: the generic words, never an educational field, and the number twice.

	A language without voicemail words of its own gets the system's sentence in that language.
	"""
	speaker = _speaker(outgoing, voices)
	speaker.say_phrase(speaker.response, "identity", identity=speaker.identity)
	speaker.say_phrase(speaker.response, "voicemail_stop", number=speaker.number)
	words = _voicemail_words(outgoing)
	fields: tuple[str, ...] = ()
	if words is None:
		speaker.say_phrase(speaker.response, "voicemail")
	else:
		rendered = render(words.voicemail, outgoing.values, outgoing.fields, words.language, VOICEMAIL)
		refuse_educational(outgoing, rendered.fields, VOICEMAIL)
		fields = rendered.fields
		speaker.say(speaker.response, rendered.text, words.language)
	speaker.say_phrase(speaker.response, "call_back", number=speaker.number)
	speaker.response.hangup()
	return Spoken(speaker.xml(), GENERIC, fields, words.language if words else speaker.language)


def keypress_twiml(
	outgoing: Outgoing,
	keypress_url: str,
	digits: str,
	*,
	confirmed: bool = False,
	heard: bool = False,
	voices: Mapping[str, Voice] = VOICES,
) -> KeyAnswer:
	"""The answer to a key. ``confirmed``: this call has had the confirmation key before. ``heard``: the body was said."""
	key = digits.strip()[:1]
	if key in STOP_SCOPES:
		scope = STOP_SCOPES[key]
		said = opted_out_twiml(outgoing.school, outgoing.language, scope, voices=voices)
		return KeyAnswer(OPT_OUT, Spoken(said, GENERIC), scope)
	sensitive = is_educational(outgoing, _body_fields(outgoing))
	if key == CONFIRM_KEY and heard and outgoing.acknowledge:
		return KeyAnswer(ACKNOWLEDGED, _acknowledged(outgoing, voices))
	if key == CONFIRM_KEY:
		return KeyAnswer(CONFIRMED, confirmed_twiml(outgoing, keypress_url, voices=voices))
	if key == REPEAT_KEY:
		again = confirmed_twiml if sensitive and confirmed else voice_twiml
		return KeyAnswer(REPEATED, again(outgoing, keypress_url, voices=voices))
	speaker = _speaker(outgoing, voices)
	gather = speaker.gather(keypress_url)
	speaker.say_phrase(gather, "unknown_key")
	if sensitive and not confirmed:
		speaker.say_phrase(gather, "gate_again", person=_person(outgoing))
	else:
		speaker.say_phrase(gather, "again")
	speaker.say_phrase(gather, _stop_phrase(outgoing))
	speaker.say_phrase(speaker.response, "goodbye")
	speaker.response.hangup()
	return KeyAnswer(UNKNOWN, Spoken(speaker.xml(), GENERIC))


def opted_out_twiml(
	school: School,
	language: str = "",
	scope: str = "all non-emergency",
	*,
	voices: Mapping[str, Voice] = VOICES,
) -> str:
	"""Said once the opt-out is in the ledger; it ends the call (64.1200(b)(3))."""
	speaker = Speaker(school, language, voices)
	speaker.say_phrase(speaker.response, _STOPPED[scope])
	speaker.response.hangup()
	return speaker.xml()


def unavailable_twiml(school: School, language: str = "", *, voices: Mapping[str, Voice] = VOICES) -> str:
	"""When the message cannot be made for this person after all: who called, and where to ask."""
	speaker = Speaker(school, language, voices)
	speaker.say_phrase(speaker.response, "identity", identity=speaker.identity)
	speaker.say_phrase(speaker.response, "unavailable")
	speaker.say_phrase(speaker.response, "call_back", number=speaker.number)
	speaker.response.hangup()
	return speaker.xml()


def inbound_twiml(
	school: School, keypress_url: str, language: str = "", *, voices: Mapping[str, Voice] = VOICES
) -> str:
	"""For a person who calls the sending number: whose it is, the opt-out key, and where people answer."""
	speaker = Speaker(school, language, voices)
	gather = speaker.gather(keypress_url)
	speaker.say_phrase(gather, "inbound", identity=speaker.identity)
	speaker.say_phrase(gather, "inbound_stop")
	speaker.say_phrase(gather, "call_back", number=speaker.number)
	speaker.say_phrase(speaker.response, "goodbye")
	speaker.response.hangup()
	return speaker.xml()


def check(outgoing: Outgoing) -> None:
	"""Raise the `MessageError` that `voice_twiml`, `confirmed_twiml` or `voicemail_twiml` would, writing none of them."""
	body, choice = _body(outgoing)
	if is_educational(outgoing, body.fields):
		_person(outgoing)
	_check_voices(outgoing.school, outgoing.language, choice.words.language)
	if words := _voicemail_words(outgoing):
		rendered = render(words.voicemail, outgoing.values, outgoing.fields, words.language, VOICEMAIL)
		refuse_educational(outgoing, rendered.fields, VOICEMAIL)
		_check_voices(outgoing.school, outgoing.language, words.language)


@lru_cache(maxsize=512)
def _check_voices(school: School, language: str, body_language: str) -> None:
	"""The school's sentences, and words in the body's language, can be spoken to somebody of this language."""
	speaker = Speaker(school, language, VOICES, body_language)
	for spoken in (speaker.language, body_language):
		speaker.say(speaker.response, "", spoken)


def is_educational(outgoing: Outgoing, names: tuple[str, ...]) -> bool:
	used = [outgoing.fields[name] for name in names if name in outgoing.fields]
	return most_sensitive(used, outgoing.template.purpose) == EDUCATIONAL


def refuse_educational(outgoing: Outgoing, names: tuple[str, ...], variant: str) -> None:
	for name in names:
		if is_educational(outgoing, (name,)):
			raise NotForChannel(f"{name} is part of an educational record and must not be in a {variant}.")


def _gate(outgoing: Outgoing, keypress_url: str, voices: Mapping[str, Voice]) -> Spoken:
	person, choice = _person(outgoing), _choice(outgoing)
	speaker = _speaker(outgoing, voices)
	gather = speaker.gather(keypress_url)
	speaker.say_phrase(gather, "identity", identity=speaker.identity)
	speaker.say_phrase(gather, _stop_phrase(outgoing))
	speaker.say_phrase(gather, "gate", person=person)
	speaker.say_phrase(speaker.gather(keypress_url), "gate_again", person=person)
	speaker.say_phrase(speaker.response, "voicemail")
	speaker.say_phrase(speaker.response, "call_back", number=speaker.number)
	speaker.response.hangup()
	return Spoken(speaker.xml(), GENERIC, (), choice.words.language, choice.fell_back)


def _acknowledged(outgoing: Outgoing, voices: Mapping[str, Voice]) -> Spoken:
	speaker = _speaker(outgoing, voices)
	speaker.say_phrase(speaker.response, "acknowledged")
	speaker.response.hangup()
	return Spoken(speaker.xml(), FULL)


def _say_body(speaker: Speaker, parent, body: Rendered, language: str, acknowledge: bool) -> None:
	speaker.say(parent, body.text, language)
	if acknowledge:
		speaker.say_phrase(parent, "acknowledge")
	speaker.say_phrase(parent, "call_back", number=speaker.number)
	speaker.say_phrase(parent, "again")
	speaker.say_phrase(parent, "stop_menu")


def _body(outgoing: Outgoing) -> tuple[Rendered, languages.Choice]:
	choice = _choice(outgoing)
	words = choice.words
	return render(words.voice, outgoing.values, outgoing.fields, words.language, VOICE), choice


def _body_fields(outgoing: Outgoing) -> tuple[str, ...]:
	return parse(_choice(outgoing).words.voice).fields


def _speaker(outgoing: Outgoing, voices: Mapping[str, Voice]) -> Speaker:
	return Speaker(outgoing.school, outgoing.language, voices, _choice(outgoing).words.language)


def _choice(outgoing: Outgoing) -> languages.Choice:
	choice = languages.choose(
		outgoing.template.translations, outgoing.language, outgoing.school.language, VOICE
	)
	if choice is None:
		raise NotForChannel("The template has no words to speak.")
	return choice


def _voicemail_words(outgoing: Outgoing) -> Words | None:
	choice = languages.choose(
		outgoing.template.translations, outgoing.language, outgoing.school.language, VOICEMAIL
	)
	if choice is None or (choice.fell_back and base(outgoing.language) in phrase_languages()):
		return None
	return choice.words


def _stop_phrase(outgoing: Outgoing) -> str:
	return "stop_key_emergency" if outgoing.template.purpose == "Emergency" else "stop_key"


def _person(outgoing: Outgoing) -> str:
	name = without_emoji(clean(outgoing.person_name)).strip()
	if not name:
		raise MissingData("recipient_name")
	return name
