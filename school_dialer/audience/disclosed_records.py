"""Which records a campaign or rule reveals just by calling a person, whatever its message says.

To be called about unpaid fees reveals that the person owes some. Rules and audience conditions are looked up
through the app's hooks, so those of other apps count as well. A DocType is such a record if it links to one
student and is not an enrollment.
"""

from collections.abc import Iterable

import frappe

from school_dialer.audience.student_access import STUDENT
from school_dialer.schools.rows import quoted

OF_PURPOSE = {"Fees": "Fees", "Attendance": "Student Attendance"}
OF_EMERGENCY = {"Unexcused absence": "Student Attendance"}
ENROLMENTS = ("Program Enrollment", "Course Enrollment")
"""Being a student of a program is not confidential for anyone who may read the student."""


def doctypes() -> list[str]:
	"""Return every record DocType that anything on this site may reveal."""
	named = [*OF_PURPOSE.values(), *OF_EMERGENCY.values()]
	for records in (*of_kinds().values(), *of_conditions().values()):
		named += sorted(records)
	return [doctype for doctype in dict.fromkeys(named) if is_record(doctype)]


def is_record(doctype: str) -> bool:
	if doctype in (STUDENT, *ENROLMENTS) or not frappe.db.exists("DocType", doctype, cache=True):
		return False
	meta = frappe.get_meta(doctype)
	link = meta.get_field("student")
	return bool(link and link.options == STUDENT and not meta.istable)


def of_kinds() -> dict[str, set[str]]:
	"""Return rule kind -> record DocTypes."""
	by_kind = {}
	for path in frappe.get_hooks("dialer_rule_kinds"):
		kind = frappe.get_attr(path)
		by_kind[kind.label] = records_of(need.partition(".")[0] for need in kind.needs)
	return by_kind


def of_conditions() -> dict[str, set[str]]:
	"""Return audience condition kind -> record DocTypes."""
	by_condition = {}
	for path in frappe.get_hooks("dialer_audience_conditions"):
		condition = frappe.get_attr(path)
		by_condition[condition.kind] = records_of(condition.reads)
	return by_condition


def records_of(names: Iterable[str]) -> set[str]:
	return set(filter(is_record, names))


def of_rule(kind: str | None) -> set[str]:
	return of_kinds().get(kind or "", set())


def of_campaign(campaign) -> set[str]:
	"""Return the record DocTypes that a Dialer Campaign, saved or not, reveals."""
	about = {OF_PURPOSE.get(campaign.purpose), OF_EMERGENCY.get(campaign.get("emergency_type"))}
	if campaign.get("rule"):
		about |= of_rule(frappe.db.get_value("Dialer Rule", campaign.rule, "kind", cache=True))
	written = campaign.get("audience_filters") or ""
	for kind, records in of_conditions().items():
		if f'"{kind}"' in written:
			about |= records
	for other in filter(None, (campaign.get("corrects"), campaign.get("resends"))):
		about |= of_campaign(frappe.get_cached_doc("Dialer Campaign", other))
	return set(filter(is_record, filter(None, about)))


def rules(doctype: str) -> str:
	"""Return SQL for the names of rules whose calls reveal such a record."""
	kinds = [kind for kind, records in of_kinds().items() if doctype in records]
	return f"select name from `tabDialer Rule` where kind in ({quoted(kinds or [''])})"


def campaigns(doctype: str) -> str:
	"""Return SQL for the names of campaigns whose calls reveal such a record, as `of_campaign` finds them."""
	purposes = [purpose for purpose, record in OF_PURPOSE.items() if record == doctype]
	emergencies = [emergency for emergency, record in OF_EMERGENCY.items() if record == doctype]
	conditions = [
		f"purpose in ({quoted(purposes or [''])})",
		f"emergency_type in ({quoted(emergencies or ['-'])})",
		f"rule in ({rules(doctype)})",
	]
	conditions += [
		f"locate({quoted([chr(34) + kind + chr(34)])}, ifnull(audience_filters, '')) > 0"
		for kind, records in of_conditions().items()
		if doctype in records
	]
	query = "select name from `tabDialer Campaign` where " + " or ".join(conditions)
	# Twice: a correction of another try, and another try of a correction, reveal the same.
	return and_others(and_others(query))


def and_others(query: str) -> str:
	"""Return SQL for the names of these campaigns and of those that correct one or try one again."""
	of_others = f"corrects in ({query}) or resends in ({query})"
	return f"{query} union select name from `tabDialer Campaign` where {of_others}"
