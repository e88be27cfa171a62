"""Texts that answer a person: requested here, in the same transaction as their cause.

They are sent by `followup.confirmations`. A row of Dialer Notice carries the number, so that no job, log or
URL has to.
"""

import secrets
from datetime import datetime

import frappe

from school_dialer.base import clock
from school_dialer.base.database.rows import insert, stamp
from school_dialer.base.database.transactions import changed
from school_dialer.base.phone import mask
from school_dialer.consent.replies import answer_limits

OPT_OUT_CONFIRMATION = "Opt-out Confirmation"
WRONG_NUMBER_QUESTION = "Wrong Number Question"
CONFIRMING = (OPT_OUT_CONFIRMATION, WRONG_NUMBER_QUESTION)
"""Each says that calls have stopped, and asks a question that is answered with a digit."""
BY_CARRIER = "The carrier confirmed this STOP by itself"
"""The note of an opt-out that needs no confirmation of ours, and whose sender the carrier has blocked."""
ENTERED = "The number was entered by a caller whose own is hidden"
"""The note of an opt-out that anyone may have asked for: a number that the school does not know gets no text.
"""
REPLY = "Reply"
"""Words that answer a text in the response to the carrier's own request.

They count as sent when the row is written.
"""
WAITING, SENT = "Waiting", "Sent"


def request_text(
	kind: str,
	phone: str,
	*,
	language: str = "",
	consent_event: str | None = None,
	token_id: str | None = None,
	not_after: datetime | None = None,
	not_before: datetime | None = None,
	known: answer_limits.OfNumber | None = None,
) -> str | None:
	"""Request one text to `phone` (E.164), to be sent no later than the aware time `not_after`.

	With `not_before`, it waits until then, and its cause can be taken back with it (`take_back`).
	`known` is what the caller has read of the number in this transaction.

	Returns the name of the notice. Returns None when the consent event has a notice already, because it is
	confirmed once, and when a limit of `answer_limits` is reached. Runs the hook `dialer_notice_asked`. The
	caller commits.
	"""
	known = known or answer_limits.of_number(phone)
	full = known.is_full or answer_limits.agent_is_full()
	if full or (kind not in answer_limits.ASKED_FOR and answer_limits.day_is_full()):
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
		not_before=clock.to_db(not_before) if not_before else None,
	)
	if name:
		for path in frappe.get_hooks("dialer_reply_asked" if not_before else "dialer_notice_asked"):
			frappe.get_attr(path)()
	return name


def request_reply(phone: str, *, not_before: datetime, language: str = "") -> str:
	"""Request that what a member of staff wrote is sent to `phone` (E.164).

	It is sent from the aware time `not_before` on. Returns the name of the notice, by which the sender finds
	the words. The caller has checked `answer_limits.replies_are_full`, and commits.
	"""
	name = _write(
		answer_limits.STAFF_REPLY, WAITING, phone, language=language, not_before=clock.to_db(not_before)
	)
	for path in frappe.get_hooks("dialer_reply_asked"):
		frappe.get_attr(path)()
	return name


def take_back(notice: str) -> bool:
	"""Delete a notice that is still waiting. Return whether it was: one that is being sent goes out."""
	frappe.db.sql("delete from `tabDialer Notice` where name = %s and status = %s", (notice, WAITING))
	return changed() > 0


def replied(phone: str, words: str | None) -> str | None:
	"""Count a direct answer to a text from `phone` (E.164) and return its words.

	Returns None when there are no words, or when the number or the day has reached its limit.
	"""
	if not words:
		return None
	if answer_limits.number_is_full(phone) or answer_limits.day_is_full():
		answer_limits.held_back(REPLY, phone)
		return None
	_write(REPLY, SENT, phone, sent_at=clock.db_now())
	return words


def _write(kind: str, status: str, phone: str, **more) -> str | None:
	"""Return the name of the new row, or None when its consent event has one already."""
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
	insert("Dialer Notice", [values], ignore=True)
	return name if changed() else None
