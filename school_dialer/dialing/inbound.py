"""What people say back: a key, a text, a call. Every way out ends in one function of the ledger."""

import json
import secrets
from dataclasses import replace
from datetime import timedelta

import frappe

from school_dialer import clock
from school_dialer.consent import ledger, reviews
from school_dialer.consent.notices import OPT_OUT_CONFIRMATION
from school_dialer.consent.opt_out import OPT_OUT, Recognised, recognise
from school_dialer.dialing import responses, settings, states
from school_dialer.dialing.notices import language_of
from school_dialer.dialing.registration import voicemail
from school_dialer.messages import dialogue, store, voice
from school_dialer.messages import text as texts
from school_dialer.phone import InvalidNumber, mask, parse
from school_dialer.stamp import stamp

SCOPE_REPLIES = {"1": "this purpose", "2": "all non-emergency", "3": "everything"}
SCOPE_REPLY_WITHIN = timedelta(days=14)
SCOPE = "all non-emergency"
"""What a bare "stop" means: FCC 24-24 and DA 26-12, by way of the compliance table."""


def opt_out_by_key(log, digits: str, scope: str) -> None:
	"""A key pressed in one of our calls; "this purpose" is that of the call."""
	opt_out_once(
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


def carrier_holds_opt_out(log_name: str) -> None:
	phone = frappe.db.get_value("Dialer Call Log", log_name, "phone")
	if phone:
		opt_out_once(
			phone,
			ledger.Evidence(
				source="Carrier",
				note="Error 21610: the carrier holds an opt-out of this number",
				reference_doctype="Dialer Call Log",
				reference_name=log_name,
			),
		)


def opt_out_once(
	phone: str, evidence: ledger.Evidence, scope: str = SCOPE, purpose: str | None = None
) -> str:
	"""The event of an opt-out, recorded unless this very key press, text or call has been: callbacks come doubled."""
	event = frappe.qb.DocType("Consent Event")
	known = (
		frappe.qb.from_(event)
		.select(event.name)
		.where((event.phone == phone) & (event.reference_name == evidence.reference_name))
		.where(event.kind.isin(("Opt Out", "Wrong Number")))
		.limit(1)
		.run(pluck=True)
	)
	return (
		known[0]
		if known
		else ledger.opt_out(
			phone, scope=scope, channel="Any", purpose=purpose, evidence=evidence, received_at=clock.now()
		)
	)


def text(sid: str, phone: str, sender: str, body: str, carrier_read: str = "") -> str | None:
	"""A text from a person, and the words to answer with, if any. An opt-out is confirmed by a notice of its own.

	It is logged without its words; those of an opt-out stand in the ledger as evidence. ``carrier_read`` is what the carrier took it
	for, STOP, START or HELP, when it answers such words itself: a Messaging Service with Advanced Opt-Out, where the school chooses the
	words, says so in OptOutType.
	"""
	number = known_number(phone)
	log = number and log_inbound(sid, number, sender, "Text")
	if not log:
		return None
	evidence = ledger.Evidence(
		source="Text",
		actor="person",
		wording=body,
		language=language_of(number),
		reference_doctype="Dialer Call Log",
		reference_name=log,
	)
	said = as_read(recognise(body), carrier_read)
	if said.outcome == "none" and (reply := responses.by_text(number, body, evidence.language)):
		return reply
	if scope := SCOPE_REPLIES.get(body.strip()):
		return change_scope(number, scope, evidence)
	school = store.school()
	if said.outcome == "wrong_number" and not said.review:
		ledger.wrong_number(number, evidence=evidence, received_at=clock.now())
	elif said.opt_out:
		event = opt_out_once(number, evidence, scope=said.scope, purpose=said.purpose)
		if said.review:
			reviews.ask(
				reviews.UNSURE,
				reference_doctype="Dialer Call Log",
				reference_name=log,
				phone=number,
				consent_event=event,
			)
	elif said.outcome == "start":
		ledger.opt_in(number, evidence=evidence)
		return None if carrier_read else texts.opted_in(school, evidence.language)
	elif said.outcome == "help" and not carrier_read:
		return texts.help_text(school, evidence.language)
	return None


def as_read(said: Recognised, carrier_read: str) -> Recognised:
	"""The carrier's STOP holds whatever the words are to us. Its START alone undoes nothing: "yes" may answer a poll."""
	if carrier_read == "STOP" and not said.opt_out:
		return replace(said, opt_out=True, scope=SCOPE, outcome=OPT_OUT)
	return said


def change_scope(number: str, scope: str, evidence: ledger.Evidence) -> str | None:
	"""The answer to a confirmation, which asks how much to stop. A 1, 2 or 3 that answers nothing changes nothing."""
	asked = frappe.get_all(
		"Dialer Notice",
		{
			"phone": number,
			"kind": OPT_OUT_CONFIRMATION,
			"creation": (">", clock.to_db(clock.now() - SCOPE_REPLY_WITHIN)),
		},
		pluck="name",
		order_by="creation desc",
		limit=1,
	)
	if not asked:
		return None
	purpose = last_purpose(number) if scope == "this purpose" else None
	if scope == "this purpose" and not purpose:
		return None
	ledger.rescope(number, scope=scope, purpose=purpose, evidence=evidence)
	return texts.scope_changed(store.school(), scope, evidence.language)


def last_purpose(number: str) -> str | None:
	"""What the last campaign to this number was about, emergencies apart."""
	last = frappe.get_all(
		"Dialer Call Log",
		{"phone": number, "direction": "Outbound", "campaign": ("is", "set"), "purpose": ("!=", "Emergency")},
		["purpose"],
		order_by="placed_at desc",
		limit=1,
	)
	return last[0].purpose if last else None


def call(sid: str, phone: str, sender: str) -> str:
	"""TwiML for a person who calls the dialer's number."""
	number = known_number(phone)
	voicemail.opt_out_reached(sender)
	if number is not None:
		log_inbound(sid, number, sender, "Voice")
	return voice.inbound_twiml(
		store.school(), settings.webhook_url("inbound_keypress"), (number and language_of(number)) or ""
	)


def key(sid: str, phone: str, digits: str) -> str:
	"""TwiML after a key in a call to the dialer's number: 9 stops the calls to the caller's number."""
	number, school = known_number(phone), store.school()
	language = language_of(number) if number else ""
	if number is None or digits.strip()[:1] != dialogue.STOP_KEY:
		return voice.inbound_twiml(school, settings.webhook_url("inbound_keypress"), language)
	log = frappe.db.get_value("Dialer Call Log", {"carrier_sid": sid, "direction": "Inbound"})
	opt_out_once(
		number,
		ledger.Evidence(
			source="Inbound Call",
			actor="person",
			wording=f"Pressed {dialogue.STOP_KEY}",
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
	"""The new log's name; None when the carrier has told us of this text or call before."""
	if frappe.db.exists("Dialer Call Log", {"carrier_sid": sid, "direction": "Inbound"}):
		return None
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
