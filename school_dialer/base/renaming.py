"""Let no one rename a record of this app whose name is part of the evidence, whatever they ask of Frappe.

What names another record and is sealed is looked at before the rename, and sealed again after it.

A request may ask `frappe.rename_doc` to `force` the rename of a record whose DocType allows none, and
`Document.rename` to leave out the checks. Decisions, seals, and printed reports name policies, rules, and
campaigns in their own words, which no rename would follow.
"""

import frappe
from frappe import _
from frappe.model.document import Document

from school_dialer.base.refusal import throw

REMEMBERED = "dialer_before_rename"
"""Where `frappe.local` keeps what was found before a rename, by (mark, DocType, earlier name)."""


def remember(mark: str, doctype: str, old: str, names: list[str]) -> None:
	"""Keep the records that name this one, until `remembered` asks for them with the same mark."""
	if not hasattr(frappe.local, REMEMBERED):
		setattr(frappe.local, REMEMBERED, {})
	getattr(frappe.local, REMEMBERED)[mark, doctype, old] = names


def remembered(mark: str, doctype: str, old: str) -> list[str]:
	"""Return what was remembered of this rename, once."""
	return getattr(frappe.local, REMEMBERED, {}).pop((mark, doctype, old), [])


def check(doc: Document, _event: str, old: str, new: str, merge: bool = False) -> None:
	"""Raise PermissionError unless the DocType allows renaming and the user may write the record.

	Hook for before_rename and after_rename: the first is left out with Frappe's checks, and an error in the
	second takes the rename back.
	"""
	if not doc.meta.allow_rename:
		throw(_("{0} keeps its name.").format(_(doc.doctype)), frappe.PermissionError)
	if not doc.has_permission("write"):
		throw(_("You may not rename this record."), frappe.PermissionError)
