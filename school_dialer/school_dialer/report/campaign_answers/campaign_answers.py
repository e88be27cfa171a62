"""Who answered what to a campaign.

Numbers are masked for everyone; a reason for an absence is shown to users who may read the student.
"""

from collections import Counter

import frappe
from frappe import _

from school_dialer.reporting.table import above, column, labels

FIELDS = (
	"name",
	"label",
	"person_name",
	"phone_masked",
	"students",
	"channel",
	"answered_at",
	"history",
	"recipient",
)


def execute(filters: dict | None = None) -> tuple[list, list, str | None, dict | None, list]:
	filters = frappe._dict(filters or {})
	if not filters.campaign:
		return columns(), [], _("Choose a campaign."), None, []
	frappe.get_doc("Dialer Campaign", filters.campaign).check_permission("read")
	wanted = {"campaign": filters.campaign} | ({"label": filters.answer} if filters.answer else {})
	rows = frappe.get_list(
		"Dialer Answer",
		filters=wanted,
		fields=list(FIELDS),
		order_by="answer, person_name",
	)
	called = names_of({student for row in rows for student in frappe.parse_json(row.students or "[]")})
	for row in rows:
		row.students = ", ".join(called.get(name, name) for name in frappe.parse_json(row.students or "[]"))
	counts = Counter(row.label for row in rows)
	empty = _("No one has answered yet. Families answer with a key or a text. Wait, or clear a filter.")
	return columns(), rows, above(rows, empty), chart(counts), summary(counts)


def names_of(students: set[str]) -> dict[str, str]:
	"""Return the names of students that the user may read. Others are shown by their record's name."""
	if not students or not frappe.has_permission("Student"):
		return {}
	rows = frappe.get_list(
		"Student",
		filters={"name": ("in", sorted(students))},
		fields=["name", "student_name"],
		order_by="name",
	)
	return {row.name: row.student_name for row in rows if row.student_name}


def columns() -> list[dict]:
	return [
		column("label", _("Answer"), "Data", 180),
		column("person_name", _("Person"), "Data", 180),
		column("phone_masked", _("Number"), "Data", 130),
		column("students", _("About Students"), "Data", 200),
		column("channel", _("Channel"), "Data", 80),
		column("answered_at", _("Answered"), "Datetime", 180),
		column("history", _("Earlier Answers"), "Data", 220),
		column("recipient", _("Recipient"), "Link", 130, options="Dialer Recipient"),
		column("name", _("Record"), "Link", 130, options="Dialer Answer"),
	]


def chart(counts: Counter) -> dict | None:
	if not counts:
		return None
	return {
		"type": "bar",
		"colors": ["#2490ef"],
		"data": {
			"labels": labels(counts),
			"datasets": [{"name": _("People"), "values": list(counts.values())}],
		},
	}


def summary(counts: Counter) -> list[dict]:
	return [{"label": label, "value": count, "datatype": "Int"} for label, count in counts.items()]
