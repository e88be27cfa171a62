"""What people say back: a key, a text, a call. Every way out ends in one function of the ledger."""

import json
import secrets

import frappe

from school_dialer import clock
from school_dialer.consent import ledger
from school_dialer.consent.opt_out import recognise
from school_dialer.dialing import settings, states
from school_dialer.messages import store, voice
from school_dialer.phone import InvalidNumber, mask, parse

SCOPE = "all non-emergency"
"""What a bare "stop" means: FCC 24-24 and DA 26-12, by way of the compliance table."""


def opt_out_by_key(log) -> None:
	opt_out_once(
		log.phone,
		ledger.Evidence(
			source="Keypad",
			actor=log.person_name,
			wording=f"Pressed {voice.STOP_KEY}",
			language=log.language,
			reference_doctype="Dialer Call Log",
			reference_name=log.name,
		),
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
) -> None:
	"""Record an opt-out unless this very key press, text or call has been recorded: callbacks come doubled."""
	if frappe.db.exists(
		"Consent Event",
		{
			"phone": phone,
			"reference_name": evidence.reference_name,
			"kind": ("in", ("Opt Out", "Wrong Number")),
		},
	):
		return
	ledger.opt_out(
		phone, scope=scope, channel="Any", purpose=purpose, evidence=evidence, received_at=clock.now()
	)


def text(sid: str, phone: str, sender: str, body: str) -> None:
	"""A text from a person. It is logged without its words; those of an opt-out stand in the ledger as evidence."""
	number = known_number(phone)
	if number is None:
		return
	log = log_inbound(sid, number, sender, "Text")
	if log is None:
		return
	said = recognise(body)
	evidence = ledger.Evidence(
		source="Text",
		actor="person",
		wording=body,
		reference_doctype="Dialer Call Log",
		reference_name=log,
	)
	if said.opt_out:
		opt_out_once(number, evidence, scope=said.scope or SCOPE, purpose=getattr(said, "purpose", None))
	elif said.outcome == "start":
		ledger.opt_in(number, evidence=evidence)


def call(sid: str, phone: str, sender: str) -> str:
	"""TwiML for a person who calls the dialer's number."""
	number = known_number(phone)
	if number is not None:
		log_inbound(sid, number, sender, "Voice")
	return voice.inbound_twiml(store.school(), settings.webhook_url("inbound_keypress"), language_of(number))


def key(sid: str, phone: str, digits: str) -> str:
	"""TwiML after a key in a call to the dialer's number: 9 stops the calls to the caller's number."""
	number, school = known_number(phone), store.school()
	language = language_of(number)
	if number is None or digits.strip()[:1] != voice.STOP_KEY:
		return voice.inbound_twiml(school, settings.webhook_url("inbound_keypress"), language)
	log = frappe.db.get_value("Dialer Call Log", {"carrier_sid": sid, "direction": "Inbound"})
	opt_out_once(
		number,
		ledger.Evidence(
			source="Inbound Call",
			actor="person",
			wording=f"Pressed {voice.STOP_KEY}",
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


def language_of(number: str | None) -> str:
	"""Of the last message to this number."""
	if number is None:
		return ""
	last = frappe.get_all(
		"Dialer Call Log",
		{"phone": number, "direction": "Outbound"},
		["language"],
		order_by="placed_at desc",
		limit=1,
	)
	return (last and last[0].language) or ""


def log_inbound(sid: str, phone: str, sender: str, channel: str) -> str | None:
	"""The new log's name; None when the carrier has told us of this text or call before."""
	if frappe.db.exists("Dialer Call Log", {"carrier_sid": sid, "direction": "Inbound"}):
		return None
	name, now = secrets.token_hex(8), frappe.utils.now()
	values = {
		"name": name,
		"owner": frappe.session.user,
		"modified_by": frappe.session.user,
		"creation": now,
		"modified": now,
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
