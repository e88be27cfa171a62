"""What the system itself says, in every language it supports: one JSON file per language. Pure Python.

To add a language, add a file with the same keys and the same placeholders.
"""

import json
from functools import lru_cache
from pathlib import Path

from school_dialer.messages.language import base

LAST_RESORT = "en"
_FOLDER = Path(__file__).parent


@lru_cache(maxsize=1)
def languages() -> frozenset[str]:
	return frozenset(path.stem for path in _FOLDER.glob("*.json"))


@lru_cache(maxsize=32)
def table(language: str) -> dict[str, str]:
	return json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))


def language_for(*wanted: str) -> str:
	"""Return the first of the languages, or its base, that has phrases. English if none has."""
	for language in filter(None, wanted):
		for candidate in (language, base(language)):
			if candidate in languages():
				return candidate
	return LAST_RESORT


def phrase(key: str, language: str, **values: str) -> str:
	"""Return a phrase. ``language`` is one of `languages`.

	Values are inserted unchanged: braces inside them remain braces.
	"""
	return table(language)[key].format_map(values)
