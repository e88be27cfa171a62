"""Move uploaded lists of names and numbers to where only users who may see numbers can read them.

They used to be attached to their campaigns.
"""

import frappe

from school_dialer.audience import list_file


def execute() -> None:
	"""Give each campaign its own copy, and delete the upload unless something else uses it. Idempotent."""
	for name in frappe.get_all(
		"Dialer Campaign",
		{list_file.FIELD: ("is", "set")},
		pluck="name",
		order_by="name",
	):
		list_file.copy_for_campaign(frappe.get_doc("Dialer Campaign", name))
