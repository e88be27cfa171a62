"""Sentences written in modules that do not import Frappe, and translated where someone reads them.

Pure Python. A package that does not import Frappe imports `Wording as _`, so that Frappe's extractor finds
its sentences like all others.
"""

from collections.abc import Callable


class Wording(str):
	"""An English sentence that keeps its template and values.

	``template`` has {0}, {1} and so on for the ``values``. A tuple among the values is listed with commas.
	"""

	template: str
	values: tuple

	def __new__(cls, template: str, *values: object) -> "Wording":
		made = super().__new__(cls, filled(template, values, str))
		made.template, made.values = template, values
		return made


def translated(words: str | Exception, translate: Callable[[str], str]) -> str:
	"""Return the translated sentence, or that of an error, including the wordings among its values.

	Other text is translated as is.
	"""
	if isinstance(words, Exception):
		words = words.args[0] if words.args else ""
	if isinstance(words, Wording):
		return filled(translate(words.template), words.values, lambda value: translated(value, translate))
	return translate(words) if isinstance(words, str) and words else str(words)


def filled(template: str, values: tuple, said: Callable[["Wording"], str]) -> str:
	"""Fill a template with its values.

	Without values the template is returned unchanged, so its braces are literal.
	"""
	return template.format(*(one_value(value, said) for value in values)) if values else template


def one_value(value: object, said: Callable[["Wording"], str]) -> object:
	if isinstance(value, tuple):
		return ", ".join(str(one_value(item, said)) for item in value)
	return said(value) if isinstance(value, Wording) else value
