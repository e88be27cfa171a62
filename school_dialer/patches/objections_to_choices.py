"""Turn the checkbox "Objects to disclosure to guardians" into privacy choices.

The checkbox had three meanings. For a student who holds the FERPA rights it becomes the student's refusal;
for any other student it becomes a safety hold, which keeps from the guardians what the checkbox kept from
them. Each goes on the review list so that a Compliance Officer confirms or ends it: a family that only opted
out of the directory hears about absences again once an officer ends its hold.
"""

import secrets

import frappe

from school_dialer.audience.base import country_code
from school_dialer.audience.student_rights import CHOICE, HOLD, REFUSAL
from school_dialer.base import clock
from school_dialer.base.database.rows import stamp
from school_dialer.compliance.rules.contact import is_of_age
from school_dialer.consent.replies import reviews
from school_dialer.gate import site_policies

OLD = "dialer_objects_to_disclosure"
REASON = (
	'Carried over from the box "Objects to disclosure to guardians". Find out what the family meant: end '
	"this hold if it was a "
	"directory opt-out, and record that instead."
)


def execute() -> None:
	if frappe.db.exists("DocType", "Student") and frappe.db.has_column("Student", OLD):
		carry_over()
	frappe.db.delete("Custom Field", {"dt": "Student", "fieldname": OLD})
	frappe.clear_cache(doctype="Student")


def carry_over() -> None:
	"""Create the choices and ask for their review.

	Idempotent: a student who already has a refusal or a hold keeps it.
	"""
	rules, now = site_policies.policy_of(country_code()), clock.now()
	ticked = frappe.db.sql(
		f"""select student.name, student.date_of_birth from `tabStudent` student where student.{OLD} = 1
		and not exists (select 1 from `tabDialer Privacy Choice` choice
			where choice.student = student.name and choice.kind in %s)""",
		((REFUSAL, HOLD),),
	)
	rows = [row_of(student, REFUSAL if is_of_age(born, rules, now) else HOLD) for student, born in ticked]
	if rows:
		frappe.db.bulk_insert(CHOICE, list(rows[0]), [tuple(row.values()) for row in rows])
	for row in rows:
		reviews.ask_for_review(reviews.CONFIRM, reference_doctype=CHOICE, reference_name=row["name"])


def row_of(student: str, kind: str) -> dict:
	now = clock.db_now()
	return {
		"name": secrets.token_hex(8),
		**stamp(now),
		"kind": kind,
		"student_doctype": "Student",
		"student": student,
		"guardian_doctype": "Guardian",
		"status": "In Force",
		"starts_on": now.date(),
		"reason": REASON,
		"recorded_by": "Administrator",
		"recorded_at": now,
	}
