"""Sentences written where Frappe is not known, translated where somebody reads them. Pure Python.

A room that knows nothing of Frappe imports `Wording as _`, so that Frappe's extractor finds its sentences as it finds all others.
"""

from collections.abc import Callable


class Wording(str):
	"""An English sentence that still knows what it was made of: ``template`` with {0}, {1}, and the values in it.

	A tuple among the values is listed with commas.
	"""

	template: str
	values: tuple

	def __new__(cls, template: str, *values: object) -> "Wording":
		made = super().__new__(cls, filled(template, values, str))
		made.template, made.values = template, values
		return made


def translated(words: str | Exception, translate: Callable[[str], str]) -> str:
	"""The sentence, or that of the error, with the wordings among its values. Other text is translated as it stands."""
	if isinstance(words, Exception):
		words = words.args[0] if words.args else ""
	if isinstance(words, Wording):
		return filled(translate(words.template), words.values, lambda value: translated(value, translate))
	return translate(words) if isinstance(words, str) and words else str(words)


def filled(template: str, values: tuple, said: Callable[["Wording"], str]) -> str:
	"""Braces in a sentence without values stand for themselves."""
	return template.format(*(one_value(value, said) for value in values)) if values else template


def one_value(value: object, said: Callable[["Wording"], str]) -> object:
	if isinstance(value, tuple):
		return ", ".join(str(one_value(one, said)) for one in value)
	return said(value) if isinstance(value, Wording) else value
