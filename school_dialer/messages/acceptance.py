"""Puts a person's name on words that a machine drafted, when a message or details are saved."""

from collections.abc import Iterable, Mapping
from typing import Any

import frappe

from school_dialer.base import clock
from school_dialer.messages.template import accepted


def note(rows: Iterable[Any], before: Mapping[str, Any] | None, source: Any, fields: tuple[str, ...]) -> None:
	"""Call `accepted.note` in the name of the session's user."""
	by = frappe.session.user, clock.db_now()
	accepted.note(rows, before, source, fields, by, lambda row: is_copy(row, fields))


def is_copy(row: Any, fields: tuple[str, ...]) -> bool:
	"""Return whether another row has the same words and the same name on them, as after a duplication."""
	named = {name: row.get(name) for name in accepted.NAMED}
	if not all(named.values()):
		return False
	words = {name: row.get(name) for name in fields if row.get(name)}
	return bool(frappe.db.exists(row.doctype, {"language": row.language, **named, **words}))
