"""Of which records a campaign or rule tells by calling somebody, whatever its words are: to be called about unpaid fees says that one owes.

Rules and audience conditions are looked up through the app's own hooks, so those of other apps count as well. A DocType is such a
record when it links to one student and is no enrolment.
"""

from collections.abc import Iterable

import frappe

from school_dialer.audience.student_access import STUDENT, quoted

OF_PURPOSE = {"Fees": "Fees", "Attendance": "Student Attendance"}
OF_EMERGENCY = {"Unexcused absence": "Student Attendance"}
ENROLMENTS = ("Program Enrollment", "Course Enrollment")
"""To be a student of a program is no secret among those who may read the student."""


def doctypes() -> list[str]:
	"""All of which anything on this site may tell."""
	known = [*OF_PURPOSE.values(), *OF_EMERGENCY.values()]
	for some in (*of_kinds().values(), *of_conditions().values()):
		known += sorted(some)
	return [doctype for doctype in dict.fromkeys(known) if is_record(doctype)]


def is_record(doctype: str) -> bool:
	if doctype in (STUDENT, *ENROLMENTS) or not frappe.db.exists("DocType", doctype, cache=True):
		return False
	meta = frappe.get_meta(doctype)
	link = meta.get_field("student")
	return bool(link and link.options == STUDENT and not meta.istable)


def of_kinds() -> dict[str, set[str]]:
	"""By kind of rule."""
	found = {}
	for path in frappe.get_hooks("dialer_rule_kinds"):
		kind = frappe.get_attr(path)
		found[kind.label] = records_of(need.partition(".")[0] for need in kind.needs)
	return found


def of_conditions() -> dict[str, set[str]]:
	"""By kind of condition on an audience."""
	found = {}
	for path in frappe.get_hooks("dialer_audience_conditions"):
		condition = frappe.get_attr(path)
		found[condition.kind] = records_of(condition.reads)
	return found


def records_of(names: Iterable[str]) -> set[str]:
	return set(filter(is_record, names))


def of_rule(kind: str | None) -> set[str]:
	return of_kinds().get(kind or "", set())


def of_campaign(campaign) -> set[str]:
	"""Of a Dialer Campaign, saved or not."""
	about = {OF_PURPOSE.get(campaign.purpose), OF_EMERGENCY.get(campaign.get("emergency_type"))}
	if campaign.get("rule"):
		about |= of_rule(frappe.db.get_value("Dialer Rule", campaign.rule, "kind", cache=True))
	written = campaign.get("audience_filters") or ""
	for kind, records in of_conditions().items():
		if f'"{kind}"' in written:
			about |= records
	return set(filter(is_record, filter(None, about)))


def rules(doctype: str) -> str:
	"""SQL: the names of rules whose calls tell of such a record."""
	kinds = [kind for kind, records in of_kinds().items() if doctype in records]
	return f"select name from `tabDialer Rule` where kind in ({quoted(kinds or [''])})"


def campaigns(doctype: str) -> str:
	"""SQL: the names of campaigns whose calls tell of such a record; the same that `of_campaign` finds."""
	purposes = [purpose for purpose, record in OF_PURPOSE.items() if record == doctype]
	emergencies = [emergency for emergency, record in OF_EMERGENCY.items() if record == doctype]
	told = [
		f"purpose in ({quoted(purposes or [''])})",
		f"emergency_type in ({quoted(emergencies or ['-'])})",
		f"rule in ({rules(doctype)})",
	]
	told += [
		f"locate({quoted([chr(34) + kind + chr(34)])}, ifnull(audience_filters, '')) > 0"
		for kind, records in of_conditions().items()
		if doctype in records
	]
	return "select name from `tabDialer Campaign` where " + " or ".join(told)
