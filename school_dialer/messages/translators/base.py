"""The protocol of translators. Other apps add theirs with the hook `dialer_translators`. Pure Python.

A translator is a class. It is made with the address and the key of Dialer Settings.
"""

import html
import re
from typing import Protocol

from school_dialer.base.wording import Wording as _


class NotTranslated(Exception):
	"""There is no draft. Holds a `Wording` that says why."""


class Translator(Protocol):
	title: str
	"""What staff call it."""

	def __init__(self, address: str, key: str): ...

	def translate(self, lines: list[str], source: str, target: str) -> list[str]:
		"""Return each line in the `target` language, a code of Frappe's ("es", "zh-TW").

		A mark such as ⟦101⟧ stands for what is kept back, and returns as it is. Raises `NotTranslated`.
		"""
		...


MARK = re.compile(r"⟦(\d+)⟧")
LONGEST = 10_000
"""Characters that are sent at once."""


def marked(line: str, tag: str) -> str:
	"""Return a line as XML, for services that leave the content of an element alone."""
	return MARK.sub(rf"<{tag}>\1</{tag}>", html.escape(line, quote=False))


def unmarked(line: str, tag: str) -> str:
	return html.unescape(re.sub(rf"<{tag}>\s*(\d+)\s*</{tag}>", r"⟦\1⟧", line))


def lines_of(answer: object, expected: int) -> list[str]:
	"""Return the translated lines of an answer. Raise `NotTranslated` unless they are as many as expected."""
	if not isinstance(answer, list) or len(answer) != expected:
		raise unreadable()
	if not all(isinstance(line, str) for line in answer):
		raise unreadable()
	return answer


def unreadable() -> NotTranslated:
	return NotTranslated(_("The translator answers with something that is no translation."))
