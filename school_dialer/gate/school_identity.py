"""Facts about the school for the decision engine: who is calling, and where an emergency is declared."""

import frappe

from school_dialer.compliance import StateOfEmergency
from school_dialer.compliance.vocabulary import COLLEGE, PRIVATE_SCHOOL, PUBLIC_SCHOOL
from school_dialer.schools import registry

KINDS = {
	"Public school or district": PUBLIC_SCHOOL,
	"Private school": PRIVATE_SCHOOL,
	"College or university": COLLEGE,
}
"""As in Dialer Settings. An empty value has no exemptions."""


def caller(school: str | None = None) -> str | None:
	"""Return the kind of the school in whose name the call is; the district's by default.

	What a school leaves blank is the district's.
	"""
	return caller_of(registry.find(school), frappe.get_cached_doc("Dialer Settings").school_kind)


def caller_of(school: registry.School | None, districts: str | None) -> str | None:
	"""Return the same for a school, or None for the district, whose kind is `districts`."""
	return KINDS.get((school and school.kind) or districts or "")


def states_of_emergency() -> tuple[StateOfEmergency, ...]:
	"""Return the states of emergency entered in Dialer Settings, which store the state's abbreviation."""
	return tuple(
		StateOfEmergency(row.state, row.begins, row.ends)
		for row in frappe.get_cached_doc("Dialer Settings").states_of_emergency
	)
