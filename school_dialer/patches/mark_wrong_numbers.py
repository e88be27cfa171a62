"""Contact Consent of numbers that were ever reported as wrong, made again from their events: it now says that they are a stranger's."""

import frappe

from school_dialer.consent import events, rebuild


def execute() -> None:
	rebuild.rebuild_numbers(
		frappe.get_all(
			"Consent Event", {"kind": events.WRONG_NUMBER}, pluck="phone", distinct=True, order_by="phone"
		)
	)
