"""Apply the permissions on students to our rows about them, in every list, form, report, export and print.

Implements the hooks `permission_query_conditions` and `has_permission`. A row is visible to a user who may
read all of the students it names, and also the records that its campaign or rule reveals by calling
(`audience.disclosed_records`): fees, attendance, results. Rows that name no student follow this app's roles.
A school's user sees only what is of their schools besides (`schools.rows`). The condition is empty for a user
who is not restricted.
"""

import json
from dataclasses import dataclass

import frappe

from school_dialer.audience import disclosed_records, student_access
from school_dialer.audience.student_access import FAMILY, NO_ROWS, STUDENT
from school_dialer.schools import rows as school_rows


@dataclass(frozen=True, slots=True)
class Rows:
	"""Where a DocType keeps the students of a row.

	`students` is a JSON list. `person` and `doctype` are columns with a name and its DocType; `doctype` is
	empty if the name is always a student's. `campaign` and `rule` say why the row exists.
	"""

	students: str = ""
	person: str = "person"
	doctype: str = "person_doctype"
	campaign: str = ""
	rule: str = ""
	family: bool = True
	"""Whether to hide a guardian's row that names no student if its campaign reveals records."""


OF_CALLS = Rows("students", campaign="campaign")
OF_STUDENT = Rows(person="student", doctype="student_doctype")
HELD = {
	"Dialer Recipient": OF_CALLS,
	"Dialer Call Log": OF_CALLS,
	"Dialer Conversation": OF_CALLS,
	"Dialer Manual Call": OF_CALLS,
	"Dialer Consent Answer": Rows("students"),
	"Dialer Consent Family": Rows("students"),
	"Dialer Consent Request": Rows("students"),
	"Dialer Absence Report": Rows(person="student", doctype=""),
	"Dialer Answer": Rows("students", campaign="campaign", family=False),
	"Dialer Disclosure": Rows(person="student", doctype="", campaign="campaign"),
	"Dialer Rule Case": Rows(person="student", doctype="", rule="rule"),
	"Dialer Reach": Rows(person="student", doctype=""),
	"Dialer Privacy Choice": OF_STUDENT,
	"Dialer Records Request": OF_STUDENT,
	"Dialer Legal Hold": Rows(),
	"Dialer PIN": Rows(),
	"Contact Consent": Rows(),
	"Consent Event": Rows(),
}
"""All of our DocTypes whose rows name a student."""


def conditions(doctype: str, user: str | None = None) -> str:
	"""Return SQL for lists, reports and counts; empty if the user may read all rows."""
	rows, table = HELD[doctype], f"`tab{doctype}`"
	students = student_access.matching(STUDENT, user)
	parts = only_children(rows, table, students) if students else []
	if rows.campaign or rows.rule:
		parts += [
			part
			for record in disclosed_records.doctypes()
			if (part := only_records(rows, table, record, user))
		]
	return " and ".join(filter(None, (*parts, school_rows.conditions(doctype, user))))


def names_no_child(rows: Rows, table: str) -> str:
	parts = [f"ifnull({table}.{rows.students}, '') in ('', '[]')"] if rows.students else []
	no_person = f"ifnull({table}.{rows.person}, '') = ''"
	parts.append(f"({no_person} or {not_student(rows, table)})" if rows.doctype else no_person)
	return "(" + " and ".join(parts) + ")"


def not_student(rows: Rows, table: str) -> str:
	return f"ifnull({table}.{rows.doctype}, '') != '{STUDENT}'"


def of_no_family(rows: Rows, table: str) -> str:
	"""Return SQL for rows that concern no family.

	A guardian whose row names no student was still called about one.
	"""
	no_child = names_no_child(rows, table)
	if not (rows.doctype and rows.family):
		return no_child
	family = ", ".join(f"'{doctype}'" for doctype in FAMILY)
	return f"({no_child} and ifnull({table}.{rows.doctype}, '') not in ({family}))"


def only_children(rows: Rows, table: str, allowed: str) -> list[str]:
	"""Return conditions that all students of a row are allowed. `allowed` is SQL on tabStudent.

	The subquery does not depend on the row, so it is read only once.
	"""
	if allowed == NO_ROWS:
		return [names_no_child(rows, table)]
	may = f"select `tabStudent`.name from `tabStudent` where {allowed}"
	other = not_student(rows, table) if rows.doctype else f"ifnull({table}.{rows.person}, '') = ''"
	parts = [f"({other} or {table}.{rows.person} in ({may}))"]
	if rows.students:
		listed = school_rows.listed(table, rows.students)
		parts.append(f"not exists (select 1 from {listed} where child.student not in ({may}))")
	return parts


def only_records(rows: Rows, table: str, record: str, user: str | None) -> str:
	"""Return a condition that rows do not reveal hidden records of this DocType.

	Rows of campaigns and rules that reveal such records pass only if none of their students' records is
	hidden from the user.
	"""
	allowed = student_access.matching(record, user)
	if not allowed:
		return ""
	column, sql_of = (
		(rows.campaign, disclosed_records.campaigns)
		if rows.campaign
		else (rows.rule, disclosed_records.rules)
	)
	elsewhere = f"ifnull({table}.{column}, '') not in ({sql_of(record)})"
	parts = [elsewhere, of_no_family(rows, table)]
	if allowed != NO_ROWS:
		kept = f"select `tab{record}`.student from `tab{record}` where not ifnull(({allowed}), 0)"
		terms = [f"not {names_no_child(rows, table)}", f"ifnull({table}.{rows.person}, '') not in ({kept})"]
		if rows.students:
			listed = school_rows.listed(table, rows.students)
			terms.append(f"not exists (select 1 from {listed} where child.student in ({kept}))")
		parts.append(f"({' and '.join(terms)})")
	return "(" + " or ".join(parts) + ")"


def allowed(doc, ptype: str = "read", user: str | None = None) -> bool:
	"""Return whether the user may access the row. Hook for `has_permission`.

	A user who creates a row knows its student, so creation is left to the roles. Only of a recipient the
	students must be readable: a call says more about them than the user knows.
	"""
	if not school_rows.allowed(doc, ptype, user):
		return False
	by_role = ptype == "create" and doc.doctype != "Dialer Recipient"
	return by_role or may_read_children(doc, user)


def may_read_children(doc, user: str | None = None) -> bool:
	"""Return whether the user may read the students that the row names, and the records it reveals."""
	rows = HELD[doc.doctype]
	person_doctype = doc.get(rows.doctype) if rows.doctype else STUDENT
	students = json.loads(doc.get(rows.students) or "[]") if rows.students else []
	if not students and not (person_doctype in FAMILY and doc.get(rows.person)):
		return True
	named = student_access.children(person_doctype, doc.get(rows.person), students)
	records = records_of(doc, rows)
	if named:
		return named <= student_access.readable(named, records, user)
	return not (rows.family and student_access.reads_not_all(records, user))


def records_of(doc, rows: Rows) -> set[str]:
	if rows.rule and doc.get(rows.rule):
		return disclosed_records.of_rule(frappe.db.get_value("Dialer Rule", doc.get(rows.rule), "kind"))
	if rows.campaign and doc.get(rows.campaign):
		fieldnames = ["purpose", "emergency_type", "rule", "audience_filters", "corrects", "resends"]
		campaign = frappe.db.get_value("Dialer Campaign", doc.get(rows.campaign), fieldnames, as_dict=True)
		return disclosed_records.of_campaign(campaign) if campaign else set()
	return set()


def narrowing(doctype: str) -> str:
	"""Return `conditions` for the end of our own query, which names its table in full and takes values."""
	condition = conditions(doctype)
	return " and " + condition.replace("%", "%%") if condition else ""


def of_conversations(user: str | None = None) -> str:
	return conditions("Dialer Conversation", user)


def of_messages(user: str | None = None) -> str:
	"""Return SQL for messages: those of the conversations that the user may read."""
	return of_parts("Dialer Conversation Message", user)


def of_shared_files(user: str | None = None) -> str:
	return of_parts("Dialer Shared File", user)


def of_parts(doctype: str, user: str | None) -> str:
	condition = of_conversations(user)
	of_readable = f"select name from `tabDialer Conversation` where {condition}"
	return school_rows.trusted(f"`tab{doctype}`.conversation in ({of_readable})") if condition else ""


def may_read_message(doc, ptype: str = "read", user: str | None = None) -> bool:
	"""Return whether the user may read the message's conversation. Hook for `has_permission`."""
	return ptype == "create" or allowed(frappe.get_doc("Dialer Conversation", doc.conversation), ptype, user)


def of_consent_answers(user: str | None = None) -> str:
	return conditions("Dialer Consent Answer", user)


def of_consent_families(user: str | None = None) -> str:
	return conditions("Dialer Consent Family", user)


def of_consent_requests(user: str | None = None) -> str:
	return conditions("Dialer Consent Request", user)


def of_manual_calls(user: str | None = None) -> str:
	return conditions("Dialer Manual Call", user)


def of_recipients(user: str | None = None) -> str:
	return conditions("Dialer Recipient", user)


def of_call_logs(user: str | None = None) -> str:
	return conditions("Dialer Call Log", user)


def of_absences(user: str | None = None) -> str:
	return conditions("Dialer Absence Report", user)


def of_answers(user: str | None = None) -> str:
	return conditions("Dialer Answer", user)


def of_disclosures(user: str | None = None) -> str:
	return conditions("Dialer Disclosure", user)


def of_cases(user: str | None = None) -> str:
	return conditions("Dialer Rule Case", user)


def of_choices(user: str | None = None) -> str:
	return conditions("Dialer Privacy Choice", user)


def of_reach(user: str | None = None) -> str:
	return conditions("Dialer Reach", user)


def of_requests(user: str | None = None) -> str:
	return conditions("Dialer Records Request", user)


def of_holds(user: str | None = None) -> str:
	return conditions("Dialer Legal Hold", user)


def of_pins(user: str | None = None) -> str:
	return conditions("Dialer PIN", user)


def of_consents(user: str | None = None) -> str:
	return conditions("Contact Consent", user)


def of_events(user: str | None = None) -> str:
	return conditions("Consent Event", user)
