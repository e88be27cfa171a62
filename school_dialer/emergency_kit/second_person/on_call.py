"""Who is asked to approve an emergency, in which order, and by which way.

A school's own list comes before the district's. A call and a text go only to the phone that the person
verified as their own, and a link by e-mail to the address of their user. Those who may write the list must
not be able to name their own phone as another person's.
"""

from dataclasses import dataclass

import frappe
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.base.roles import APPROVER
from school_dialer.calls.own_number import record

CHILD, SETTINGS, SCHOOL = "Dialer On-call Person", "Dialer Settings", "Dialer School"
TEXT, EMAIL, CALL = WAYS = ("Link by text", "Link by e-mail", "Call")
SHORTEST, LONGEST, USUAL = 30, 600, 90
"""Seconds until the next person is asked."""
MOST = 20


@dataclass(frozen=True, slots=True)
class Person:
	user: str
	way: str
	wait_seconds: int


def people(school: str | None) -> list[Person]:
	"""Return the list for an emergency of this school, or of the district for none. Reads the database."""
	return (school and _listed(SCHOOL, school)) or _listed(SETTINGS, SETTINGS)


def _listed(parenttype: str, parent: str) -> list[Person]:
	rows = frappe.get_all(
		CHILD,
		{"parenttype": parenttype, "parent": parent},
		["user", "way", "wait_seconds"],
		order_by="idx",
		limit=MOST,
	)
	return [Person(row.user, row.way, seconds(row.wait_seconds)) for row in rows]


def seconds(given: int | None) -> int:
	return min(LONGEST, max(SHORTEST, given or USUAL))


def check(doc) -> None:
	"""Check the list of these Dialer Settings or this Dialer School, and show each person's number, masked.

	Raise ValidationError for a user without the role, or who is listed twice. Warn about those who have
	verified no phone.
	"""
	seen: set[str] = set()
	for row in doc.on_call:
		name = frappe.utils.get_fullname(row.user)
		if row.user in seen:
			throw(_("On call, row {0}: {1} is there twice.").format(row.idx, name))
		seen.add(row.user)
		if APPROVER not in frappe.get_roles(row.user):
			throw(_("{0} needs the role {1} first: add it in their user's form.").format(name, _(APPROVER)))
		row.wait_seconds = seconds(row.wait_seconds)
		phone = record.verified(row.user)
		row.phone_masked = phone.masked if phone else ""
		if not phone and row.way != EMAIL:
			frappe.msgprint(
				_("{0} has not verified a phone yet and is passed over until then.").format(name),
				indicator="orange",
				alert=True,
			)
