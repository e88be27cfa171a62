"""The preference page's text in every language it supports: one JSON file per language. Pure Python."""

import json
from functools import lru_cache
from pathlib import Path

from school_dialer.messages.language import base

LAST_RESORT = "en"
FOLDER = Path(__file__).parent / "phrases"


@lru_cache(maxsize=1)
def tables() -> dict[str, dict[str, str]]:
	return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def language_for(*wanted: str) -> str:
	"""Return the first of these languages, or its base language, that the page supports.

	English if it supports none.
	"""
	for language in filter(None, wanted):
		for candidate in (language, base(language)):
			if candidate in tables():
				return candidate
	return LAST_RESORT


def within(text: str) -> str:
	"""Return a heading as it stands within a sentence."""
	return text[:1].lower() + text[1:]


def say(key: str, language: str, **values: str) -> str:
	"""Return the text of `key`.

	`language` is one of `tables()`. Values are inserted as they are; braces inside them stay braces.
	"""
	return tables()[language][key].format_map(values)
