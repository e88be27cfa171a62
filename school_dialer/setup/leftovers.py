"""Remove what Frappe leaves behind after an uninstall.

That is rows in its own tables that name this app's DocTypes, methods and reports.
"""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import frappe

from school_dialer.base.without_permission import delete_for_good

MODULE = Path(__file__).parents[1] / "school_dialer"
METHODS = "school_dialer.%"
# The column of each table that holds a DocType's name. `__Auth` holds the carrier's token, `Singles` the
# settings.
BY_DOCTYPE = {
	"Singles": "doctype",
	"__Auth": "doctype",
	"__UserSettings": "doctype",
	"__global_search": "doctype",
	"Custom Field": "dt",
	"Property Setter": "doc_type",
	"Custom DocPerm": "parent",
	"Client Script": "dt",
	"User Permission": "allow",
	"DocShare": "share_doctype",
	"Version": "ref_doctype",
	"Comment": "reference_doctype",
	"ToDo": "reference_type",
	"Tag Link": "document_type",
	"View Log": "reference_doctype",
	"Document Follow": "ref_doctype",
	"Notification Log": "document_type",
	"Deleted Document": "deleted_doctype",
}


@cache
def names_made(kind: str) -> tuple[str, ...]:
	"""Return the names of what the app's JSON files define of one kind, such as `doctype` or `report`.

	Includes what no longer exists in the database.
	"""
	files = (MODULE / kind).glob("*/*.json")
	return tuple(sorted(json.loads(file.read_text(encoding="utf-8"))["name"] for file in files))


def remove() -> None:
	"""Delete the rows in Frappe's own tables that refer to this app. Does not commit."""
	for table, column in BY_DOCTYPE.items():
		_delete(table, column, names_made("doctype"))
	for name in frappe.get_all(
		"Prepared Report", {"report_name": ("in", names_made("report"))}, pluck="name"
	):
		frappe.delete_doc("Prepared Report", name, force=True)
	_delete("Auto Email Report", "report", names_made("report"))
	for step in names_made("onboarding_step"):
		frappe.delete_doc_if_exists("Onboarding Step", step, force=True)
	jobs = frappe.get_all("Scheduled Job Type", {"method": ("like", METHODS)}, pluck="name")
	_delete("Scheduled Job Log", "scheduled_job_type", jobs)
	_delete("Scheduled Job Type", "name", jobs)
	frappe.db.delete("Patch Log", {"patch": ("like", METHODS)})
	remove_from_desktop()


def remove_from_desktop() -> None:
	"""Delete the app's icon and sidebar on Frappe 16, which deletes them itself and does not commit that."""
	for doctype in ("Desktop Icon", "Workspace Sidebar"):
		if frappe.db.table_exists(doctype) and frappe.get_meta(doctype).has_field("app"):
			for name in frappe.get_all(doctype, {"app": "school_dialer"}, pluck="name"):
				frappe.delete_doc(doctype, name, force=True)


def keep_files(evidence: Iterable[str]) -> None:
	"""Detach the files that the ledger names as evidence, because its export refers to them.

	Later releases of Frappe delete an app's Single records, and with a record they delete its attachments.
	"""
	detach({"file_url": ("in", list(evidence))})


def remove_files() -> None:
	"""Delete the files uploaded to this app's records: lists of people, recordings, prints."""
	# Deleting a file notifies the record it is attached to, whose DocType is gone.
	for name in detach({}):
		delete_for_good("File", name)


def detach(filters: dict) -> list[str]:
	"""Detach this app's files that match `filters` from their records.

	Return the names of the File documents.
	"""
	of_ours = {"attached_to_doctype": ("in", names_made("doctype"))}
	names = frappe.get_all("File", of_ours | filters, pluck="name", order_by="creation")
	if names:
		file = frappe.qb.DocType("File")
		query = frappe.qb.update(file).where(file.name.isin(names))
		for fieldname in ("attached_to_doctype", "attached_to_name", "attached_to_field"):
			query = query.set(fieldname, None)
		query.run()
	return names


def _delete(table: str, column: str, values: Iterable[str]) -> None:
	if values:
		frappe.db.delete(table, {column: ("in", list(values))})
