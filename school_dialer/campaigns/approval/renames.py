"""A request for approval stays valid when a record that it names gets another name: it is the same record.

Otherwise an emergency would wait, or stop in the middle, because someone gave a group another name. A record
that becomes one with another is another audience, and has to be approved again.
"""

import json

import frappe

from school_dialer.base import renaming, states
from school_dialer.campaigns.approval import changes, seal

MARK = "approval"


def before_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Remember which campaigns name this record and are what was asked for (doc_events)."""
	if old != new and not merge:
		names = naming(doc.doctype, old)
		lock(names)
		as_asked = [name for name in names if not changes.changes_of(name)]
		renaming.remember(MARK, doc.doctype, old, as_asked)


def after_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Let their requests name the record as it is called now, once the filters do (doc_events)."""
	for name in renaming.remembered(MARK, doc.doctype, old):
		seal.rename(name)


def naming(doctype: str, record: str) -> list[str]:
	"""Return the campaigns with a request for approval whose group or filters name the record, or may."""
	rows = frappe.db.sql(
		"""select name from `tabDialer Campaign` where asked_seal > '' and status not in %(ended)s
		and ((audience_doctype = %(doctype)s and audience_name = %(record)s)
			or instr(audience_filters, %(written)s))
		order by name""",
		{
			"ended": states.ENDED,
			"doctype": doctype,
			"record": record,
			"written": json.dumps(record, ensure_ascii=False),
		},
	)
	return [name for (name,) in rows]


def lock(names: list[str]) -> None:
	"""Let no one change these campaigns until the commit: what is sealed again differs by the name alone."""
	if names:
		frappe.db.sql("select name from `tabDialer Campaign` where name in %s for update", (tuple(names),))
