"""API for staff to issue PINs."""

import frappe
from frappe import _

from school_dialer.audience import student_access
from school_dialer.base.refusal import throw
from school_dialer.base.roles import AGENTS
from school_dialer.calls import pins
from school_dialer.consent_form import recording

PEOPLE = ("Guardian", "Student", "Employee", "Contact")


@frappe.whitelist(methods=["POST"])
def new_pin(person_doctype: str, person: str) -> str:
	"""Create a PIN for a person whose record the user may read, and of a guardian the children's as well.

	The PIN is returned only this once and cannot be looked up later. A previous PIN ends, and so does its
	lock.
	"""
	if not set(AGENTS) & set(frappe.get_roles()):
		throw(_("This is for the roles {0}.").format(", ".join(map(_, AGENTS))), frappe.PermissionError)
	if person_doctype not in PEOPLE or not frappe.db.exists("DocType", person_doctype):
		throw(_("PINs are for these records: {0}.").format(", ".join(map(_, PEOPLE))))
	doc = frappe.get_doc(person_doctype, person)
	doc.check_permission("read")
	children = set(recording.children_of(person_doctype, doc.name))
	if children - student_access.readable(children):
		throw(
			_("You may not read all children of this person. The PIN opens words about them."),
			frappe.PermissionError,
		)
	return pins.make_pin(person_doctype, doc.name, doc.get_title() or doc.name)
