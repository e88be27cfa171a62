"""Filters name records as they are called now. Frappe renames links alone.

Without this, a group that is left out would be called after it got another name, and no one of a group that
is meant.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

import frappe

from school_dialer.audience.filters.condition import BadFilter
from school_dialer.audience.filters.education import STUDENT
from school_dialer.audience.filters.filters import opened, parsed
from school_dialer.base import states

UNENDED = {"status": ("not in", states.ENDED)}
"""One that was planned follows too: it may be planned again, and keeps its approval (`approval.renames`)."""
HOLDERS: dict[str, dict] = {"Dialer Campaign": UNENDED, "Dialer Rule": {}, "Dialer Audience": {}}


def after_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Let the filters that name this record name it as it is called now (doc_events)."""
	if old == new:
		return
	written = json.dumps(old, ensure_ascii=False)
	for holder, which in HOLDERS.items():
		rows = frappe.get_all(
			holder,
			{**which, "audience_filters": ("is", "set")},
			["name", "audience_filters"],
			order_by="name",
		)
		for row in rows:
			named = written in row.audience_filters
			if named and (values := renamed(row.audience_filters, doc.doctype, old, new)):
				frappe.db.set_value(holder, row.name, values, update_modified=False)


def renamed(text: str, doctype: str, old: str, new: str) -> dict[str, str | None]:
	"""Return what to write on a document with these filters; nothing if they do not name the record."""
	try:
		filters = parsed(text, subjects_of(opened(text)))
	except BadFilter:
		return {}
	only, exclude = (
		tuple(condition.renamed(doctype, old, new) for condition in part)
		for part in (filters.only, filters.exclude)
	)
	if (only, exclude) == (filters.only, filters.exclude):
		return {}
	later = replace(filters, only=only, exclude=exclude)
	return {"audience_filters": later.dumped(), "filters_in_words": later.sentence() or None}


def subjects_of(filters: Mapping) -> dict[str, str]:
	"""Return the DocTypes that the conditions are on, as `Source.subjects` has them. No query is built."""
	parts = [part for part in filters.values() if isinstance(part, list)]
	conditions = [rule for part in parts for rule in part if isinstance(rule, dict)]
	doctypes = {STUDENT, *(rule["doctype"] for rule in conditions if isinstance(rule.get("doctype"), str))}
	return dict.fromkeys(doctypes, "")
