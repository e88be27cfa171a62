"""Record what families declined on forms whose number was never proven, or who had no number on record."""

import frappe

from school_dialer.consent_form import answers, refusals


def execute() -> None:
	"""Commits before, so that the locks of numbers are taken without an older snapshot."""
	frappe.db.sql(
		"""update `tabDialer Consent Answer` answer
		join `tabConsent Event` event on event.reference_name = answer.name and event.reference_doctype = %s
		set answer.declined_at = answer.signed_at where answer.status = %s""",
		(answers.DOCTYPE, answers.DECLINED),
	)
	frappe.db.commit()
	refusals.record_all_kept()
