"""Ending a privacy choice by a Compliance Officer."""

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.refusal import throw

DOCTYPE = "Dialer Privacy Choice"


def end_choice(name: str, reason: str) -> None:
	"""End a privacy choice from now on. It stays on file, with who ended it and why.

	Raises ValidationError if it has already ended or `reason` is blank.
	"""
	# Locked: who ended it and why is written once.
	choice = frappe.get_doc(DOCTYPE, name, for_update=True)
	if choice.status == "Ended":
		throw(_("This privacy choice has ended already."))
	if not reason.strip():
		throw(_("Say why the privacy choice ends."))
	choice.flags.ending = True
	choice.update(
		{
			"status": "Ended",
			"ended_at": clock.db_now(),
			"ended_by": frappe.session.user,
			"end_reason": reason.strip()[:2000],
		}
	)
	choice.save()
