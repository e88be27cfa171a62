"""Lists of names and numbers move to where only those may read them who see numbers: until then they were attached to their campaigns."""

import frappe

from school_dialer.audience import list_file


def execute() -> None:
	"""Each campaign gets a copy of its own, and the upload goes, unless others use it. Twice is as once."""
	for name in frappe.get_all(
		"Dialer Campaign",
		{list_file.FIELD: ("is", "set")},
		pluck="name",
		order_by="name",
		limit_page_length=0,
	):
		list_file.copy_for_campaign(frappe.get_doc("Dialer Campaign", name))
