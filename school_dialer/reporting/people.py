"""People by name, among the records that the user may read."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping

import frappe

from school_dialer.messages.providers.family import has_field
from school_dialer.messages.sensitivity.discretion import may_list
from school_dialer.privacy import student_rows

PEOPLE = {
	"Guardian": "guardian_name",
	"Student": "student_name",
	"Employee": "employee_name",
	"Contact": "full_name",
	"CRM Lead": "lead_name",
	"Lead": "lead_name",
	"Customer": "customer_name",
}
"""Whom staff look for, and the field of their name."""
LOOKED_AT = 5
"""How many times as many records are read as are returned."""


def kinds() -> list[str]:
	"""Return the DocTypes of `PEOPLE` that exist and that the user may list."""
	return [kind for kind, field in PEOPLE.items() if has_field(kind, field) and may_list(kind)]


def with_titles(people: Mapping[str, Collection[str]]) -> list[dict]:
	"""Return `{"doctype", "name", "title"}` for these records, in one query for each DocType."""
	titled = []
	for kind in kinds():
		if names := people.get(kind):
			fields, those = ["name", f"{PEOPLE[kind]} as title"], {"name": ("in", sorted(names))}
			rows = frappe.get_list(kind, those, fields, limit=len(names))
			titled += [{"doctype": kind, "name": row.name, "title": row.title} for row in rows]
	return titled


def named_like(doctype: str, text: str, most: int) -> list[dict]:
	"""Return the first `most` records whose name has this text in it.

	Frappe's lists take no escaped wildcard. So each stands for one character, and what it found too much is
	dropped here.
	"""
	title = PEOPLE[doctype]
	rows = frappe.get_list(
		doctype,
		filters={title: ("like", "%" + re.sub(r"[%_\\]", "_", text) + "%")},
		fields=["name", f"{title} as title"],
		order_by=f"{title}, name",
		limit=LOOKED_AT * most,
	)
	matching = [row for row in rows if text.casefold() in (row.title or "").casefold()]
	return [{"doctype": doctype, "name": row.name, "title": row.title} for row in matching[:most]]


def title_of(doctype: str, name: str) -> str:
	"""Return the name of a person on record, or "" for any other record."""
	return frappe.db.get_value(doctype, name, PEOPLE[doctype]) or "" if doctype in PEOPLE else ""


def at_numbers(phones: list[str]) -> dict[str, list[tuple[str, str, str]]]:
	"""Return for each number the (DocType, record, name) of those called at it or recorded with a consent.

	The name is that of the campaign's recipient, "" if only a consent names the record.
	"""
	if not phones:
		return {}
	called = frappe.db.sql(
		"""select distinct phone, person_doctype, person, person_name from `tabDialer Recipient`
		where phone in %s and person is not null"""
		+ student_rows.narrowing("Dialer Recipient"),
		(phones,),
	)
	agreed = frappe.db.sql(
		"""select distinct phone, person_doctype, person, '' from `tabConsent Event`
		where phone in %s and person is not null and person != ''"""
		+ student_rows.narrowing("Consent Event"),
		(phones,),
	)
	owners_of: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
	for phone, doctype, person, name in (*agreed, *called):
		if person:
			owners_of[phone][doctype or "", person] = name or ""
	return {phone: [(*key, name) for key, name in owners.items()] for phone, owners in owners_of.items()}
