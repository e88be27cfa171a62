"""Delete what imports of these tests committed."""

import frappe

from school_dialer.roster_import.known import DOCTYPE as RECORDS
from school_dialer.roster_import.result_files import DOCTYPE

ROWS = {
	"Student": ("Student Guardian",),
	"Student Group": ("Student Group Student", "Student Group Instructor"),
}


def clear() -> None:
	"""Delete all imports, their files, and every record that a roster made, and commit."""
	frappe.set_user("Administrator")
	for doctype in frappe.get_all(
		RECORDS, pluck="reference_doctype", distinct=True, order_by="reference_doctype"
	):
		names = frappe.get_all(
			RECORDS, {"reference_doctype": doctype, "reference_name": ("is", "set")}, pluck="reference_name"
		)
		for rows in ROWS.get(doctype, ()):
			frappe.db.delete(rows, {"parent": ("in", names), "parenttype": doctype})
		frappe.db.delete(doctype, {"name": ("in", names)})
		frappe.db.delete("Version", {"ref_doctype": doctype, "docname": ("in", names)})
	for name in frappe.get_all("File", {"attached_to_doctype": DOCTYPE}, pluck="name"):
		frappe.delete_doc("File", name, force=True, delete_permanently=True)
	frappe.db.delete(RECORDS)
	frappe.db.delete(DOCTYPE)
	frappe.db.delete("Notification Log", {"document_type": DOCTYPE})
	frappe.db.set_single_value("Dialer Settings", "roster_nightly", 0)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	frappe.db.commit()
	frappe.cache().delete_value("school_dialer_schools")
