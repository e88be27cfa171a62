"""Fields above a user's permission level stay hidden however they are asked for.

Frappe leaves such fields out of what it returns, but lets anybody who may ask for a list, a count or a chart filter, sort or group by
them, and from the rows that come back a full number is guessed digit by digit. What is asked, and in which way, is therefore of no
interest here: each statement is looked at when it is executed. One that Frappe made for a user and that names a column hidden from
them is refused, and whole rows (`select *`, of which Frappe makes documents) come without these columns, so that no form, print,
template or comparison finds them. What this app's own code asks for is its own affair: it masks, and `tests/integration/roles` tries it.

`begin` puts the watch on, in each request and each job. Frappe has no hook for statements; its Recorder takes the place of
`frappe.db.sql` in the same way. Here it is the method of the class, since a replica is another connection of the same request.
"""

import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import frappe
from frappe import _
from frappe.database.database import Database

from school_dialer.privacy import sql_names
from school_dialer.privacy.asker import reader

GUARDED = (
	"Consent Event",
	"Consent Head",
	"Contact Consent",
	"Dialer Call Log",
	"Dialer Campaign",
	"Dialer Legal Hold",
	"Dialer Notice",
	"Dialer Own Number",
	"Dialer Preference Link",
	"Dialer Recipient",
	"Dialer Review",
)
"""All DocTypes of the app that have a field above permission level 0."""
TABLES = re.compile("tab(?:" + "|".join(GUARDED) + ")", re.IGNORECASE)
WATCHES = "watches_for_school_dialer"


def begin() -> None:
	"""before_request, before_job: watch this request's or job's statements. Who asks is known later."""
	if not hasattr(Database.sql, WATCHES):
		Database.sql = watched(Database.sql)
	frappe.local.dialer_hidden = {}


def watched(sql: Callable) -> Callable:
	@wraps(sql)
	def run(self, query, *args, **kwargs):
		known = getattr(frappe.local, "dialer_hidden", None)
		if known is None or not TABLES.search(str(query)):
			return sql(self, query, *args, **kwargs)
		hidden = hidden_from(reader(), known)
		verdict = checked(str(query), hidden) if hidden else None
		if not verdict or not verdict.whole_rows:
			return sql(self, query, *args, **kwargs)
		if kwargs.get("as_iterator"):
			refuse(verdict.hidden)
		rows = sql(self, query, *args, **kwargs)
		return without(rows, verdict.hidden, [column[0] for column in self.get_description() or ()])

	setattr(run, WATCHES, True)
	return run


def hidden_from(user: str | None, known: dict[str, dict]) -> dict[str, frozenset[str]]:
	"""Table by table the columns above the permission levels that this user's roles may read, worked out once a request."""
	if user is None:
		return {}
	if user not in known:
		hidden = {f"tab{doctype}": hidden_of(doctype, user) for doctype in GUARDED}
		known[user] = {table: columns for table, columns in hidden.items() if columns}
	return known[user]


def hidden_of(doctype: str, user: str) -> frozenset[str]:
	meta = frappe.get_meta(doctype)
	levels = set(meta.get_permlevel_access("read", user=user))
	return frozenset(
		field.fieldname for field in meta.fields if field.permlevel and field.permlevel not in levels
	)


def checked(statement: str, hidden: dict[str, frozenset[str]]) -> sql_names.Verdict:
	"""Raises PermissionError for a statement that names a hidden column, or that cannot be read."""
	try:
		verdict = sql_names.judge(statement, hidden)
	except sql_names.Unreadable:
		refuse(frozenset().union(*hidden.values()))
	if verdict.named:
		refuse(verdict.named)
	return verdict


def refuse(columns: Iterable[str]) -> None:
	frappe.throw(
		_("You may not search, sort or count by {0}.").format(", ".join(sorted(columns))),
		frappe.PermissionError,
	)


def without(rows: Any, hidden: frozenset[str], names: list[str]) -> Any:
	"""The rows as they came (dicts, tuples, lists or the first column alone), with nothing where a hidden column stood."""
	places = frozenset(place for place, name in enumerate(names) if name.lower() in hidden)
	return type(rows)(blanked(row, places, names) for row in rows) if places else rows


def blanked(row: Any, places: frozenset[int], names: list[str]) -> Any:
	if isinstance(row, dict):
		row.update({names[place]: None for place in places if names[place] in row})
		return row
	if isinstance(row, list | tuple):
		return type(row)(None if place in places else value for place, value in enumerate(row))
	return None if 0 in places else row


def may_see_numbers(user: str | None = None) -> bool:
	"""Whether the user's roles read permission level 1 of the people who are called."""
	user = user or frappe.session.user
	return user == "Administrator" or 1 in frappe.get_meta("Dialer Recipient").get_permlevel_access(
		"read", user=user
	)
