"""Which language a person hears. Pure Python. Languages use Frappe's names: "en", "es-MX", "zh"."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from babel import Locale, UnknownLocaleError

from school_dialer.base.wording import Wording
from school_dialer.messages.model import VOICE, Words

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ug", "ur", "yi"})


@dataclass(frozen=True, slots=True)
class Choice:
	"""The chosen translation. ``fell_back``: it is not in the person's language."""

	words: Words
	fell_back: bool


def base(language: str) -> str:
	return language.replace("_", "-").split("-")[0].lower()


def name_of(language: str) -> Wording:
	"""Return the language's English name: "Spanish" for "es"."""
	locale = known_locale(language)
	return Wording((locale and locale.english_name) or language)


def names_of(language: str, reader: str) -> tuple[str, ...]:
	"""Return what people call a language: in itself, in English, and in the reader's language.

	Empty for a code that Babel does not know.
	"""
	locale, readers = known_locale(language), known_locale(reader)
	if not locale:
		return ()
	names = (locale.get_display_name(), locale.english_name, locale.get_display_name(readers or locale))
	return tuple(dict.fromkeys(name for name in names if name))


def known_locale(language: str) -> Locale | None:
	"""Return the locale of this code, or None if Babel does not know it."""
	try:
		return Locale.parse(language.replace("-", "_"))
	except (UnknownLocaleError, ValueError):
		return None


def display_name(language: str, reader: str) -> str:
	"""Return the name of a language in the reader's, or "" if Babel does not know it."""
	locale = known_locale(language)
	return (locale.get_display_name(known_locale(reader) or Locale("en")) if locale else "") or ""


def direction(language: str) -> str:
	return "rtl" if base(language) in RIGHT_TO_LEFT else "ltr"


def choose(
	translations: Sequence[Words], language: str | None, school_language: str = "en", variant: str = VOICE
) -> Choice | None:
	"""Choose the translation for a person.

	The order is the person's language, its base or a sibling ("es-MX" for "es-US"), then the school's
	language, then the first translation. Only translations with words or a recording for the variant count.
	Returns None if no translation has any.
	"""
	having = [words for words in translations if words.has(variant)]
	if not having:
		return None
	wanted = language or school_language
	chosen = closest(having, wanted) or closest(having, school_language) or having[0]
	return Choice(chosen, base(chosen.language) != base(wanted))


class InALanguage(Protocol):
	@property
	def language(self) -> str: ...


Translated = TypeVar("Translated", bound=InALanguage)


def closest(translations: Sequence[Translated], language: str) -> Translated | None:
	"""Return what is written in this language, or else in its base or a sibling, or None."""
	if not language:
		return None
	exact = language.replace("_", "-").lower()
	ranked = (
		lambda words: words.language.replace("_", "-").lower() == exact,
		lambda words: words.language.lower() == base(language),
		lambda words: base(words.language) == base(language),
	)
	for matches in ranked:
		if words := next(filter(matches, translations), None):
			return words
	return None
