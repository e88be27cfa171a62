"""LibreTranslate, which a school can host itself (https://docs.libretranslate.com). Pure Python."""

from school_dialer.base.bounds.public_web import Rules
from school_dialer.base.wording import Wording as _
from school_dialer.messages.language import base
from school_dialer.messages.translators.asking import post
from school_dialer.messages.translators.base import NotTranslated, lines_of, marked, unmarked, unreadable

KEPT = "code"
"""The content of this element is left alone."""
CODES = {"zh": "zh-Hans", "zh-TW": "zh-Hant", "no": "nb"}
"""The codes that differ from ours. A language of another region is asked for without it."""


class LibreTranslate:
	title = "LibreTranslate"
	rules: Rules | None = None
	"""Of a server in the school's own network."""

	def __init__(self, address: str, key: str):
		if not address:
			raise NotTranslated(_("Enter the address of the translator in Dialer Settings."))
		self.address, self.key = address.rstrip("/"), key

	def translate(self, lines: list[str], source: str, target: str) -> list[str]:
		body = {
			"q": [marked(line, KEPT) for line in lines],
			"source": code_of(source),
			"target": code_of(target),
			"format": "html",
			**({"api_key": self.key} if self.key else {}),
		}
		answer = post(f"{self.address}/translate", body, {}, self.rules)
		if not isinstance(answer, dict):
			raise unreadable()
		return [unmarked(line, KEPT) for line in lines_of(answer.get("translatedText"), len(lines))]


def code_of(language: str) -> str:
	plain = base(language)
	return CODES.get(language) or CODES.get(plain) or plain
