"""Who accepted words that a machine drafted, and when. Pure Python.

A draft stands beside the words of its translation and is never said. Once a person accepts it, the form has
its words, and the saved row names that person. Words of a machine never stand in a row without a name.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from school_dialer.messages.template.made_from import version_of

LONGEST_NAME = 60
NAMED = ("drafted_by", "accepted_by", "accepted_at")
NO_ONE = dict.fromkeys(NAMED)


@dataclass(frozen=True, slots=True)
class Draft:
	"""What is drafted for each field, by which translator, and from which words of the source."""

	by: str
	words: Mapping[str, str]
	source: Mapping[str, str]

	@classmethod
	def read(cls, text: str | None) -> "Draft | None":
		"""Return the draft that a row keeps, or None if there is none or it cannot be read."""
		try:
			draft = json.loads(text or "null")
			by, words, source = draft["by"], draft["words"], draft["from"]
		except (ValueError, TypeError, KeyError, RecursionError):
			return None
		if not (isinstance(by, str) and by and _texts(words) and _texts(source)):
			return None
		return cls(by[:LONGEST_NAME], words, source)

	def made_from(self, row: Any, fields: tuple[str, ...]) -> str:
		"""Return the version of the source that it was made from. `row` says what the source says now."""
		words = [name for name in fields if not name.endswith("_recording")]
		unchanged = row and all(_plain(row.get(name)) == _plain(self.source.get(name)) for name in words)
		return version_of(row if unchanged else self.source, fields)

	def is_in(self, row: Any) -> bool:
		"""Return whether a field of the row says what the draft says there."""
		return any(
			_plain(text) and _plain(row.get(name)) == _plain(text) for name, text in self.words.items()
		)


def _texts(values: Any) -> bool:
	return isinstance(values, dict) and all(isinstance(value, str) for value in values.values())


def _plain(text: Any) -> str:
	return " ".join(str(text or "").split())


def note(
	rows: Iterable[Any],
	before: Mapping[str, Any] | None,
	source: Any,
	fields: tuple[str, ...],
	by: tuple[str, datetime],
	is_known: Callable[[Any], bool],
) -> None:
	"""Set who accepted the words of each translation that is about to be saved, whatever the form says.

	`before` are the saved rows by language and `source` is the row that says it in the school's language.
	`by` is who saves, and when. `is_known` tells whether a new row is a copy of words that were accepted.
	Called after `made_from.note`.
	"""
	for row in rows:
		saved, draft = (before or {}).get(row.language), Draft.read(row.draft)
		version = version_of(row, fields)
		changed = version != version_of(saved, fields)
		if draft and version and (row.accept_draft or (changed and draft.is_in(row))):
			_name(row, draft.by, by)
			row.made_from, row.draft = draft.made_from(source, fields), None
		elif saved:
			row.update({name: saved.get(name) for name in NAMED})
			if row.drafted_by and changed:
				_name(row, row.drafted_by, by)
		elif row.drafted_by and version:
			if not is_known(row):
				_name(row, str(row.drafted_by)[:LONGEST_NAME], by)
		else:
			row.update(NO_ONE)
		row.draft, row.accept_draft = row.draft if draft else None, 0


def _name(row: Any, drafted_by: str, by: tuple[str, datetime]) -> None:
	row.update(dict(zip(NAMED, (drafted_by, *by), strict=True)))


def waits(row: Any, fields: tuple[str, ...]) -> bool:
	"""Return whether a row holds nothing but a draft, so that its language has no words."""
	return bool(row.get("draft")) and not version_of(row, fields)
