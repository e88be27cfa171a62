"""What a person decides in Safe mode: let emergencies leave, and end it. Both record who and when."""

import json

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.refusal import throw
from school_dialer.consent.integrity import outside
from school_dialer.continuity import watch
from school_dialer.continuity.safe_mode import DOCTYPE
from school_dialer.proof_log import restart
from school_dialer.recovery.reconcile import ENDED, RECONCILED, is_running, write


def allow_emergencies(name: str) -> None:
	"""Let emergencies leave although Safe mode is on. The caller commits."""
	refuse_unless_safe(name)
	write(
		name,
		emergencies_allowed=1,
		emergencies_allowed_by=frappe.session.user,
		emergencies_allowed_at=clock.db_now(),
	)
	frappe.local.dialer_safe_mode = None


def end(name: str, without_reconcile: bool = False) -> None:
	"""End Safe mode. What is paused stays so, until a person resumes it. The caller commits.

	If the proof log may have been signed beyond the restored state, it goes on under another name.

	Raises ValidationError before the reconcile is complete, unless the person said that it goes without one.
	"""
	state = refuse_unless_safe(name)
	if is_running():
		throw(_("The reconcile is running."))
	if state != RECONCILED and not without_reconcile:
		throw(_("Reconcile first, or confirm that Safe mode ends without it: families may be called twice."))
	write(
		name,
		safe=0,
		state=ENDED,
		without_reconcile=int(state != RECONCILED),
		ended_by=frappe.session.user,
		ended_at=clock.db_now(),
	)
	frappe.local.dialer_safe_mode = None
	facts = json.loads(frappe.db.get_value(DOCTYPE, name, "facts") or "{}")
	watch.go_on(*filter(None, [facts.get("host")]))
	restart.begin_if_due(name)
	outside.accept()


def refuse_unless_safe(name: str) -> str:
	"""Return the state, with the row locked. Raises ValidationError if its Safe mode has ended."""
	safe, state = frappe.db.get_value(DOCTYPE, name, ["safe", "state"], for_update=True)
	if not safe:
		throw(_("Safe mode of this restore has ended."))
	return state
