"""TwiML for a person who answers, for a voicemail, and for each key. Pure Python with twilio's builder.

The law sets the order (47 CFR 64.1200(b), and 34 CFR 99.31(c) for who may hear a record): identity, the
opt-out key immediately after, a confirmation if the body is an educational record, the body, a number to call
back. `twiml_rules.check_twiml` verifies it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from twilio.twiml.voice_response import VoiceResponse

from school_dialer.base.wording import Wording
from school_dialer.base.wording import Wording as _
from school_dialer.messages import language as languages
from school_dialer.messages.language import base
from school_dialer.messages.model import (
	EDUCATIONAL,
	VOICE,
	VOICEMAIL,
	NotForChannel,
	Outgoing,
	RecordingMissing,
	School,
	Words,
	most_sensitive,
)
from school_dialer.messages.phrases import languages as phrase_languages
from school_dialer.messages.sensitivity import student_records
from school_dialer.messages.sound import recorded
from school_dialer.messages.sound.recorded import Body
from school_dialer.messages.spoken import call_script, ivr_state, question
from school_dialer.messages.spoken.ivr_state import Move, Script
from school_dialer.messages.spoken.speaker import Speaker
from school_dialer.messages.spoken.voices import VOICES, Voice
from school_dialer.messages.template.syntax import parse

_STOPPED = {
	"all non-emergency": "opted_out",
	"this purpose": "opted_out_purpose",
	"this school": "opted_out_school",
	"everything": "opted_out_everything",
}
GENERIC, FULL = "Generic", "Full"
HUMAN = ("", "human")
UNSURE = "unknown"


@dataclass(frozen=True, slots=True)
class Spoken:
	"""The TwiML of one step of a call, with what the call log keeps.

	``content`` and ``fields`` go into the call log; Generic reveals nothing from a record. Store them, not
	the TwiML.

	``seconds`` is roughly how long the listener must stay on the line: to the end of the body, or of the
	question that comes before it. For a voicemail, it is to the end of its words.
	"""

	twiml: str
	content: str
	fields: tuple[str, ...] = ()
	language: str = ""
	fell_back: bool = False
	seconds: float = 0.0


def answer_twiml(
	outgoing: Outgoing, keypress_url: str, answered_by: str = "", *, voices: Mapping[str, Voice] = VOICES
) -> Spoken:
	"""Return what to say once a call is answered.

	``answered_by`` is the carrier's value, "" if it did not use answering-machine detection. A machine or a
	fax gets the voicemail. An `UNSURE` answer is taken for a person's: only records wait for a key, and five
	seconds of silence after the pick-up keep no one from the other messages.
	"""
	if not is_person(answered_by):
		return voicemail_twiml(outgoing, voices=voices)
	begun = ivr_state.begin_call(ivr_state.State(), script_of(outgoing), gated=gated(outgoing))
	return opening_twiml(outgoing, begun.stage, keypress_url, voices=voices)


def voice_twiml(outgoing: Outgoing, keypress_url: str, *, voices: Mapping[str, Voice] = VOICES) -> Spoken:
	"""Return the TwiML for a person who answers.

	An educational body stays behind the confirmation key or the PIN.

	Raises `MessageError`: `MissingData`, `TemplateError`, `NotForChannel` (no words to speak),
	`SchoolIncomplete`.
	"""
	return answer_twiml(outgoing, keypress_url, voices=voices)


def opening_twiml(
	outgoing: Outgoing, stage: str, keypress_url: str, *, voices: Mapping[str, Voice] = VOICES
) -> Spoken:
	"""Return the first words of a call that begins in this stage of the dialog."""
	if stage != ivr_state.MESSAGE:
		return _gate(outgoing, stage, keypress_url, voices)
	body, choice = _body(outgoing)
	speaker = _speaker(outgoing, voices)
	gather = speaker.gather(keypress_url)
	speaker.say_phrase(gather, "identity", identity=speaker.identity)
	speaker.say_phrase(gather, call_script.stop_phrase(outgoing))
	return _said(speaker, gather, body, choice, outgoing)


def confirmed_twiml(outgoing: Outgoing, keypress_url: str, *, voices: Mapping[str, Voice] = VOICES) -> Spoken:
	"""Return what follows the confirmation: the body at once, then the keys again."""
	body, choice = _body(outgoing)
	speaker = _speaker(outgoing, voices)
	gather = speaker.gather(keypress_url)
	return _said(speaker, gather, body, choice, outgoing, call_script.stop_phrase(outgoing))


def _said(
	speaker: Speaker, gather, body: Body, choice: languages.Choice, outgoing: Outgoing, more: str = ""
) -> Spoken:
	"""Say the body and the goodbye. ``more`` is the key of a phrase between them."""
	seconds = call_script.say_body(speaker, gather, body, choice.words.language, outgoing)
	if more:
		speaker.say_phrase(gather, more)
	return Spoken(
		speaker.goodbye(), _content(outgoing), body.fields, choice.words.language, choice.fell_back, seconds
	)


def voicemail_twiml(
	outgoing: Outgoing, end_url: str = "", join_url: str = "", *, voices: Mapping[str, Voice] = VOICES
) -> Spoken:
	"""Return the TwiML for a machine or a fax.

	It has the generic words, never an educational field, the number for stopping the calls and the one to
	call back. A language without voicemail words of its own gets the system's sentence in that language. The
	carrier requests ``end_url`` after the last word, but not if the line was cut before.

	A phone that screens calls is taken for a machine, and a person may hear it or join. With ``join_url``
	they can press a key to hear the message themselves.
	"""
	speaker = _speaker(outgoing, voices)
	parent = speaker.gather(join_url) if join_url else speaker.response
	speaker.say_phrase(parent, "identity", identity=speaker.identity)
	speaker.say_phrase(parent, "voicemail_stop", number=speaker.opt_out_number)
	words, body = voicemail_body(outgoing)
	if words is None:
		speaker.say_phrase(parent, "voicemail")
	else:
		call_script.say_and_play(speaker, parent, body, words.language, outgoing)
	if join_url:
		speaker.say_phrase(parent, "voicemail_join")
	speaker.say_phrase(parent, "call_back", number=speaker.number)
	if end_url:
		speaker.response.redirect(end_url, method="POST")
	else:
		speaker.response.hangup()
	language = words.language if words else speaker.language
	return Spoken(speaker.xml(), GENERIC, body.fields, language, seconds=speaker.seconds)


def hang_up_twiml() -> str:
	"""Return TwiML that ends the call, when there is nothing more to say or no one left to hear it."""
	response = VoiceResponse()
	response.hangup()
	return response.to_xml()


def reply_twiml(
	outgoing: Outgoing, move: Move, keypress_url: str, *, voices: Mapping[str, Voice] = VOICES
) -> Spoken:
	"""Return the response to a key, given the move the dialog derived from that key.

	An opt-out is recorded before this is spoken.
	"""
	if move.action == ivr_state.OPT_OUT:
		named = outgoing.only_school
		xml = opted_out_twiml(outgoing.school, outgoing.language, move.scope, named, voices=voices)
		return Spoken(xml, GENERIC)
	if move.action == ivr_state.CONFIRMED:
		return confirmed_twiml(outgoing, keypress_url, voices=voices)
	if move.action == ivr_state.REPEATED and move.state.stage != ivr_state.OVER:
		return _repeated(outgoing, move.state.stage, keypress_url, voices)
	speaker = _speaker(outgoing, voices)
	_reply(speaker, outgoing, move, keypress_url)
	full = move.state.stage not in (*ivr_state.UNCONFIRMED, *ivr_state.WITHHELD)
	return Spoken(speaker.goodbye(), _content(outgoing) if full else GENERIC)


def opted_out_twiml(
	school: School,
	language: str = "",
	scope: str = "all non-emergency",
	only_school: str = "",
	*,
	voices: Mapping[str, Voice] = VOICES,
) -> str:
	"""Return what is spoken once the opt-out is in the ledger. It ends the call (64.1200(b)(3))."""
	speaker = Speaker(school, language, voices)
	speaker.say_phrase(speaker.response, _STOPPED[scope], school=call_script.sayable(only_school))
	speaker.response.hangup()
	return speaker.xml()


def unavailable_twiml(school: School, language: str = "", *, voices: Mapping[str, Voice] = VOICES) -> str:
	"""Return what is spoken if the message cannot be made after all: who called, and where to ask."""
	speaker = Speaker(school, language, voices)
	speaker.say_phrase(speaker.response, "identity", identity=speaker.identity)
	speaker.say_phrase(speaker.response, "unavailable")
	speaker.say_phrase(speaker.response, "call_back", number=speaker.number)
	speaker.response.hangup()
	return speaker.xml()


def check_message(outgoing: Outgoing) -> None:
	"""Raise the `MessageError` that making the call would raise, without building any TwiML.

	It covers `voice_twiml`, `confirmed_twiml` and `voicemail_twiml`.
	"""
	body, choice = _body(outgoing)
	if gated(outgoing):
		call_script.person(outgoing)
	_check_voices(outgoing.school, outgoing.language, choice.words.language if body.text else "")
	words, left = voicemail_body(outgoing)
	if words and left.text:
		_check_voices(outgoing.school, outgoing.language, words.language)


@lru_cache(maxsize=512)
def _check_voices(school: School, language: str, body_language: str) -> None:
	"""Raise `NotForChannel` if no voice speaks the school's sentences or the body's language.

	``language`` is the listener's language. Also raises `SchoolIncomplete`.
	"""
	speaker = Speaker(school, language, VOICES, body_language)
	for spoken in filter(None, (speaker.language, body_language)):
		speaker.say(speaker.response, "", spoken)


def body_words(outgoing: Outgoing) -> str:
	"""Return the body alone, once, for who decides about it by keys: the call's own keys mean something else.

	It is "" for a recording. Raises what `check_message` raises.
	"""
	check_message(outgoing)
	body, _choice = _body(outgoing)
	return body.text


def is_person(answered_by: str) -> bool:
	"""Return whether the carrier heard a person, or could not determine who answered."""
	return answered_by in (*HUMAN, UNSURE)


def gated(outgoing: Outgoing) -> bool:
	"""Return whether the listener must first confirm who they are, because the body is a record."""
	template = outgoing.template
	asks_of_record = template.asks and student_records.is_about(template, outgoing.fields)
	if asks_of_record or is_educational(outgoing, _body_fields(outgoing)):
		return True
	return _reveals_records(outgoing, _choice(outgoing).words, VOICE)


def script_of(outgoing: Outgoing) -> Script:
	asked = question.spoken(outgoing)
	recorded = question.SPOKEN_REASON if call_script.is_recorded(outgoing, asked) else 0
	choices = len(asked.labels) if asked else 0
	connects = question.UNAWARE if asked and asked.kind == question.KNEW else 0
	office = call_script.offers_office(outgoing)
	asks, school = (outgoing.pin, outgoing.acknowledge, choices, recorded), bool(outgoing.only_school)
	return Script(*asks, office=office, connects=connects, school=school)


def is_educational(outgoing: Outgoing, names: tuple[str, ...]) -> bool:
	used = [outgoing.fields[name] for name in names if name in outgoing.fields]
	purpose = student_records.judged_as(outgoing.template, outgoing.fields)
	return most_sensitive(used, purpose) == EDUCATIONAL or student_records.details_reveal_records(
		outgoing.values, names
	)


def refuse_educational(outgoing: Outgoing, names: tuple[str, ...], variant: str) -> None:
	for name in names:
		if is_educational(outgoing, (name,)):
			raise NotForChannel(
				_("{0} is part of an educational record and must not be in a {1}.", name, Wording(variant))
			)


def _gate(outgoing: Outgoing, stage: str, keypress_url: str, voices: Mapping[str, Voice]) -> Spoken:
	"""Return who calls, how to stop it, and how to hear the message: by key, PIN or calling back."""
	choice = _choice(outgoing)
	speaker = _speaker(outgoing, voices)
	gather = call_script.listen(speaker, stage, keypress_url)
	speaker.say_phrase(gather, "identity", identity=speaker.identity)
	speaker.say_phrase(gather, call_script.stop_phrase(outgoing))
	if stage in ivr_state.WITHHELD:
		call_script.withhold(speaker, gather)
		call_script.office_key(speaker, gather, outgoing)
	else:
		speaker.say_phrase(
			gather, "gate_pin" if stage == ivr_state.PIN else "gate", person=call_script.person(outgoing)
		)
	seconds = speaker.seconds
	if stage not in ivr_state.WITHHELD:
		call_script.ask_again(speaker, call_script.listen(speaker, stage, keypress_url), outgoing, stage)
		call_script.withhold(speaker, speaker.response)
	speaker.response.hangup()
	return Spoken(speaker.xml(), GENERIC, (), choice.words.language, choice.fell_back, seconds)


def _repeated(outgoing: Outgoing, stage: str, keypress_url: str, voices: Mapping[str, Voice]) -> Spoken:
	if stage in (*ivr_state.UNCONFIRMED, *ivr_state.WITHHELD):
		return opening_twiml(outgoing, stage, keypress_url, voices=voices)
	if gated(outgoing):
		return confirmed_twiml(outgoing, keypress_url, voices=voices)
	return opening_twiml(outgoing, ivr_state.MESSAGE, keypress_url, voices=voices)


def _reply(speaker: Speaker, outgoing: Outgoing, move: Move, keypress_url: str) -> None:
	"""Say everything in the response to a key except the goodbye at its end."""
	stage = move.state.stage
	if move.action == ivr_state.ACKNOWLEDGED:
		speaker.say_phrase(speaker.response, "acknowledged")
	elif move.action == ivr_state.LISTEN:
		speaker.say_phrase(speaker.response, "record_now")
		speaker.record(keypress_url)
	elif stage != ivr_state.OVER:
		gather = call_script.listen(speaker, stage, keypress_url)
		if move.action == ivr_state.ANSWER:
			call_script.noted(speaker, gather, outgoing, move.answer)
		elif move.action == ivr_state.INFORM_OF_RECORDING:
			speaker.say_phrase(gather, "record_told")
		elif move.action == ivr_state.WITHHOLD:
			call_script.withhold(speaker, gather)
			call_script.office_key(speaker, gather, outgoing)
		else:
			speaker.say_phrase(gather, "pin_wrong" if move.action == ivr_state.NOT_THE_PIN else "unknown_key")
			call_script.ask_again(speaker, gather, outgoing, stage)
		speaker.say_phrase(gather, call_script.stop_phrase(outgoing))


def _reveals_records(outgoing: Outgoing, words: Words, variant: str) -> bool:
	"""Return whether the words reveal a record without using a field, or the recording holds one."""
	purpose = student_records.judged_as(outgoing.template, outgoing.fields)
	return student_records.reveals_records(words.variant(variant), words.language) or recorded.is_educational(
		words, variant, purpose
	)


def _content(outgoing: Outgoing) -> str:
	"""Return the content class of a spoken body.

	A listener without a translation of a record hears generic words in its place.
	"""
	return GENERIC if outgoing.withheld else FULL


def _body(outgoing: Outgoing) -> tuple[Body, languages.Choice]:
	if outgoing.withheld:
		_body(outgoing.withheld)
	choice = _choice(outgoing)
	return recorded.body(outgoing, choice.words, VOICE), choice


def _body_fields(outgoing: Outgoing) -> tuple[str, ...]:
	return parse(_choice(outgoing).words.voice).fields


def _speaker(outgoing: Outgoing, voices: Mapping[str, Voice]) -> Speaker:
	return Speaker(outgoing.school, outgoing.language, voices, _choice(outgoing).words.language)


def _choice(outgoing: Outgoing) -> languages.Choice:
	choice = languages.choose(
		outgoing.template.translations, outgoing.language, outgoing.school.language, VOICE
	)
	if choice is None:
		raise NotForChannel(_("The template has no words to speak."))
	return choice


def voicemail_body(outgoing: Outgoing) -> tuple[Words | None, Body]:
	"""Return what is left on a voicemail. None means the system's own sentence.

	That sentence is also used if a recording is missing or the words reveal a record.
	"""
	words = _voicemail_words(outgoing)
	if words is None or student_records.reveals_records(words.variant(VOICEMAIL), words.language):
		return None, Body("", ())
	try:
		body = recorded.body(outgoing, words, VOICEMAIL)
	except RecordingMissing:
		return None, Body("", ())
	refuse_educational(outgoing, body.fields, VOICEMAIL)
	if _reveals_records(outgoing, words, VOICEMAIL):
		raise NotForChannel(_("The recording holds educational records and must not be in a voicemail."))
	return words, body


def _voicemail_words(outgoing: Outgoing) -> Words | None:
	choice = languages.choose(
		outgoing.template.translations, outgoing.language, outgoing.school.language, VOICEMAIL
	)
	if choice is None or (choice.fell_back and base(outgoing.language) in phrase_languages()):
		return None
	return choice.words
