"""Check of rules that were made in the Desk and write records of this app without a right on them.

`desk.support.written_by_rules` refuses new ones, and what a Notification sets. A Workflow, an Auto Repeat, or
a Document Naming Rule of days before that goes on, and so does a Server Script, which the role Script Manager
may write. Frappe shows none of them beside the record that they wrote.
"""

from collections.abc import Iterator

import frappe
from frappe import _

from school_dialer.health.finding import OK, WARN, Finding
from school_dialer.schools.decisions import DECISIONS

IN_FORCE = {
	"Workflow": ("document_type", {"is_active": 1}),
	"Notification": ("document_type", {"enabled": 1, "set_property_after_alert": ("is", "set")}),
	"Auto Repeat": ("reference_doctype", {"disabled": 0}),
	"Document Naming Rule": ("document_type", {"disabled": 0}),
	"Server Script": ("reference_doctype", {"disabled": 0, "script_type": "DocType Event"}),
}
"""By kind of rule that writes records: the field with its DocType, and which of them are in force."""
MOST_NAMED = 5


def writers() -> Finding:
	"""Name the rules in force that write records of this app."""
	found = list(standing())
	figures = {"desk_rules_writing": len(found)}
	if not found:
		text = _("No Workflow and no other rule of the Desk writes records of the dialer.")
		return Finding("desk_rules", OK, text, figures)
	named = [f"{_(kind)} {name} ({_(doctype)})" for kind, name, doctype in found[:MOST_NAMED]]
	if len(found) > MOST_NAMED:
		named.append("…")
	text = _(
		"Rules of the Desk that write records of the dialer without a right on them, {0} in all: {1}. "
		"Disable or delete them."
	).format(len(found), ", ".join(named))
	return Finding("desk_rules", WARN, text, figures)


def standing() -> Iterator[tuple[str, str, str]]:
	"""Yield the kind of each such rule, its name, and the DocType that it writes."""
	for kind, (column, filters) in IN_FORCE.items():
		of_ours = {**filters, column: ("in", list(DECISIONS))}
		rows = frappe.get_all(kind, of_ours, ["name", f"{column} as written"], order_by="name")
		yield from ((kind, row.name, row.written) for row in rows)
