"""Conditions on students by name were stored in words with those names, for all who read the campaign, rule or audience."""

import frappe

from school_dialer.audience.base import sources
from school_dialer.audience.filters.filters import parsed
from school_dialer.automation.sentence import sentence


def execute() -> None:
	"""Say how many students there are instead. Repeatable; a condition that cannot be read any more keeps no words."""
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
		known = sources().get(source or "")
		words = {"filters_in_words": parsed(written, known.subjects).sentence() if known else None}
		if doctype == "Dialer Rule":
			words["sentence"] = sentence(frappe.get_doc(doctype, name))
	except frappe.ValidationError:
		words = {"filters_in_words": None}
	return words
