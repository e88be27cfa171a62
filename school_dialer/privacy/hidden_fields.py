"""Keep fields above a user's permission level hidden, however they are requested.

Frappe leaves such fields out of its results, but lets anyone who may request a list, a count or a chart
filter, sort or group by them. From the rows that come back, a full number can be guessed digit by digit. So
this module ignores what is requested and by which method, and checks each SQL statement when it is executed.
A statement that Frappe made for a user and that names a column hidden from that user is rejected. Whole rows
(`select *`, from which Frappe builds documents) are returned without these columns, so no form, print,
template or comparison can use them. Statements by this app's own code are not checked: the code does its own
masking, and `tests/integration/roles` tests it. The same place narrows a statement to the rows that the user
may read (`hidden_rows`), and refuses tags on records that the user may not write.

`begin` installs the check for each request and job. Frappe has no hook for statements; its Recorder replaces
`frappe.db.sql` in the same way. Here the method of the class is replaced, because a replica is another
connection in the same request.
"""

import re
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import frappe
from frappe import _
from frappe.database.database import Database
from frappe.model import document
from frappe.model.document import Document
from frappe.permissions import get_role_permissions

from school_dialer.audience import student_access
from school_dialer.base.refusal import throw
from school_dialer.privacy import hidden_rows, portal
from school_dialer.privacy.asker import reader
from school_dialer.privacy.statements import beside, sql_names
from school_dialer.schools import rows as school_rows
from school_dialer.schools.decisions import DECISIONS

GUARDED = (
	"Consent Event",
	"Consent Head",
	"Contact Consent",
	"Dialer Absence Report",
	"Dialer Call Log",
	"Dialer Campaign",
	"Dialer Consent Answer",
	"Dialer Consent Request",
	"Dialer Conversation",
	"Dialer Conversation Message",
	"Dialer Legal Hold",
	"Dialer Manual Call",
	"Dialer Notice",
	"Dialer Number Lookup",
	"Dialer Own Number",
	"Dialer Preference Link",
	"Dialer Recipient",
	"Dialer Review",
)
"""All of the app's DocTypes that have a field above permission level 0."""
TABLES = re.compile("tab(?:" + "|".join(GUARDED) + ")", re.IGNORECASE)
MARKING = re.compile(r"\s*update\b[^`]*`tab([^`]+)`.*\b(_user_tags|_liked_by)\b", re.IGNORECASE | re.DOTALL)
MARKS = {"_user_tags": "write", "_liked_by": "read"}
"""By column that Frappe writes to without asking for a right on the record: the right that it takes here."""
WRITES = re.compile(r"\s*(?:insert|update|delete)\b", re.IGNORECASE)
WATCHES = "watches_for_school_dialer"
KEEP = "_set_document_in_cache"
"""Frappe's function of this name, in whichever of two modules its release has it."""


def begin() -> None:
	"""Start checking this request's or job's statements. Hook for before_request and before_job.

	Who is reading is determined for each statement.
	"""
	if not hasattr(Database.sql, WATCHES):
		Database.sql = watched(Database.sql)
	for module in (frappe, document):
		keep = getattr(module, KEEP, None)
		if keep and not hasattr(keep, WATCHES):
			setattr(module, KEEP, of_all(keep))
	frappe.local.dialer_hidden = {}
	hidden_rows.begin()


def watched(sql: Callable) -> Callable:
	@wraps(sql)
	def run(self, query, *args, **kwargs):
		by_user = getattr(frappe.local, "dialer_hidden", None)
		if by_user is None or (user := guarded_from(str(query))) is None:
			return sql(self, query, *args, **kwargs)
		refuse_marks(str(query), user)
		hidden = hidden_from(user, by_user)
		verdict = checked(str(query), hidden) if hidden else None
		query = of_rows(str(query), user, args, kwargs)
		if not verdict or not verdict.whole_rows:
			return sql(self, query, *args, **kwargs)
		if kwargs.get("as_iterator"):
			refuse(verdict.hidden)
		rows = sql(self, query, *args, **kwargs)
		return without(rows, verdict.hidden, [column[0] for column in self.get_description() or ()])

	setattr(run, WATCHES, True)
	return run


def of_all(keep: Callable) -> Callable:
	"""Return Frappe's function that puts a document into the cache of all users, for whole documents only.

	What was read for a user may be without hidden columns and rows, and the dialer would go on with it.
	"""

	@wraps(keep)
	def run(key: str, doc: Document, *args, **kwargs) -> None:
		if not (doc.doctype in (*DECISIONS, *student_access.FAMILY) and reader()):
			keep(key, doc, *args, **kwargs)

	setattr(run, WATCHES, True)
	return run


def guarded_from(statement: str) -> str | None:
	"""Return the user for whom Frappe made a statement that may have something to hide, or None."""
	of_app = any(
		(
			TABLES.search(statement),
			hidden_rows.TABLES.search(statement),
			beside.TABLES.search(statement),
			marked(statement),
		)
	)
	if not of_app and not portal.TABLES.search(statement):
		return None
	user = reader()
	return user if user and (of_app or portal.concerns(statement, user)) else None


def marked(statement: str) -> tuple[str, str] | None:
	"""Return the DocType of this app whose records the statement tags or likes, and the right that takes."""
	if not (match := MARKING.match(statement)):
		return None
	doctype = next((doctype for doctype in DECISIONS if doctype.lower() == match[1].lower()), None)
	return (doctype, MARKS[match[2].lower()]) if doctype else None


def refuse_marks(statement: str, user: str) -> None:
	"""Raise PermissionError for a tag on a record that the user's roles may not write, such as evidence.

	A like takes the right to read.
	"""
	if not (mark := marked(statement)):
		return
	doctype, right = mark
	if not get_role_permissions(frappe.get_meta(doctype), user=user).get(right):
		throw(_("You may not tag these records."), frappe.PermissionError)


def of_rows(statement: str, user: str, args: tuple, kwargs: dict) -> str:
	"""Return the statement for the rows that the user may read.

	Raises PermissionError if it cannot be parsed.
	"""
	try:
		return hidden_rows.narrowed(statement, user, args, kwargs)
	except sql_names.Unreadable:
		throw(_("You may not ask for these records in this way."), frappe.PermissionError)


def hidden_from(user: str, by_user: dict[str, dict]) -> dict[str, frozenset[str]]:
	"""Return table -> columns above the permission levels that this user's roles may read.

	Computed once per request.
	"""
	if user not in by_user:
		hidden = {f"tab{doctype}": hidden_of(doctype, user) for doctype in GUARDED}
		hidden |= portal.HIDDEN if portal.is_of_website(user) else {}
		by_user[user] = {table: columns for table, columns in hidden.items() if columns}
	return by_user[user]


def hidden_of(doctype: str, user: str) -> frozenset[str]:
	meta = frappe.get_meta(doctype)
	levels = set(meta.get_permlevel_access("read", user=user))
	return frozenset(
		field.fieldname for field in meta.fields if field.permlevel and field.permlevel not in levels
	)


def checked(statement: str, hidden: dict[str, frozenset[str]]) -> sql_names.Verdict:
	"""Return the verdict on a statement.

	Raises PermissionError if it names a hidden column or cannot be parsed. Frappe writes a row with all its
	columns, so what is written to another app's table is not checked.
	"""
	if WRITES.match(statement):
		hidden = {table: columns for table, columns in hidden.items() if table not in portal.HIDDEN}
	try:
		verdict = sql_names.judge(school_rows.without_trusted(statement), hidden)
	except sql_names.Unreadable:
		refuse(frozenset().union(*hidden.values()))
	if verdict.named:
		refuse(verdict.named)
	return verdict


def refuse(columns: Iterable[str]) -> None:
	throw(
		_("You may not search, sort or count by {0}.").format(", ".join(sorted(columns))),
		frappe.PermissionError,
	)


def without(rows: Any, hidden: frozenset[str], names: list[str]) -> Any:
	"""Return the rows in their original form, with None in place of hidden columns.

	Rows may be dicts, tuples, lists or single values of the first column.
	"""
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
	"""Return whether the user's roles may read permission level 1 of Dialer Recipient."""
	user = user or frappe.session.user
	return user == "Administrator" or 1 in frappe.get_meta("Dialer Recipient").get_permlevel_access(
		"read", user=user
	)
