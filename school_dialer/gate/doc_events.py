"""The gate's doc_events: checks for forms, REST, data imports, and other apps.

A refusal lists all of the reasons.
"""

import json

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.audience import on_record
from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.base.phone import InvalidNumber, mask, parse
from school_dialer.base.refusal import throw
from school_dialer.gate import planned
from school_dialer.schools import registry


class CallNotPermitted(frappe.PermissionError):
	"""The gate refuses. The message lists every reason."""


def decide_recipient(doc, method: str | None = None) -> None:
	"""Ask the gate, whatever the document claims, and fill in the decision (before_insert).

	Raise `CallNotPermitted` for an invalid number or a BLOCK.
	"""
	campaign = frappe.get_doc("Dialer Campaign", doc.campaign)
	doc.raw_phone = doc.phone
	try:
		doc.phone = parse(doc.phone, registry.country()).e164
	except InvalidNumber as error:
		throw(_("This is not a number that can be called: {0}").format(error.reason), CallNotPermitted)
	check_person(doc)
	doc.phone_masked = mask(doc.phone)
	doc.household_key = doc.phone
	doc.channel = campaign.channel
	question = gate.EligibilityCheck(
		key="new",
		phone=doc.phone,
		person_doctype=doc.person_doctype,
		person=doc.person,
		students=tuple(json.loads(doc.students or "[]")),
	)
	answer = gate.ask(gate.CallContext.of(campaign), [question], clock.now())["new"]
	if answer.decision.verdict == "BLOCK":
		throw(
			_("{0} can't be called for this campaign: {1}").format(
				plain_text.line(doc.person_name or doc.phone_masked), ", ".join(answer.decision.codes)
			),
			CallNotPermitted,
			title=_("Blocked by the gate"),
		)
	doc.update(gate.as_fields(answer))
	doc.max_attempts = campaign.max_attempts or frappe.db.get_single_value("Dialer Settings", "max_attempts")
	doc.attempts = doc.told_again = 0
	doc.claim = doc.claimed_at = doc.held_until = doc.last_call_log = doc.outcome = doc.keys_pressed = None
	doc.fallback = doc.fallback_reason = doc.fallback_of = None
	doc.seal = planned.signer()(doc.as_dict())


def check_person(doc) -> None:
	"""Refuse a number that is on no record of the person: a stranger would hear what is for the family."""
	on_file = doc.person_doctype in on_record.PHONE_FIELDS and doc.person
	if json.loads(doc.students or "[]") and not on_file:
		throw(
			_("Students are named only with a person on record who is called about them."), CallNotPermitted
		)
	numbers = on_record.numbers_of(doc.person_doctype, [doc.person]) if on_file else ()
	if on_file and doc.phone not in {number.phone for number in numbers if not number.gone}:
		throw(_("This number is not on the person's record. Enter it there first."), CallNotPermitted)


def check_recipient(doc, method: str | None = None) -> None:
	"""Refuse to save an existing recipient: after its insert it changes only through dialing."""
	if not doc.is_new():
		throw(
			_("A recipient is changed by the campaign, not by hand. To stop the calls, record an opt-out."),
			frappe.PermissionError,
		)


def check_call_log(doc, method: str | None = None) -> None:
	"""Refuse a call log that the dialer did not write, and any later change.

	It needs the seal of the gate, and an outbound call needs the ALLOW that permitted it.
	"""
	if not doc.is_new():
		throw(_("A call log is evidence and is not edited."), frappe.PermissionError)
	if doc.direction == "Outbound" and doc.verdict != "ALLOW":
		throw(_("A call without a recorded ALLOW decision does not exist."), CallNotPermitted)
	if not gate.signature_holds(doc.decision, doc.seal):
		throw(
			_("This decision does not carry the gate's seal. Calls are logged by the dialer alone."),
			CallNotPermitted,
		)


def refuse_deletion(doc, method: str | None = None) -> None:
	throw(
		_("{0} is evidence and is kept. Personal data in it is removed by retention.").format(_(doc.doctype)),
		frappe.PermissionError,
	)


def refuse_rename(doc, method: str | None = None, *args, **kwargs) -> None:
	throw(_("{0} is evidence and keeps its name.").format(_(doc.doctype)), frappe.PermissionError)
