"""DeepL's API (https://developers.deepl.com), a commercial service. Pure Python."""

from school_dialer.base.bounds.public_web import Rules
from school_dialer.base.wording import Wording as _
from school_dialer.messages.language import base
from school_dialer.messages.translators.asking import post
from school_dialer.messages.translators.base import NotTranslated, lines_of, marked, unmarked, unreadable

KEPT = "x"
MOST_LINES = 50
FREE, PAID = "https://api-free.deepl.com", "https://api.deepl.com"
SOURCES = {"no": "NB"}
TARGETS = {
	"en": "EN-US",
	"en-GB": "EN-GB",
	"es-MX": "ES-419",
	"no": "NB",
	"pt": "PT-BR",
	"pt-PT": "PT-PT",
	"zh": "ZH-HANS",
	"zh-TW": "ZH-HANT",
}
"""The codes that differ from ours. A language of another region is asked for without it."""


class DeepL:
	title = "DeepL"
	rules: Rules | None = None
	"""Of a server in the school's own network."""

	def __init__(self, address: str, key: str):
		if not key:
			raise NotTranslated(_("Enter the key of the translator in Dialer Settings."))
		self.address = (address or (FREE if key.endswith(":fx") else PAID)).rstrip("/")
		self.key = key

	def translate(self, lines: list[str], source: str, target: str) -> list[str]:
		translated: list[str] = []
		for start in range(0, len(lines), MOST_LINES):
			translated += self.ask(lines[start : start + MOST_LINES], source, target)
		return translated

	def ask(self, lines: list[str], source: str, target: str) -> list[str]:
		body = {
			"text": [marked(line, KEPT) for line in lines],
			"source_lang": SOURCES.get(base(source), base(source).upper()),
			"target_lang": target_of(target),
			"tag_handling": "xml",
			"tag_handling_version": "v2",
			"ignore_tags": [KEPT],
		}
		headers = {"Authorization": f"DeepL-Auth-Key {self.key}"}
		answer = post(f"{self.address}/v2/translate", body, headers, self.rules)
		rows = answer.get("translations") if isinstance(answer, dict) else None
		if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
			raise unreadable()
		return [unmarked(line, KEPT) for line in lines_of([row.get("text") for row in rows], len(lines))]


def target_of(language: str) -> str:
	plain = base(language)
	return TARGETS.get(language) or TARGETS.get(plain) or plain.upper()
