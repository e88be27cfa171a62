"""The two files of an import: the zip, and the rows with errors. Both are private."""

import csv
import io
from collections.abc import Iterable

import frappe
from frappe import _

from school_dialer.base.bounds import spreadsheet
from school_dialer.base.database import private_files
from school_dialer.base.refusal import throw
from school_dialer.base.wording import translated
from school_dialer.roster_import.reading.archive import Limits
from school_dialer.roster_import.reading.csv_rows import RowError

DOCTYPE = "Dialer Roster Import"
MOST_ERRORS = 20_000
"""Rows in the file of errors."""


def content_of(doc) -> bytes:
	"""Return the zip of an import. Raises ValidationError if there is none or it is too large."""
	name = frappe.db.get_value(
		"File", {"file_url": doc.file, "attached_to_doctype": DOCTYPE, "attached_to_name": doc.name}
	)
	if not name:
		throw(_("The file of this import is not there any more. Start a new one."))
	path = frappe.get_doc("File", name).get_full_path()
	with open(path, "rb") as file:
		return file.read(Limits().packed + 1)


def readable(url: str | None):
	"""Return a File at this URL that the user may read. Raises DoesNotExistError without one."""
	fields = ["name", "file_name", "attached_to_doctype", "attached_to_name"]
	for row in frappe.get_all("File", {"file_url": url}, fields, order_by="creation") if url else []:
		if frappe.has_permission("File", "read", doc=row.name):
			return row
	throw(_("There is no such file."), frappe.DoesNotExistError)


def copy_upload(import_name: str, url: str) -> str:
	"""Copy a file that the user may read, and return the copy's URL.

	An upload to the import's own form is deleted: it is known under a name that can be guessed.
	"""
	row = readable(url)
	with open(frappe.get_doc("File", row.name).get_full_path(), "rb") as file:
		copied = attach(import_name, file.read(Limits().packed + 1), "zip")
	if row.attached_to_doctype == DOCTYPE and not frappe.db.exists(DOCTYPE, row.attached_to_name):
		frappe.delete_doc("File", row.name, force=True, delete_permanently=True)
	return copied


def attach(import_name: str, content: bytes, ending: str) -> str:
	return private_files.attach(DOCTYPE, import_name, content, "roster", ending)


def write_errors(import_name: str, errors: Iterable[RowError]) -> str:
	"""Write the rows with errors into a CSV file that no spreadsheet runs, and return its URL."""
	text = io.StringIO()
	out = csv.writer(text)
	out.writerow([_("File"), _("Line"), _("ID in the Roster"), _("Column"), _("Problem")])
	for count, error in enumerate(errors):
		if count == MOST_ERRORS:
			out.writerow(["", "", "", "", _("There are more.")])
			break
		cells = (error.file, error.line or "", error.sourced_id, error.column, translated(error.problem, _))
		out.writerow([spreadsheet.harmless(str(cell)) for cell in cells])
	return attach(import_name, ("\ufeff" + text.getvalue()).encode(), "csv")


def delete(import_name: str, url: str | None) -> None:
	"""Delete a file of an import and its File."""
	filters = {"file_url": url, "attached_to_doctype": DOCTYPE, "attached_to_name": import_name}
	for name in frappe.get_all("File", filters, pluck="name", order_by="name") if url else []:
		frappe.delete_doc("File", name, force=True, delete_permanently=True)
