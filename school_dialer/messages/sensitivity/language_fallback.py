"""Sensitive content is spoken in a language its listener understands, or not at all. Pure Python.

A concert may be announced in the school's language to a person who speaks another. A child's absence, grade
or fee may not: the listener would need someone to translate it, and the school would count as having informed
a parent who understood nothing. Such a person hears, in their own language, that there is a message and which
number to call.
"""

from dataclasses import replace

from school_dialer.messages import language as languages
from school_dialer.messages.model import EDUCATIONAL, VOICE, Field, Outgoing, Template, Words, most_sensitive
from school_dialer.messages.phrases import language_for, phrase
from school_dialer.messages.sensitivity import student_records
from school_dialer.messages.sound import recorded
from school_dialer.messages.template.syntax import parse


def in_own_language(outgoing: Outgoing) -> Outgoing:
	"""Return the same message, or a generic one if educational words exist only in another language.

	The generic message carries the original as ``withheld``.
	"""
	choice = languages.choose(
		outgoing.template.translations, outgoing.language, outgoing.school.language, VOICE
	)
	if choice is None or not choice.fell_back or not _reveals_records(outgoing, choice.words):
		return outgoing
	return replace(
		outgoing,
		template=_generic(outgoing.template, language_for(outgoing.language, outgoing.school.language)),
		acknowledge=False,
		pin=False,
		withheld=outgoing,
	)


def _reveals_records(outgoing: Outgoing, words: Words) -> bool:
	template = outgoing.template
	if template.asks and student_records.is_about(template, outgoing.fields):
		return True
	purpose = student_records.judged_as(template, outgoing.fields)
	if recorded.is_educational(words, VOICE, purpose) or student_records.reveals_records(
		words.variant(VOICE), words.language
	):
		return True
	used: list[Field] = [
		outgoing.fields[name] for name in parse(words.variant(VOICE)).fields if name in outgoing.fields
	]
	names = [field.name for field in used]
	return most_sensitive(used, purpose) == EDUCATIONAL or student_records.details_reveal_records(
		outgoing.values, names
	)


def _generic(template: Template, language: str) -> Template:
	"""Return the template with generic voice words.

	Its voicemail and text words are already generic and stay.
	"""
	others = tuple(replace(words, voice="", voice_recording=None) for words in template.translations)
	spoken = Words(language, voice=phrase("voicemail", language))
	return replace(template, translations=(*others, spoken), asks="")
