"""Remove students' names from the stored wording of conditions.

Conditions that pick students by name were stored with those names, where everyone who reads the campaign,
rule or audience could see them.
"""

import frappe

from school_dialer.audience.base import sources
from school_dialer.audience.filters.filters import parsed
from school_dialer.automation.sentence import sentence


def execute() -> None:
	"""State how many students there are instead.

	Idempotent. A condition that can no longer be read ends up with no wording.
	"""
	for doctype in ("Dialer Campaign", "Dialer Audience", "Dialer Rule"):
		for name, source, written in naming(doctype):
			frappe.db.set_value(doctype, name, said(doctype, name, source, written), update_modified=False)


def naming(doctype: str) -> list[tuple]:
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(table.name, table.audience_source, table.audience_filters)
	query = query.where(
		table.audience_filters.like('%"People"%') & table.audience_filters.like('%"Student"%')
	)
	return query.run()


def said(doctype: str, name: str, source: str | None, written: str) -> dict:
	try:
		audience = sources().get(source or "")
		words = {"filters_in_words": parsed(written, audience.subjects).sentence() if audience else None}
		if doctype == "Dialer Rule":
			words["sentence"] = sentence(frappe.get_doc(doctype, name))
	except frappe.ValidationError:
		words = {"filters_in_words": None}
	return words
