"""What is sent to a person no call has reached: a text, and finally an email. Pure Python.

Anyone may read either one, so neither contains anything from an educational record. Such a message becomes a
request to call back instead.
"""

from dataclasses import dataclass

from school_dialer.messages import language as languages
from school_dialer.messages.errors import MessageError, NotForChannel
from school_dialer.messages.linter import sensitivity
from school_dialer.messages.model import EDUCATIONAL, TEXT, VOICE, Outgoing
from school_dialer.messages.phrases import language_for, phrase
from school_dialer.messages.render import render
from school_dialer.messages.segments import segments
from school_dialer.messages.sensitivity import student_records
from school_dialer.messages.speech import write_phone
from school_dialer.messages.template.values import clean
from school_dialer.messages.text import TextMessage, framed, text_message


@dataclass(frozen=True, slots=True)
class Mail:
	"""A plain-text email. ``fields`` are the fields of the recipient's record that appear in it."""

	subject: str
	paragraphs: tuple[str, ...]
	fields: tuple[str, ...] = ()


def text(outgoing: Outgoing, preferences: str) -> TextMessage:
	"""Return the template's own text if it holds no record, otherwise a request to call back.

	``preferences`` is the URL of the preference page. Raises `MessageError` as `text_message` does, except
	`NotForChannel`.
	"""
	try:
		return text_message(outgoing)
	except NotForChannel:
		spoken = _language(outgoing)
		body = framed(
			outgoing.school,
			_call_back(outgoing, spoken),
			phrase("mail_preferences", spoken, url=preferences),
			phrase("text_stop", spoken),
		)
		return TextMessage(body, segments(body), (), spoken, False)


def mail(outgoing: Outgoing, preferences: str) -> Mail:
	"""Return the message itself if it holds no record and can be made, otherwise a request to call back.

	``preferences`` is the URL of the preference page.
	"""
	spoken = _language(outgoing)
	identity = clean(outgoing.school.identity or outgoing.school.name)
	words, fields = _words(outgoing)
	call_back = _call_back(outgoing, spoken)
	choose = phrase("mail_preferences", spoken, url=preferences)
	paragraphs = (words, call_back, choose) if words else (call_back, choose)
	return Mail(phrase("mail_subject", spoken, identity=identity), paragraphs, fields)


def _words(outgoing: Outgoing) -> tuple[str, tuple[str, ...]]:
	"""Return the template's words as written, and their fields. Empty if they may not be sent.

	The words of the text come before those of the call.
	"""
	template = outgoing.template
	try:
		if _reveals_records(outgoing):
			return "", ()
		for variant in (TEXT, VOICE):
			having = tuple(words for words in template.translations if words.variant(variant))
			choice = languages.choose(having, outgoing.language, outgoing.school.language, variant)
			if choice and not choice.words.recording(variant):
				source, language = choice.words.variant(variant), choice.words.language
				made = render(source, outgoing.values, outgoing.fields, language, TEXT)
				return made.text, made.fields
	except MessageError:
		return "", ()
	return "", ()


def _reveals_records(outgoing: Outgoing) -> bool:
	template = outgoing.template
	return (
		sensitivity(template, outgoing.fields) == EDUCATIONAL
		or student_records.is_educational(template, outgoing.fields)
		or student_records.details_reveal_records(outgoing.values, template.field_names)
	)


def _call_back(outgoing: Outgoing, spoken: str) -> str:
	return phrase("not_reached", spoken, number=write_phone(clean(outgoing.school.call_back_number)))


def _language(outgoing: Outgoing) -> str:
	return language_for(outgoing.language, outgoing.school.language)
