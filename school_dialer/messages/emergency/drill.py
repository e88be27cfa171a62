"""The words of a drill: the app's own phrases and nothing else. Pure Python.

Whatever the template's rows in the database say, a drill is made from here. So a drill cannot carry real
words, and says first and last, in each language, that it is one.
"""

from school_dialer.messages.model import Template, Words
from school_dialer.messages.phrases import LAST_RESORT, languages, phrase

NAME, GENERAL = "Emergency drill", "General"
SCHOOL = "{{ school_name }}"
"""The only field: filled in like that of any message."""


def template(name: str, version: int = 1) -> Template:
	"""Return the drill as a message. Its purpose is General: consent and hours hold as for any other."""
	return Template(
		name=name,
		purpose=GENERAL,
		translations=tuple(map(words, in_order())),
		voice=True,
		text=True,
		version=version,
	)


def in_order() -> list[str]:
	return sorted(languages(), key=lambda language: (language != LAST_RESORT, language))


def words(language: str) -> Words:
	spoken = phrase("drill", language, school=SCHOOL)
	return Words(language, spoken, spoken, phrase("drill_text", language, school=SCHOOL))


def rows() -> list[dict]:
	"""Return the translations as rows of a template, to be shown to staff."""
	return [
		{
			"language": words_in.language,
			"voice": words_in.voice,
			"voicemail": words_in.voicemail,
			"text": words_in.text,
		}
		for words_in in map(words, in_order())
	]
