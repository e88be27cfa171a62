"""Turn the checkbox "May receive educational records" into a choice of Yes, No or blank.

Blank goes by the relation. The checkbox's value is kept for guardians on record. It was checked by default,
so a guardian who is not a parent keeps Yes until the school changes it; docs/school/privacy.md explains how
to list
those guardians.
"""

import frappe

from school_dialer.audience.relations import NO, RECORDS, YES
from school_dialer.setup import custom_fields


def execute() -> None:
	if not frappe.db.exists(
		"Custom Field", {"dt": "Student Guardian", "fieldname": RECORDS, "fieldtype": "Check"}
	):
		return
	frappe.db.delete("Custom Field", {"dt": "Student Guardian", "fieldname": RECORDS})
	frappe.clear_cache(doctype="Student Guardian")
	custom_fields.create()
	for written, value in (("1", YES), ("0", NO)):
		frappe.db.sql(
			f"update `tabStudent Guardian` set {RECORDS} = %s where {RECORDS} = %s", (value, written)
		)
