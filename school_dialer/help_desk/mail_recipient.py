"""The e-mail address to which a number's private link may go.

Someone who may edit records could put another person's number beside an address of their own.
"""

import frappe
from frappe import _

from school_dialer.audience import on_record, whose_number
from school_dialer.base.refusal import throw
from school_dialer.consent.replies import answer_limits


def address_of(number: on_record.NumberOnRecord) -> str:
	"""Return the address on record with a number, or "".

	Raises ValidationError unless all records with the number agree on it, and PermissionError if the user
	wrote or changed one of them.
	"""
	address = on_record.email_of(number)
	if not address:
		return ""
	records = {(number.doctype, number.name), *whose_number.people(number.phone)}
	addresses = {
		on_record.email_of(on_record.NumberOnRecord(doctype, name, "", number.phone)).lower()
		for doctype, name in records
	}
	if addresses != {address.lower()}:
		throw(_("The records with this number do not agree on one e-mail address. Send the link by text."))
	user = frappe.session.user
	if user not in answer_limits.NO_AGENTS and any(wrote(user, *record) for record in records):
		throw(
			_("You have written or changed a record with this number. Send the link by text."),
			frappe.PermissionError,
		)
	return address


def wrote(user: str, doctype: str, name: str) -> bool:
	"""Return whether the user made the record, changed it last, or changed it where Frappe keeps versions."""
	by = frappe.db.get_value(doctype, name, ["owner", "modified_by"])
	version = {"ref_doctype": doctype, "docname": name, "owner": user}
	return user in (by or ()) or bool(frappe.db.exists("Version", version))
