"""Whether a message is about a student's records: by its purpose, fields, question, recordings or words.

Pure Python.

The gate asks here once per campaign, and so does everything that makes a variant of the message. That way,
who may hear it and what a voicemail or a text may contain are decided by the same rule (34 CFR 99.3, 99.30).
"""

from collections.abc import Collection, Mapping
from functools import lru_cache

from school_dialer.messages.details import DETAILS, Details
from school_dialer.messages.errors import TemplateError
from school_dialer.messages.field import ABOUT_RECORDS, EDUCATIONAL, Field, Values
from school_dialer.messages.model import KNEW, POLL, REASON, Template
from school_dialer.messages.sensitivity.topics import topics_of


def is_about(template: Template, fields: Mapping[str, Field], details: Details | None = None) -> bool:
	"""Return whether the message is about records, by its purpose or its content.

	``details`` are the campaign's words that the message reads out.
	"""
	return (
		template.about_records
		or template.purpose in ABOUT_RECORDS
		or is_educational(template, fields)
		or bool(details and _reveal(details))
	)


def is_educational(template: Template, fields: Mapping[str, Field]) -> bool:
	"""Return whether a field, a recording, the question or the words of any language hold a record.

	Words that cannot be parsed count as a record.
	"""
	if template.asks in (REASON, KNEW):
		return True
	try:
		names = template.field_names
	except TemplateError:
		return True
	if any(name in fields and fields[name].sensitivity == EDUCATIONAL for name in names):
		return True
	recordings = (
		words.recording(variant) for words in template.translations for variant in template.variants()
	)
	return any(
		recording and recording.holds == EDUCATIONAL for recording in recordings
	) or _words_reveal_records(template)


def judged_as(template: Template, fields: Mapping[str, Field]) -> str:
	"""Return the purpose that the template's fields are judged by.

	A name counts as a record in any message about records, whatever its purpose.
	"""
	if template.purpose in ABOUT_RECORDS or not is_about(template, fields):
		return template.purpose
	return "Academic"


def details_reveal_records(values: Values, names: Collection[str]) -> bool:
	"""Return whether the campaign's details reveal a record, in a variant with these fields.

	Details in several languages count by what any of them says.
	"""
	if DETAILS not in names:
		return False
	details = values.get(DETAILS)
	return _reveal(details) if isinstance(details, Details) else reveals_records(str(details or ""))


def _reveal(details: Details) -> bool:
	return any(reveals_records(written.text, written.language) for written in details.all())


@lru_cache(maxsize=2048)
def reveals_records(text: str, language: str = "") -> bool:
	"""Return whether these words reveal something about a student's attendance, grades or account.

	Nothing is stored: the cache belongs to this process only.
	"""
	return bool(text) and bool(topics_of(text, language))


@lru_cache(maxsize=512)
def _words_reveal_records(template: Template) -> bool:
	for words in template.translations:
		texts = [words.variant(variant) for variant in template.variants()]
		if template.asks == POLL:
			texts += [words.question, *words.answers]
		if any(reveals_records(text, words.language) for text in texts):
			return True
	return False
