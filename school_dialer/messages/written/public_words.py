"""The words of a message that anyone may read: those for voicemail, in which no one is named.

They are what a public alert says. A message is refused as a whole if any of its words has a field about a
person, or tells of a student's record, also where those words would not be published.
"""

from dataclasses import dataclass

from school_dialer.base.wording import Wording as _
from school_dialer.messages import context, linter, store
from school_dialer.messages.catalogue import fields
from school_dialer.messages.model import PUBLIC, TEXT, VOICE, VOICEMAIL, MessageError, School, Subject, Words
from school_dialer.messages.render import render
from school_dialer.messages.sensitivity import student_records
from school_dialer.messages.speech import write_phone


class NotPublic(Exception):
	"""The message is not for everyone. Holds a `Wording` that says why."""


@dataclass(frozen=True, slots=True)
class Said:
	language: str
	text: str


def in_each_language(campaign) -> list[Said]:
	"""Return the words of a campaign's message in each of its languages, its school's own first.

	Raise `NotPublic`. A language whose words are all recorded is left out: no machine reads a recording.
	"""
	template = store.template(campaign.template)
	if template.asks:
		raise NotPublic(_("The message asks families something."))
	try:
		if linter.sensitivity(template, fields()) != PUBLIC:
			raise NotPublic(_("The message has fields or recordings about people."))
		subject = Subject("public", "", "", "", campaign=campaign.name, school=campaign.school or "")
		values = context.read_values([subject], template.field_names)["public"]
		texts = [Said(words.language, filled(words, values)) for words in template.translations]
	except MessageError as error:
		raise NotPublic(*error.args) from None
	texts = [text for text in texts if text.text]
	if not texts:
		raise NotPublic(_("The message has no words that can be read."))
	usual = store.school(campaign.school).language
	return sorted(texts, key=lambda text: text.language.partition("-")[0] != usual.partition("-")[0])


def filled(words: Words, values) -> str:
	source = words.variant(VOICEMAIL) or words.variant(TEXT) or words.variant(VOICE)
	if not source:
		return ""
	text = render(source, values, fields(), words.language, TEXT).text
	if student_records.reveals_records(text, words.language):
		raise NotPublic(_("The words tell of a student's record."))
	return text


def number(school: School) -> str:
	"""Return the school's call-back number as people write it, or ""."""
	return write_phone(school.call_back_number) if school.call_back_number else ""
