"""Texts that answer a person: asked for here, in the transaction that gives the reason, and sent by dialing.

A row of Dialer Notice carries the number, so that no job, log or URL has to.
"""

import secrets
from datetime import datetime

import frappe

from school_dialer import clock
from school_dialer.phone import mask
from school_dialer.stamp import stamp

PREFERENCE_LINK, OPT_OUT_CONFIRMATION = "Preference Link", "Opt-out Confirmation"
WRONG_NUMBER_QUESTION = "Wrong Number Question"
CONFIRMING = (OPT_OUT_CONFIRMATION, WRONG_NUMBER_QUESTION)
"""Each says that calls have stopped, and asks something that is answered with a digit."""
WAITING = "Waiting"


def ask(
	kind: str,
	phone: str,
	*,
	language: str = "",
	consent_event: str | None = None,
	token_id: str | None = None,
	not_after: datetime | None = None,
) -> str | None:
	"""Have one text sent to `phone` (E.164), not after the aware moment `not_after`. Returns the name of the notice.

	A consent event is confirmed once: None when there is a notice of it already.
	"""
	name = secrets.token_hex(8)
	values = {
		"name": name,
		**stamp(clock.db_now()),
		"kind": kind,
		"status": WAITING,
		"phone": phone,
		"phone_masked": mask(phone),
		"language": language,
		"consent_event": consent_event,
		"token_id": token_id,
		"not_after": clock.to_db(not_after),
	}
	notice = frappe.qb.DocType("Dialer Notice")
	frappe.qb.into(notice).ignore().columns(*values).insert(*values.values()).run()
	if not frappe.db.exists("Dialer Notice", name):
		return None
	for path in frappe.get_hooks("dialer_notice_asked"):
		frappe.get_attr(path)()
	return name
