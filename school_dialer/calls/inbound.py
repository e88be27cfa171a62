"""What people send back: a key press or a text. Every opt-out ends in one ledger function."""

import json
import secrets
from typing import Any

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.database.rows import stamp
from school_dialer.base.phone import InvalidNumber, mask, parse
from school_dialer.calls.received import keywords, late, texts
from school_dialer.carriers.base import ReceivedText
from school_dialer.consent import ledger
from school_dialer.consent.lock import number_lock
from school_dialer.consent.replies import confirmation_requests, reviews
from school_dialer.consent.replies.known_number import language_of_last_message as language_of
from school_dialer.consent.reported_opt_outs import record_once
from school_dialer.messages.spoken import ivr_state
from school_dialer.settings import carrier_accounts, contact_school, school_numbers

LONGEST_TEXT = 1600
"""Characters of a text at the carrier (https://www.twilio.com/docs/messaging/api/message-resource)."""


def opt_out_by_key(log, digits: str, scope: str) -> None:
	"""Record an opt-out by a key in one of our calls.

	"this purpose" is the purpose of the call, "this school" the school in whose name it is.
	"""
	record_once(
		log.phone,
		ledger.Evidence(
			source="Keypad",
			actor=log.person_name,
			wording=f"Pressed {digits.strip()[:1]}",
			language=log.language,
			reference_doctype="Dialer Call Log",
			reference_name=log.name,
		),
		scope=scope,
		purpose=log.purpose if scope == "this purpose" else None,
		school=log.school if scope == "this school" else None,
	)


def reply_to_text(
	sid: str, phone: str, sender: str, body: str, media: int = 0, carrier_read: str = ""
) -> str | None:
	"""Handle a text from a person and return the reply, or None for no reply.

	An opt-out is confirmed by a separate notice. What the text asks for is done even if the number has
	reached its limit of replies (`consent.replies.answer_limits`).

	The log does not keep the words. The words of an opt-out are in the ledger as evidence; those for a person
	are in a Dialer Conversation, or in a Dialer Review if they may be an opt-out. `carrier_read` is what the
	carrier took the text for (STOP, START or HELP) if it answers such words itself: a Messaging Service with
	Advanced Opt-Out, where the school chooses the words, says so in OptOutType. Then nothing of ours follows.
	"""
	number = known_number(phone)
	if number is None:
		return None
	# Meanwhile no dispatcher decides about this number.
	with number_lock([number]):
		log = log_inbound(sid, number, sender, "Text")
		if not log or school_numbers.is_own(number, sender):
			return None
		carrier_read = carrier_read or keywords.answered_by_carrier(sender, body)
		return confirmation_requests.replied(
			number, texts.handle_text(number, body, evidence_of(log, number, body), media, carrier_read)
		)


def late_text(given: ReceivedText) -> bool:
	"""Handle a text that no webhook delivered, and return whether it was new. The caller commits."""
	number = known_number(given.phone)
	if number is None:
		return False
	with number_lock([number]):
		more = {"placed_at": clock.to_db(given.at), "error_message": _("Read from the carrier's list.")}
		log = log_inbound(given.sid, number, given.to, "Text", **more)
		if log and not school_numbers.is_own(number, given.to):
			body = given.body[:LONGEST_TEXT]
			read = keywords.answered_by_carrier(given.to, body)
			late.handle(number, body, evidence_of(log, number, body), given.at, given.media, read)
		return bool(log)


def evidence_of(log: str, number: str, body: str) -> ledger.Evidence:
	return ledger.Evidence(
		source="Text",
		actor="person",
		wording=body,
		language=language_of(number),
		reference_doctype="Dialer Call Log",
		reference_name=log,
	)


def opt_out_in_call_to_us(log, entered: str = "") -> None:
	"""Record an opt-out by a key in a call to the dialer's number, for the caller's number.

	A caller whose number is hidden has `entered` it (E.164). It may be another person's, so staff review it.
	"""
	number = entered or log.phone
	if not number or school_numbers.is_own(number):
		return
	wording = f"Pressed {ivr_state.STOP_KEY}"
	with number_lock([number]):
		event = record_once(
			number,
			ledger.Evidence(
				source="Inbound Call",
				actor="person",
				wording=wording,
				note=confirmation_requests.ENTERED if entered else None,
				reference_doctype="Dialer Call Log",
				reference_name=log.name,
			),
		)
		if entered:
			reviews.ask_for_review(
				reviews.UNSURE,
				reference_doctype="Dialer Call Log",
				reference_name=log.name,
				phone=number,
				consent_event=event,
				words=f"{wording}. {confirmation_requests.ENTERED}.",
			)


def known_number(phone: str) -> str | None:
	try:
		return parse(phone).e164
	except InvalidNumber:
		return None


def log_inbound(sid: str, phone: str | None, sender: str, channel: str, **more: Any) -> str | None:
	"""Log an inbound text or call and return the log's name.

	Returns None if the carrier has already reported this text or call. `phone` is None for a caller who
	withholds it. `more` are other values of the log.
	"""
	if frappe.db.exists("Dialer Call Log", {"carrier_sid": sid, "direction": "Inbound"}):
		return None
	school_numbers.note_number(sender)
	account = carrier_accounts.of_sender(sender)
	name = secrets.token_hex(8)
	values = {
		"name": name,
		**stamp(),
		"direction": "Inbound",
		"channel": channel,
		"phone": phone,
		"phone_masked": mask(phone),
		"sender": sender,
		"status": "completed",
		"status_rank": states.rank("completed"),
		"placed_at": clock.db_now(),
		"ended_at": clock.db_now(),
		"carrier": account.carrier,
		"carrier_account": account.id,
		"carrier_sid": sid,
		"students": json.dumps([]),
		"school": contact_school.reached(phone, sender) or None,
		**more,
	}
	frappe.db.bulk_insert("Dialer Call Log", list(values), [tuple(values.values())])
	return name
