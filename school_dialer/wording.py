"""Sentences written where Frappe is not known, translated where somebody reads them. Pure Python.

A room that knows nothing of Frappe imports `Wording as _`, so that Frappe's extractor finds its sentences as it finds all others.
"""

from collections.abc import Callable


class Wording(str):
	"""An English sentence that still knows what it was made of: ``template`` with {0}, {1}, and the values in it."""

	template: str
	values: tuple

	def __new__(cls, template: str, *values: object) -> "Wording":
		made = super().__new__(cls, template.format(*values) if values else template)
		made.template, made.values = template, values
		return made


def translated(words: str | Exception, translate: Callable[[str], str]) -> str:
	"""The sentence, or that of the error, with the wordings among its values. Other text is translated as it stands."""
	if isinstance(words, Exception):
		words = words.args[0] if words.args else ""
	if not isinstance(words, Wording):
		return translate(words) if isinstance(words, str) and words else str(words)
	if not words.values:
		return translate(words.template)
	values = [translated(value, translate) if isinstance(value, Wording) else value for value in words.values]
	return translate(words.template).format(*values)
