"""Facts about the school for the decision engine: who is calling, and where an emergency is declared."""

import frappe

from school_dialer.compliance import StateOfEmergency
from school_dialer.compliance.vocabulary import COLLEGE, PRIVATE_SCHOOL, PUBLIC_SCHOOL

KINDS = {
	"Public school or district": PUBLIC_SCHOOL,
	"Private school": PRIVATE_SCHOOL,
	"College or university": COLLEGE,
}
"""As in Dialer Settings. An empty value has no exemptions."""


def caller() -> str | None:
	return KINDS.get(frappe.get_cached_doc("Dialer Settings").school_kind or "")


def states_of_emergency() -> tuple[StateOfEmergency, ...]:
	"""Return the states of emergency entered in Dialer Settings, which store the state's abbreviation."""
	return tuple(
		StateOfEmergency(row.state, row.begins, row.ends)
		for row in frappe.get_cached_doc("Dialer Settings").states_of_emergency
	)
