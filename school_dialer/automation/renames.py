"""Cases name students as their records are called now, as the calls about them do (`gate.renames`).

Without this a rule would take back its calls about a student who was renamed, and call once more about what
the family has heard.
"""

import frappe

from school_dialer.automation import cases, stored_sentences
from school_dialer.automation.cases import IN_CAMPAIGN, SKIPPED, WAITING

CASE = "Dialer Rule Case"


def after_rename(doc, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Let the cases about this student name the record as it is called now (doc_events)."""
	rows = frappe.get_all(CASE, {"student": old}, ["name", "rule", "occasion", "status"], order_by="name")
	for row in rows if old != new else ():
		occasion = occasion_of(row.occasion or "", old, new)
		name = cases.name_of(row.rule, occasion)
		twin = frappe.db.get_value(CASE, name, ["name", "status"], as_dict=True)
		values = {"student": new, "occasion": occasion, **({} if twin else {"name": name})}
		frappe.db.set_value(CASE, row.name, values, update_modified=False)
		if twin and twin.name != row.name:
			call_once(row, twin)


def occasion_of(occasion: str, old: str, new: str) -> str:
	"""Return the occasion with the student's new name in it. The name stands at its beginning or its end."""
	if occasion.startswith(f"{old}:"):
		occasion = new + occasion.removeprefix(old)
	elif occasion.endswith(f":{old}"):
		occasion = occasion.removesuffix(old) + new
	return occasion[: cases.LENGTH]


def call_once(one, other) -> None:
	"""Skip the one of two cases about the same thing that waits, if the other one has its campaign."""
	for case, twin in ((one, other), (other, one)):
		if (case.status, twin.status) == (WAITING, IN_CAMPAIGN):
			cases.settle_cases([case.name], SKIPPED, str(stored_sentences.MERGED))
