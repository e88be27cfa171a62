"""What the school says of itself to the decision engine: who is calling, and where an emergency is declared."""

import frappe

from school_dialer.compliance import StateOfEmergency
from school_dialer.compliance.model import COLLEGE, PRIVATE_SCHOOL, PUBLIC_SCHOOL

KINDS = {
	"Public school or district": PUBLIC_SCHOOL,
	"Private school": PRIVATE_SCHOOL,
	"College or university": COLLEGE,
}
"""As in Dialer Settings; empty is exempt from nothing."""


def caller() -> str | None:
	return KINDS.get(frappe.get_cached_doc("Dialer Settings").school_kind or "")


def states_of_emergency() -> tuple[StateOfEmergency, ...]:
	"""Those written down in Dialer Settings, which keep the abbreviation of the state."""
	return tuple(
		StateOfEmergency(row.state, row.begins, row.ends)
		for row in frappe.get_cached_doc("Dialer Settings").states_of_emergency
	)
