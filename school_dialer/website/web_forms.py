"""Let no Web Form write a record of this app.

Frappe saves what visitors enter on a Web Form without a check of permissions: a role that edits the website
would open a privacy choice or a recipient to all visitors. The app's own pages take
what families enter.
"""

import frappe
from frappe import _
from frappe.model.document import Document

from school_dialer.base.refusal import throw
from school_dialer.privacy.ours import of_ours


def check_form(doc: Document, _event: str | None = None) -> None:
	"""Refuse a Web Form on a DocType of this app. Hook for validate of Web Form."""
	if of_ours("DocType", doc.doc_type):
		refuse()


def check_record(doc: Document, _event: str | None = None) -> None:
	"""Refuse what a Web Form writes that was made before. Hook for before_validate of this app's DocTypes.

	What the app itself writes because of a form on another DocType, such as an application, is left alone.
	"""
	form = frappe.flags.in_web_form and frappe.form_dict.get("web_form")
	if form and frappe.db.get_value("Web Form", form, "doc_type") == doc.doctype:
		refuse()


def refuse() -> None:
	throw(_("Records of the dialer are not entered on a web form."), frappe.PermissionError)
