"""Texts that answer a person: asked for here, in the transaction that gives the reason, and sent by dialing.

A row of Dialer Notice carries the number, so that no job, log or URL has to.
"""

import secrets
from datetime import datetime

import frappe

from school_dialer import clock
from school_dialer.consent.replies import answer_limits
from school_dialer.phone import mask
from school_dialer.rows import stamp

PREFERENCE_LINK, OPT_OUT_CONFIRMATION = "Preference Link", "Opt-out Confirmation"
WRONG_NUMBER_QUESTION = "Wrong Number Question"
CONFIRMING = (OPT_OUT_CONFIRMATION, WRONG_NUMBER_QUESTION)
"""Each says that calls have stopped, and asks something that is answered with a digit."""
REPLY = "Reply"
"""Words that answered a text in the carrier's own request for them. They are gone when the row is written."""
WAITING, SENT = "Waiting", "Sent"


def request_text(
	kind: str,
	phone: str,
	*,
	language: str = "",
	consent_event: str | None = None,
	token_id: str | None = None,
	not_after: datetime | None = None,
) -> str | None:
	"""Have one text sent to `phone` (E.164), not after the aware moment `not_after`. Returns the name of the notice.

	A consent event is confirmed once: None when there is a notice of it already. None as well when a limit of `answer_limits` is reached.
	"""
	full = answer_limits.number_is_full(phone) or answer_limits.agent_is_full()
	if full or (kind != PREFERENCE_LINK and answer_limits.day_is_full()):
		answer_limits.held_back(kind, phone)
		return None
	name = _write(
		kind,
		WAITING,
		phone,
		language=language,
		consent_event=consent_event,
		token_id=token_id,
		not_after=clock.to_db(not_after),
	)
	if name:
		for path in frappe.get_hooks("dialer_notice_asked"):
			frappe.get_attr(path)()
	return name


def replied(phone: str, words: str | None) -> str | None:
	"""The words that answer a text from `phone` (E.164), counted; None when there are none, or the number has had its answers."""
	if not words:
		return None
	if answer_limits.number_is_full(phone) or answer_limits.day_is_full():
		answer_limits.held_back(REPLY, phone)
		return None
	_write(REPLY, SENT, phone, sent_at=clock.db_now())
	return words


def _write(kind: str, status: str, phone: str, **more) -> str | None:
	"""The name of the new row; None when its consent event has one."""
	name = secrets.token_hex(8)
	values = {
		"name": name,
		**stamp(clock.db_now()),
		"kind": kind,
		"status": status,
		"phone": phone,
		"phone_masked": mask(phone),
		**more,
	}
	notice = frappe.qb.DocType("Dialer Notice")
	frappe.qb.into(notice).ignore().columns(*values).insert(*values.values()).run()
	return name if frappe.db.exists("Dialer Notice", name) else None
