"""What a recipient's form shows beside its fields, and a campaign's results for other systems."""

import frappe
from frappe.utils import cint

from school_dialer.audience import disclosed_records, student_access
from school_dialer.base.phone import mask
from school_dialer.campaigns import retries
from school_dialer.campaigns.parties import rows as parties
from school_dialer.desk.support import access


@frappe.whitelist()
def call_order(recipient: str) -> list[dict]:
	"""Return the people at the household's numbers, in calling order, with their numbers masked.

	Each entry has person, number, attempts, the children they are informed about, those who are left out, and
	whether it is the current one. Empty if there is only one, and no child is left out. What is about
	children whom the user may not see is not shown.
	"""
	doc = frappe.get_doc("Dialer Recipient", recipient)
	doc.check_permission("read")
	tries, current = retries.tries_of(doc.name), retries.line_of(doc)
	parties_of, _strange = parties.read([doc.name])
	rows = [row for row in parties_of.get(doc.name, ()) if row.state != parties.WITHDRAWN]
	lines = parties.points_of(rows)
	withheld = {(parties.key_of(row), row.student) for row in rows if row.state == parties.WITHHELD}
	meant = [
		tuple(student for student in line.students if (line.key, student) not in withheld) for line in lines
	]
	records = disclosed_records.of_campaign(frappe.get_cached_doc("Dialer Campaign", doc.campaign))
	students = {row.student for row in rows if row.student}
	names, open_to_user = student_access.visible_names(students), student_access.readable(students, records)
	if len(lines) < 2 and not open_to_user.difference(current.students, *meant):
		return []
	# The name of who is called depends on whom the call is about: it must not tell of a child left out.
	people = [
		(line.person_doctype, line.person, shared or line.students)
		for line, shared in zip(lines, meant, strict=True)
	]
	informed = {(parties.key_of(row), row.student) for row in rows if row.state == parties.INFORMED}
	entries = []
	for line, shared, may in zip(lines, meant, student_access.visible(people, records), strict=True):
		left_out = [student for student in line.students if student not in shared and student in open_to_user]
		entries.append(
			{
				"person": line.person_name if may else student_access.name_not_shown(),
				"phone": mask(line.phone) if may else "",
				"attempts": tries[line.key],
				"about": [names[student] for student in shared if may and student in names],
				"left_out": [names[student] for student in left_out if may and student in names],
				"informed": bool(shared) and all((line.key, student) in informed for student in shared),
				"current": line.key == current.key,
			}
		)
	return entries


PAGE, LONGEST_PAGE = 500, 5000
RESULT = (
	"name",
	"status",
	"outcome",
	"channel",
	"person_doctype",
	"person",
	"person_name",
	"phone_masked",
	"language",
	"reasons",
	"attempts",
	"keys_pressed",
	"not_before",
	"last_call_log",
)


@frappe.whitelist()
def results(campaign: str, after: str = "", limit: int = PAGE, status: str | None = None) -> dict:
	"""Return a page of a campaign's people and their results: `rows`, and `after` for the next page or None.

	Numbers are masked. Rows are in order of their names, so a page costs the same no matter how many come
	before it.
	"""
	access.get_record("Dialer Campaign", campaign).check_permission("read")
	most = min(max(cint(limit), 1), LONGEST_PAGE)
	filters = [["campaign", "=", campaign], ["name", ">", after]]
	if status:
		filters.append(["status", "=", status])
	rows = frappe.get_list(
		"Dialer Recipient", filters=filters, fields=list(RESULT), order_by="name", limit=most
	)
	return {"rows": rows, "after": rows[-1].name if len(rows) == most else None}
