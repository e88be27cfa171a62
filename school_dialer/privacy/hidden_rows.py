"""Keep rows about people hidden from users who may not read them, whatever method of Frappe asks.

Several of Frappe's methods read rows without a permission check, and one whitelisted method may call another
(`map_docs`), so no list of methods is ever complete. What Frappe does check everywhere are the rights of a
role, and these rows are narrowed where a statement is executed: to what Frappe's own list would show this
user, by roles, User Permissions, shares, and this app's conditions. `hidden_fields` calls this for each
statement that Frappe made for a user. A condition of this app that reads such rows is `schools.rows.trusted`:
were they narrowed, what it excludes by a hidden row would appear.
"""

import re
import sys
from types import FrameType

import frappe
from frappe.database.utils import EmptyQueryValues

from school_dialer.audience import student_access
from school_dialer.privacy import portal, student_rows
from school_dialer.privacy.statements import beside, sql_rows
from school_dialer.schools.decisions import DECISIONS, FAMILY, USER

GUARDED = frozenset(
	{
		*(doctype for doctype, decision in DECISIONS.items() if decision.kind in (FAMILY, USER)),
		*student_rows.HELD,
		*("Dialer Conversation Message", "Dialer Shared File", "Dialer Party"),
		*("Consent Head", "Dialer Alias", "Dialer Audience File", "Dialer Roster Record"),
	}
)
"""All of the app's DocTypes whose rows are about people."""
DOCTYPES = {f"tab{doctype}".lower(): doctype for doctype in GUARDED}
ORDERS = f"tab{portal.CHILD}".lower()
"""The table in which `portal.COLUMNS` of this app hold court orders on a student.

Frappe lists the rows of a child table to all who may read any Student.
"""
TABLES = re.compile("|".join(map(re.escape, (*DOCTYPES, ORDERS))), re.IGNORECASE)
READS_ORDERS = re.compile("|".join((r"\*", *portal.COLUMNS)), re.IGNORECASE)

WHOLE_MODULES = frozenset(
	{
		"frappe.model.rename_doc",
		"frappe.model.dynamic_links",
		"frappe.database.schema",
		"frappe.database.mariadb.schema",
	}
)
FUNCTIONS = frozenset(
	{
		("frappe.model.delete_doc", "check_if_doc_is_linked"),
		("frappe.model.delete_doc", "check_if_doc_is_dynamically_linked"),
		("frappe.desk.form.linked_with", "get_dynamic_linked_fields"),
	}
)
"""Frappe's code that needs all rows to keep links true, and returns none of them.

`WHOLE_MODULES` too. Without them, a person could be deleted whom a hidden row names, and Frappe's cache would
keep for everyone which DocTypes link to which.
"""
ENTRANCES = frozenset({"frappe.app", "frappe.utils.background_jobs"})


def begin() -> None:
	frappe.local.dialer_row_conditions = {}


def narrowed(statement: str, user: str, args: tuple, kwargs: dict) -> str:
	"""Return the statement without rows that the user may not read. Raises `sql_names.Unreadable`.

	`args` and `kwargs` are those of `Database.sql` after the statement.
	"""
	of_website = portal.ROWS if portal.concerns(statement, user) else {}
	orders = {ORDERS} if not of_website and READS_ORDERS.search(statement) else set()
	kept_beside = beside.tables(statement)
	of_any = of_website or kept_beside or TABLES.search(statement)
	if not kwargs.get("run", True) or not of_any or keeps_links_true():
		return statement
	values = args[0] if args else kwargs.get("values", EmptyQueryValues)
	filled = values is not EmptyQueryValues

	def condition_of(table: str) -> str:
		if table == ORDERS:
			condition = of_readable_students(user)
		elif table in kept_beside:
			condition = beside_readable(table, user, beside.named(f"{statement} {values if filled else ''}"))
		else:
			condition = of_website.get(table) or condition_for(DOCTYPES[table], user)
		return condition.replace("%", "%%") if filled else condition

	own_conditions = getattr(frappe.local, "dialer_conditions", None) or ()
	tables = {*DOCTYPES, *of_website, *orders, *kept_beside}
	return sql_rows.narrowed(statement, tables, condition_of, own_conditions)


def condition_for(doctype: str, user: str) -> str:
	"""Return SQL for the rows that Frappe's list would show the user. Computed once per request."""
	conditions = known_conditions()
	if (doctype, user) not in conditions:
		conditions[doctype, user] = student_access.matching(doctype, user)
	return conditions[doctype, user]


def known_conditions() -> dict[tuple, str]:
	"""Return the conditions that this request has computed, by DocType or table, user, and what was asked."""
	if getattr(frappe.local, "dialer_row_conditions", None) is None:
		begin()
	return frappe.local.dialer_row_conditions


def beside_readable(table: str, user: str, asked: frozenset[str]) -> str:
	"""Return SQL for what is kept beside records that the user may read, of those that are asked for."""
	conditions, key = known_conditions(), (table, user, asked)
	if key not in conditions:
		conditions[key] = beside.condition(table, user, asked, GUARDED, condition_for)
	return conditions[key]


def of_readable_students(user: str) -> str:
	"""Return SQL for the links to guardians of students whom the user may read."""
	allowed, table = condition_for(student_access.STUDENT, user), f"`tab{portal.CHILD}`"
	if not allowed:
		return ""
	students = f"select `tabStudent`.name from `tabStudent` where {allowed}"
	return f"(ifnull({table}.parenttype, '') != 'Student' or {table}.parent in ({students}))"


def keeps_links_true() -> bool:
	frame: FrameType | None = sys._getframe(1)
	while frame:
		module = frame.f_globals.get("__name__") or ""
		if module in ENTRANCES:
			return False
		if module in WHOLE_MODULES or (module, frame.f_code.co_name) in FUNCTIONS:
			return True
		frame = frame.f_back
	return False
