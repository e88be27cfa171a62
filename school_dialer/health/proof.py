"""Check of the proof log: whether it is signed each hour, and whether what was signed is still there."""

from datetime import timedelta

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.consent.integrity import outside
from school_dialer.health.finding import FAIL, OK, WARN, Finding, ago
from school_dialer.proof_log import checkpoints, timestamps

STAMP_LATE = timedelta(days=1)


def checkpoint() -> Finding:
	"""Check that no newest checkpoint is gone, and the age of the newest and of its time stamp."""
	if lost := outside.lost(outside.CHECKPOINT):
		text = _(
			"Checkpoint {0} of the proof log was signed and is gone. Find out who deleted it, and run "
			"verify-ledger."
		)
		return Finding("proof", FAIL, text.format(lost.seq))
	last = clock.from_db(frappe.db.sql("select max(signed_at) from `tabDialer Proof Checkpoint`")[0][0])
	if last is None:
		return _never_signed()
	age = clock.now() - last
	figures = {"checkpoint_seconds": age.total_seconds()}
	text = _("The proof log was last signed {0} ago.").format(ago(age))
	if age > checkpoints.LATE:
		text += " " + _("Look at the scheduler, the workers of the queue long, and the Error Log.")
		return Finding("proof", WARN, text, figures)
	if timestamps.late(STAMP_LATE):
		text += " " + _("The time stamp authority has not stamped it for a day: open the newest checkpoint.")
		return Finding("proof", WARN, text, figures)
	return Finding("proof", OK, text, figures)


def _never_signed() -> Finding:
	oldest = clock.from_db(frappe.db.sql("select min(creation) from `tabConsent Event`")[0][0])
	if oldest is None or clock.now() - oldest <= checkpoints.LATE:
		return Finding("proof", OK, _("The proof log is signed within the hour for the first time."))
	text = _("The proof log was never signed.")
	text += " " + _("Look at the scheduler, the workers of the queue long, and the Error Log.")
	return Finding("proof", WARN, text)
