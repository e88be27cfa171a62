"""Which version of the source text each translation was made from. Pure Python.

The source is what the school's own language says. A translation keeps the version of it that was there when
its own words were last written, or found to be right still. If the source says something else by now, the
translation is outdated: its families would hear the old words.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

WORDS = ("voice", "voicemail", "text", "question", "answers", "voice_recording", "voicemail_recording")
"""What a translation of a message says, as fields of its row."""
DETAILS = ("details",)
SHOWN = 16


def version_of(row: Any, fields: tuple[str, ...]) -> str:
	"""Return the version of what a row says, whatever its spaces. "" if it says nothing."""
	texts = [" ".join(str(row.get(field) or "").split()) for field in fields] if row else []
	return sha256(json.dumps(texts).encode()).hexdigest()[:SHOWN] if any(texts) else ""


def note(
	rows: Iterable[Any], before: Mapping[str, Any] | None, source: str, was: str, fields: tuple[str, ...]
) -> None:
	"""Set ``made_from`` on the translations that are about to be saved.

	``before`` are the saved rows by language, None for a document that is new. ``source`` and ``was`` are the
	versions of the source text now and before. A row without a version is from before versions were kept.
	"""
	for row in rows:
		saved = (before or {}).get(row.language)
		if row.still_right or (before is not None and version_of(row, fields) != version_of(saved, fields)):
			row.made_from = source
		else:
			row.made_from = (saved or row).made_from or (was if saved else source)
		row.still_right = 0


def outdated(rows: Iterable[Any], source: str, fields: tuple[str, ...]) -> list[str]:
	"""Return the languages whose words were made from another version of the source than this one."""
	return [
		row.language
		for row in rows
		if source and row.made_from not in (None, "", source) and version_of(row, fields)
	]
