"""Whether a message is about a student's records: by its purpose, fields, question, recordings or words. Pure Python.

The gate asks here once for a campaign, and so does everything that makes a variant of the message, so that who may hear it and what a
voicemail or a text may hold are decided alike (34 CFR 99.3, 99.30).
"""

from collections.abc import Collection, Mapping
from functools import lru_cache

from school_dialer.messages.errors import TemplateError
from school_dialer.messages.model import POLL, REASON, Template
from school_dialer.messages.sensitivity.topics import topics_of
from school_dialer.messages.template.field import ABOUT_RECORDS, EDUCATIONAL, Field, Values

DETAILS = "campaign_details"


def is_about(template: Template, fields: Mapping[str, Field], details: str = "") -> bool:
	"""Its purpose says so, or what it holds does. ``details`` are words of the campaign that the message reads out."""
	return (
		template.about_records
		or template.purpose in ABOUT_RECORDS
		or is_educational(template, fields)
		or tells(details)
	)


def is_educational(template: Template, fields: Mapping[str, Field]) -> bool:
	"""A field, a recording, the question or the words of any language hold a record. Words that cannot be read count as such."""
	if template.asks == REASON:
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
	return any(one and one.holds == EDUCATIONAL for one in recordings) or _words_tell(template)


def judged_as(template: Template, fields: Mapping[str, Field]) -> str:
	"""The purpose by which the template's fields are judged: a name is a record in a message about records of any purpose."""
	if template.purpose in ABOUT_RECORDS or not is_about(template, fields):
		return template.purpose
	return "Academic"


def details_tell(values: Values, names: Collection[str]) -> bool:
	"""What the campaign itself adds to the words does, in a variant with these fields."""
	return DETAILS in names and tells(str(values.get(DETAILS) or ""))


@lru_cache(maxsize=2048)
def tells(text: str, language: str = "") -> bool:
	"""Whether these words tell something of a student's attendance, grades or account. Not kept: the cache is this process's own."""
	return bool(text) and bool(topics_of(text, language))


@lru_cache(maxsize=512)
def _words_tell(template: Template) -> bool:
	for words in template.translations:
		said = [words.variant(variant) for variant in template.variants()]
		if template.asks == POLL:
			said += [words.question, *words.answers]
		if any(tells(text, words.language) for text in said):
			return True
	return False
