"""What people send back: a key press, a text or a call. Every opt-out ends in one ledger function."""

import json
import secrets

import frappe

from school_dialer import clock, states
from school_dialer.calls.received import texts
from school_dialer.consent import ledger
from school_dialer.consent.lock import number_lock
from school_dialer.consent.replies import confirmation_requests
from school_dialer.consent.reported_opt_outs import record_once
from school_dialer.database.rows import stamp
from school_dialer.messages import store
from school_dialer.messages.spoken import ivr_state, voice
from school_dialer.phone import InvalidNumber, mask, parse
from school_dialer.settings import carrier_settings, school_numbers
from school_dialer.settings.registration import voicemail


def opt_out_by_key(log, digits: str, scope: str) -> None:
	"""Record an opt-out by a key in one of our calls. "this purpose" is the purpose of the call."""
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
	)


def text(sid: str, phone: str, sender: str, body: str, media: int = 0, carrier_read: str = "") -> str | None:
	"""Handle a text from a person and return the reply, or None for no reply.

	An opt-out is confirmed by a separate notice. What the text asks for is done even if the number has
	reached its limit of replies (`consent.replies.answer_limits`).

	The log does not keep the words. The words of an opt-out are in the ledger as evidence; those for a person
	are in a Dialer Review. `carrier_read` is what the carrier took the text for (STOP, START or HELP) if it
	answers such words itself: a Messaging Service with Advanced Opt-Out, where the school chooses the words,
	says so in OptOutType.
	"""
	number = known_number(phone)
	if number is None:
		return None
	with number_lock([number]):
		log = log_inbound(sid, number, sender, "Text")
		if not log or school_numbers.is_own(number, sender):
			return None
		evidence = ledger.Evidence(
			source="Text",
			actor="person",
			wording=body,
			language=language_of(number),
			reference_doctype="Dialer Call Log",
			reference_name=log,
		)
		return confirmation_requests.replied(
			number, texts.handle_text(number, body, evidence, media, carrier_read)
		)


def call(sid: str, phone: str, sender: str) -> str:
	"""Return the TwiML for a person who calls the dialer's number."""
	number = known_number(phone)
	voicemail.opt_out_reached(sender)
	if number is not None:
		log_inbound(sid, number, sender, "Voice")
	return voice.inbound_twiml(
		store.school(),
		carrier_settings.webhook_url("inbound_keypress"),
		(number and language_of(number)) or "",
	)


def key(sid: str, phone: str, digits: str) -> str:
	"""Return the TwiML after a key in a call to the dialer's number.

	9 stops calls to the caller's number.
	"""
	number, school = known_number(phone), store.school()
	language = language_of(number) if number else ""
	pressed_stop = digits.strip()[:1] == ivr_state.STOP_KEY
	if number is None or not pressed_stop or school_numbers.is_own(number):
		return voice.inbound_twiml(school, carrier_settings.webhook_url("inbound_keypress"), language)
	log = frappe.db.get_value("Dialer Call Log", {"carrier_sid": sid, "direction": "Inbound"})
	record_once(
		number,
		ledger.Evidence(
			source="Inbound Call",
			actor="person",
			wording=f"Pressed {ivr_state.STOP_KEY}",
			reference_doctype="Dialer Call Log",
			reference_name=log,
		),
	)
	return voice.opted_out_twiml(school, language)


def known_number(phone: str) -> str | None:
	try:
		return parse(phone).e164
	except InvalidNumber:
		return None


def log_inbound(sid: str, phone: str, sender: str, channel: str) -> str | None:
	"""Log an inbound text or call and return the log's name.

	Returns None if the carrier has already reported this text or call.
	"""
	if frappe.db.exists("Dialer Call Log", {"carrier_sid": sid, "direction": "Inbound"}):
		return None
	school_numbers.note_number(sender)
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
		"status_rank": states.FINAL_RANK,
		"placed_at": clock.db_now(),
		"ended_at": clock.db_now(),
		"carrier": frappe.get_cached_doc("Dialer Settings").carrier,
		"carrier_sid": sid,
		"students": json.dumps([]),
	}
	frappe.db.bulk_insert("Dialer Call Log", list(values), [tuple(values.values())])
	return name


def language_of(phone: str) -> str:
	"""Return the language of the last message to this number."""
	last = frappe.get_all(
		"Dialer Call Log",
		{"phone": phone, "direction": "Outbound"},
		["language"],
		order_by="placed_at desc",
		limit=1,
	)
	return (last and last[0].language) or ""
