"""Text messages.

Pure Python. Identity first, then the words, then how to stop; never an educational field.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from school_dialer.base.wording import Wording as _
from school_dialer.messages import language as languages
from school_dialer.messages.model import (
	TEXT,
	NotForChannel,
	Outgoing,
	School,
	SchoolIncomplete,
	TooLong,
)
from school_dialer.messages.phrases import language_for, phrase
from school_dialer.messages.render import render
from school_dialer.messages.segments import Segments, plain, segments
from school_dialer.messages.sensitivity import student_records
from school_dialer.messages.speech import say_date, say_time, write_phone
from school_dialer.messages.spoken.question import written
from school_dialer.messages.spoken.voice import refuse_educational
from school_dialer.messages.template.values import clean

SCOPES = {
	"this purpose": "scope_purpose",
	"this school": "scope_school",
	"all non-emergency": "scope_non_emergency",
	"everything": "scope_everything",
}
SAMPLE_RECEIPT = "7Q2K-4MXD-9TWB"
"""A code as long as a receipt's, for samples. It is no receipt's: its last character is wrong."""
MAX_BODY = 1_600
"""The longest body the carrier accepts (error 21617)."""


@dataclass(frozen=True, slots=True)
class TextMessage:
	"""A finished text. ``body`` is what the recipient reads: send it, but never store it."""

	body: str
	size: Segments
	fields: tuple[str, ...]
	language: str
	fell_back: bool


def text_message(outgoing: Outgoing) -> TextMessage:
	"""Build a recipient's text.

	Raises `MessageError`: `MissingData`, `TemplateError`, `NotForChannel`, `TooLong`, `SchoolIncomplete`.
	"""
	choice = languages.choose(
		outgoing.template.translations, outgoing.language, outgoing.school.language, TEXT
	)
	if choice is None:
		raise NotForChannel(_("The template has no words to send as a text."))
	words = choice.words
	rendered = render(words.text, outgoing.values, outgoing.fields, words.language, TEXT)
	refuse_educational(outgoing, rendered.fields, TEXT)
	if student_records.reveals_records(words.text, words.language):
		raise NotForChannel(_("The words tell of an educational record and must not be in a text."))
	spoken = language_for(outgoing.language, words.language, outgoing.school.language)
	body = framed(outgoing.school, rendered.text, *_more(outgoing, spoken), phrase("text_stop", spoken))
	return TextMessage(body, segments(body), rendered.fields, words.language, choice.fell_back)


def _more(outgoing: Outgoing, spoken: str) -> Iterator[str]:
	"""Yield the question and the recipient's preference page link, which come before the way to stop."""
	if asked := written(outgoing):
		yield asked.text
		yield from (
			phrase("text_reply", spoken, digit=str(key), label=label)
			for key, label in enumerate(asked.labels, 1)
		)
	if outgoing.link:
		yield phrase("text_choices", spoken, url=outgoing.link)


def answered(school: School, label: str, language: str = "") -> str:
	"""Return the reply to a text that answers a poll."""
	return framed(school, phrase("text_noted", language_for(language, school.language), label=label))


def opt_out_confirmation(
	school: School, language: str = "", scope: str = "all non-emergency", one: str = "", code: str = ""
) -> str:
	"""Return the single confirmation of a STOP (64.1200(a)(12)).

	It contains no marketing. It says what was stopped and asks how much to stop. If the person does not
	answer, the opt-out stays as it is, which for a bare STOP covers everything except emergencies.

	`one` is the school of a district that the opt-out is of, or that it may be narrowed to; "" is none.
	`code` is the receipt's. It stands without a word where the word would cost another segment.
	"""
	spoken = language_for(language, school.language)
	offers = [phrase("text_scope_school", spoken, school=clean(one))] if one else []
	if scope == "all non-emergency":
		answer, asked = phrase("text_opted_out", spoken), phrase("text_scope", spoken)
	else:
		answer, asked = changed_to(scope, spoken, one), phrase("text_scope_choices", spoken)
		offers = [] if scope == "this school" else offers
	if not code:
		return framed(school, answer, asked, *offers)
	short = framed(school, answer, code, asked, *offers)
	full = framed(school, answer, phrase("text_receipt", spoken, code=code), asked, *offers)
	return full if segments(full).count == segments(short).count else short


def changed_to(scope: str, spoken: str, one: str = "") -> str:
	"""Return the sentence that says what is stopped now."""
	return phrase("text_scope_changed", spoken, scope=phrase(SCOPES[scope], spoken, school=clean(one)))


def preference_link(school: School, url: str, language: str = "") -> str:
	"""Return the reply to a request for the preference page."""
	return framed(school, phrase("text_link", language_for(language, school.language), url=url))


def help_text(school: School, language: str = "") -> str:
	"""Return the reply to HELP: who sends, how to stop, who to call, and what carriers require (`terms`)."""
	spoken = language_for(language, school.language)
	number = write_phone(clean(school.call_back_number))
	return framed(school, phrase("text_help", spoken, number=number), *terms(school, spoken))


def opted_in(school: School, language: str = "") -> str:
	"""Return the reply to START, which is also the opt-in confirmation carriers require (`terms`)."""
	spoken = language_for(language, school.language)
	return framed(school, phrase("text_opted_in", spoken), *terms(school, spoken))


def terms(school: School, spoken: str) -> Iterator[str]:
	"""Yield what carriers require in a confirmation and in the reply to HELP.

	In addition to the program's name, HELP and STOP, that is how often texts are sent, at what cost, and
	where the privacy policy is (CTIA Messaging Principles and Best Practices, 5.1; Twilio's A2P 10DLC
	campaign guide).
	"""
	yield phrase("text_terms", spoken)
	if school.privacy_url:
		yield phrase("text_privacy", spoken, url=school.privacy_url)


def wrong_number_question(school: School, language: str = "") -> str:
	"""Return the single reply to "wrong number": what was stopped, and a request to confirm.

	It may reach a stranger, so it names no one.
	"""
	return framed(school, phrase("text_wrong_number", language_for(language, school.language)))


def ask_the_school(school: School, language: str = "") -> str:
	"""Return the reply to START from a phone that was reported as someone else's."""
	number = write_phone(clean(school.call_back_number))
	return framed(school, phrase("text_ask_school", language_for(language, school.language), number=number))


def how_to_start(school: School, language: str = "") -> str:
	"""Return the reply to a person who stopped our texts and asks for them in words of their own."""
	return framed(school, phrase("text_how_to_start", language_for(language, school.language)))


def message_arrived(
	school: School, at: time, day: date | None, emergency_number: str = "", language: str = ""
) -> str:
	"""Return the reply to a message for the office.

	`at` is until when the office answers today. With a `day` it is closed now, and answers again from `at` on
	that day.
	"""
	spoken = language_for(language, school.language)
	clock = say_time(at, spoken)
	answer = (
		phrase("text_arrived_closed", spoken, time=clock, day=say_date(day, spoken))
		if day
		else phrase("text_arrived", spoken, time=clock)
	)
	number = write_phone(clean(emergency_number))
	return framed(school, answer, *([phrase("text_emergency", spoken, number=number)] if number else []))


def from_staff(school: School, words: str) -> str:
	"""Return what a member of staff answers. Raises `NotForChannel` if the words tell of a student's record.

	The language is the writer's, so the words are searched in every language.
	"""
	if student_records.reveals_records(words):
		raise NotForChannel(_("The words tell of an educational record and must not be in a text."))
	return framed(school, *filter(None, map(clean, words.splitlines())))


def scope_changed(school: School, scope: str, language: str = "", one: str = "") -> str:
	"""Return the reply to a person who said how much to stop. `one` is the school that is stopped alone."""
	return framed(school, changed_to(scope, language_for(language, school.language), one))


def framed(school: School, *parts: str) -> str:
	"""Return a text that begins with who sends it. Raises `SchoolIncomplete` and `TooLong`."""
	identity = clean(school.identity or school.name)
	if not identity:
		raise SchoolIncomplete(_("Set the caller identity in Dialer Settings first."))
	body = plain(f"{identity}: " + "\n".join(parts))
	if len(body.encode("utf-16-le")) // 2 > MAX_BODY:
		raise TooLong(_("The text is longer than the {0} characters that the carrier takes.", MAX_BODY))
	return body
