"""A campaign's details in each language: what its message says where it has campaign_details. Pure Python.

A sentence in one language with details in another is understood by few, and a voice of one language cannot
read another. So a translation whose details are missing counts as missing itself: those who speak that
language get the whole message in the school's language, and the staff see how many they are.

An emergency is the exception: that the school is closed must be understood by everyone, so its own sentences
stay in the person's language, and only the details are in the school's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.messages import language as languages
from school_dialer.messages.field import Values
from school_dialer.messages.model import VOICE, VOICEMAIL, Template, TemplateError, Words
from school_dialer.messages.template.syntax import parse

DETAILS = "campaign_details"
NO_TRANSLATION, NO_DETAILS = "translation", "details"
"""What a language lacks, so that the whole message is in another one."""


@dataclass(frozen=True, slots=True)
class InLanguage:
	language: str
	text: str


@dataclass(frozen=True, slots=True)
class Details:
	"""The details in the school's ``language``, and in ``others``."""

	text: str
	language: str
	others: tuple[InLanguage, ...] = ()

	@classmethod
	def of(cls, text: str | None, language: str, others: Iterable[tuple[str, str | None]]) -> "Details":
		written = (InLanguage(code, (words or "").strip()) for code, words in others)
		return cls(text or "", language, tuple(translation for translation in written if translation.text))

	def written_in(self, language: str) -> bool:
		return languages.closest(self.all(), language) is not None

	def within(self, language: str) -> str:
		"""Return the details for a sentence in this language; the school's own if there are none."""
		closest = languages.closest(self.all(), language)
		return closest.text if closest else self.text

	def all(self) -> tuple[InLanguage, ...]:
		"""Return the details in every language in which they are written, the school's first."""
		return (InLanguage(self.language, self.text), *self.others) if self.text else self.others


def in_language(values: Values, language: str) -> Values:
	"""Return the values for a sentence in this language."""
	details = values.get(DETAILS)
	return {**values, DETAILS: details.within(language)} if isinstance(details, Details) else values


def usable(template: Template, values: Values) -> Template:
	"""Return the template without the words whose details are not written in their language.

	Words stay in an emergency, and if there are no others to fall back on. The template is the same for all
	recipients of a campaign, so it is made once.
	"""
	details = values.get(DETAILS)
	if not isinstance(details, Details) or not details.all() or is_mixed(template):
		return template
	return _usable(template, details)


def is_mixed(template: Template) -> bool:
	"""Return whether the message stays in a language whose details are missing."""
	return template.purpose == EMERGENCY


def said_in_schools(template: Template, details: Details) -> list[str]:
	"""Return the languages of an emergency whose families get its details in the school's language."""
	return to_write(template, details) if is_mixed(template) else []


def lacks(template: Template, details: Details, wanted: Iterable[str], variant: str) -> dict[str, str]:
	"""Return {language: NO_TRANSLATION or NO_DETAILS} for those of these languages that fall back.

	No language lacks details that there are none of.
	"""
	lacking = {}
	with_details = _usable(template, details) if details.all() else template
	for language in wanted:
		for why, tried in ((NO_TRANSLATION, template), (NO_DETAILS, with_details)):
			choice = languages.choose(tried.translations, language, details.language, variant)
			if choice and choice.fell_back:
				lacking[language] = why
				break
	return lacking


def to_write(template: Template, details: Details) -> list[str]:
	"""Return the languages of the template in which its details are still to be written."""
	return [
		words.language
		for words in template.translations
		if not details.written_in(words.language)
		and any(_has_details(words.variant(variant)) for variant in template.variants())
	]


@lru_cache(maxsize=256)
def _usable(template: Template, details: Details) -> Template:
	translations = template.translations
	for variant in template.variants():
		if any(_complete(words, variant, details) for words in translations if words.has(variant)):
			translations = tuple(
				words if _complete(words, variant, details) else _without(words, variant)
				for words in translations
			)
	return replace(template, translations=translations)


def _complete(words: Words, variant: str, details: Details) -> bool:
	"""Return whether this variant can be said: it has no details, or they are written in its language.

	A recording that is played instead of the words has none.
	"""
	if words.recording(variant) and not words.after_words:
		return True
	return details.written_in(words.language) or not _has_details(words.variant(variant))


def _has_details(source: str) -> bool:
	try:
		return DETAILS in parse(source).fields
	except TemplateError:
		return False


def _without(words: Words, variant: str) -> Words:
	changes: Mapping = {variant: ""}
	if variant == VOICE:
		changes = {**changes, "voice_recording": None}
	elif variant == VOICEMAIL:
		changes = {**changes, "voicemail_recording": None}
	return replace(words, **changes)
