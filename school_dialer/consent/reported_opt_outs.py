"""Opt-outs reported by a key press, a text, a call or the carrier.

Each is recorded once, even if reported twice.
"""

import frappe

from school_dialer.base import clock
from school_dialer.consent import ledger

SCOPE = "all non-emergency"
"""The meaning of a bare "stop": FCC 24-24 and DA 26-12, by way of the compliance table."""


def record_of_carrier(log_name: str) -> None:
	"""Record the opt-out that the carrier reported (error 21610) for the number of this Dialer Call Log."""
	phone = frappe.db.get_value("Dialer Call Log", log_name, "phone")
	if phone:
		record_once(
			phone,
			ledger.Evidence(
				source="Carrier",
				note="Error 21610: the carrier holds an opt-out of this number",
				reference_doctype="Dialer Call Log",
				reference_name=log_name,
			),
		)


def record_once(
	phone: str,
	evidence: ledger.Evidence,
	scope: str = SCOPE,
	purpose: str | None = None,
	school: str | None = None,
) -> str:
	"""Record an opt-out and return the name of its event. The details are as in `ledger.opt_out`.

	Idempotent by the evidence's reference, because callbacks come twice: if this key press, text or call has
	an event, its name is returned.
	"""
	return ledger.opt_out(
		phone,
		scope=scope,
		purpose=purpose,
		school=school,
		evidence=evidence,
		received_at=clock.now(),
		once=True,
	)
