"""Show what Frappe keeps beside a record to those only who may read the record.

Frappe lists comments, such as those with families' answers, to everyone with the role Website Manager, and to
all users the tags of a record, with its title, the words with which colleagues give points for it, and the
filters that others saved, with the number or name they look for. It opens each notification to all users who
count up to its name, and finds for everyone in its search what is in anyone's tasks. `privacy.hidden_rows`
narrows these tables in each statement that Frappe made for a user.
"""

import re
from collections.abc import Callable, Iterator

import frappe
from frappe.permissions import get_role_permissions

from school_dialer.audience.student_access import NO_ROWS, STUDENT
from school_dialer.privacy import portal
from school_dialer.schools.decisions import DECISIONS
from school_dialer.schools.rows import quoted

ABOUT = {
	"tabcomment": ("`tabComment`.reference_doctype", "`tabComment`.reference_name"),
	"tabtag link": ("`tabTag Link`.document_type", "`tabTag Link`.document_name"),
	"tabenergy point log": (
		"`tabEnergy Point Log`.reference_doctype",
		"`tabEnergy Point Log`.reference_name",
	),
}
"""By table in lowercase: the columns with the DocType and the name of the record."""
FILTERS, NEWS, SEARCH = "tablist filter", "tabnotification log", "__global_search"
TABLES = re.compile("|".join((*ABOUT, FILTERS, NEWS, SEARCH)), re.IGNORECASE)
READS = re.compile(r"\bselect\b", re.IGNORECASE)
ConditionFor = Callable[[str, str], str]
"""Returns SQL for the rows of a DocType that a user may read, as `hidden_rows.condition_for`."""


def tables(statement: str) -> set[str]:
	"""Return the tables of this module that the statement may read, in lowercase."""
	names = {name.lower() for name in TABLES.findall(statement)}
	return names if names and READS.search(statement) else set()


def named(asked: str) -> frozenset[str]:
	"""Return the DocTypes of this app that a statement or its values name."""
	return frozenset(doctype for doctype in DECISIONS if doctype in asked)


def condition(
	table: str, user: str, asked: frozenset[str], guarded: frozenset[str], condition_for: ConditionFor
) -> str:
	"""Return SQL for the rows that remain; "" for all.

	`asked` are the DocTypes that the statement names, and `guarded` those of this app about people.
	"""
	owner = quoted([user])
	if table == NEWS:
		return f"`tabNotification Log`.for_user = {owner}"
	if table == SEARCH:
		return found_for(user, condition_for)
	if table == FILTERS:
		return (
			f"(ifnull(`tabList Filter`.reference_doctype, '') not in ({quoted(sorted(guarded))})"
			f" or `tabList Filter`.owner = {owner} or `tabList Filter`.for_user = {owner})"
		)
	kind, name = ABOUT[table]
	narrowed = dict(narrowed_doctypes(user, asked, guarded, condition_for))
	parts = [
		f"({kind} = {quoted([doctype])} and {name} in "
		f"(select `tab{doctype}`.name from `tab{doctype}` where {allowed}))"
		for doctype, allowed in narrowed.items()
		if allowed != NO_ROWS
	]
	others = f"ifnull({kind}, '') not in ({quoted(narrowed)})"
	return f"({' or '.join((others, *parts))})" if narrowed else ""


def narrowed_doctypes(
	user: str, asked: frozenset[str], guarded: frozenset[str], condition_for: ConditionFor
) -> Iterator[tuple[str, str]]:
	"""Yield the DocTypes of which the user may not read all records, with SQL for those that they may.

	Of a DocType about people that the statement does not name, no record remains: the conditions of all of
	them would make each form wait.
	"""
	if portal.is_of_website(user):
		yield STUDENT, NO_ROWS
	elif frappe.db.exists("DocType", STUDENT, cache=True) and (allowed := condition_for(STUDENT, user)):
		yield STUDENT, allowed
	for doctype in DECISIONS:
		if not get_role_permissions(frappe.get_meta(doctype), user=user).get("read"):
			yield doctype, NO_ROWS
		elif doctype in guarded:
			allowed = condition_for(doctype, user) if doctype in asked else NO_ROWS
			if allowed:
				yield doctype, allowed


def found_for(user: str, condition_for: ConditionFor) -> str:
	"""Return SQL for what Frappe's search finds for the user: what is published, or the user may read."""
	kind, name = f"`{SEARCH}`.doctype", f"`{SEARCH}`.name"
	parts = [f"`{SEARCH}`.published = 1"]
	for doctype in frappe.get_all("Global Search DocType", pluck="document_type", order_by="idx"):
		allowed = condition_for(doctype, user)
		if allowed != NO_ROWS:
			rows = f"(select `tab{doctype}`.name from `tab{doctype}` where {allowed})"
			parts.append(f"({kind} = {quoted([doctype])}{f' and {name} in {rows}' if allowed else ''})")
	return f"({' or '.join(parts)})"
