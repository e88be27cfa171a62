"""Keep a campaign's list of names and numbers from users who may not see numbers.

This applies to every Frappe method that serves a file. Frappe's own permission protects the URL, because the
list is attached to a DocType that agents cannot read (`audience.list_file`). But some of Frappe's methods
read a file by name without a permission check (`zip_files`) or let a second File claim the URL of another. So
the content of a list is blocked when it is read, and a second File for it is blocked when it is saved.
"""

import os
from collections.abc import Callable
from functools import wraps

import frappe
from frappe import _
from frappe.core.doctype.file import file as core_file

from school_dialer.audience import list_file
from school_dialer.privacy import prepared_reports
from school_dialer.privacy.asker import reader
from school_dialer.privacy.hidden_fields import may_see_numbers
from school_dialer.refusal import throw

ROSTERS = "Dialer Roster Import"
HOLDERS = (list_file.DOCTYPE, list_file.CAMPAIGN, ROSTERS)
"""DocTypes whose attachments may be such a list; for a campaign, before it is saved.

A roster holds names and numbers as well.
"""
WATCHES = "watches_for_school_dialer"


def begin() -> None:
	"""Start blocking reads of list files. Hook for before_request and before_job."""
	if not hasattr(core_file.File.get_content, WATCHES):
		core_file.File.get_content = watched(core_file.File.get_content)


def watched(get_content: Callable) -> Callable:
	@wraps(get_content)
	def run(self, *args, **kwargs):
		if getattr(frappe.local, "dialer_hidden", None) is not None:
			if is_list(self):
				refuse_to(reader())
			if self.attached_to_doctype == prepared_reports.DOCTYPE:
				prepared_reports.refuse_file(self, reader())
		return get_content(self, *args, **kwargs)

	setattr(run, WATCHES, True)
	return run


def check(doc, _event: str | None = None) -> None:
	"""Block a second File for a list, and move uploads off the campaign. Hook for File's validate.

	The owner of a second File could open the list.
	"""
	if is_list(doc):
		refuse_to(frappe.session.user)
	list_file.hold_uploaded_file(doc)


def refuse_to(user: str | None) -> None:
	if user and not may_see_numbers(user):
		throw(_("This list holds names and numbers in full."), frappe.PermissionError)


def may_open_file(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""Decide as Frappe does, except for campaigns' lists. Hook for has_permission of File."""
	user = user or frappe.session.user
	if is_list(doc) and not may_see_numbers(user):
		return False
	return bool(core_file.has_permission(doc, ptype=ptype, user=user))


def is_list(doc) -> bool:
	"""Return whether the File is a list, or leads to a list's file on disk under any spelling."""
	if doc.attached_to_doctype in HOLDERS:
		return True
	if doc.is_folder or not doc.file_url or doc.file_url.startswith(core_file.URL_PREFIXES):
		return False
	name = os.path.basename(os.path.realpath(doc.file_url))
	address = {"file_url": list_file.PRIVATE + name, "attached_to_doctype": ("in", HOLDERS)}
	return bool(name and frappe.db.exists("File", address))
