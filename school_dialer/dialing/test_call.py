"""A sample of a campaign for the user who asks, at the number in their own User record, through the same gate.

The sample is made of the catalogue's examples: no family's record is read out to try a message.
"""

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import frappe
from frappe import _

from school_dialer import clock, plain_text
from school_dialer.carriers.base import Text, Voice
from school_dialer.consent import ledger
from school_dialer.consent.lock import number_lock
from school_dialer.dialing import answers, attempts, content, gate, pacer, settings
from school_dialer.dialing.campaign import check_template
from school_dialer.dialing.guard import CallNotPermitted
from school_dialer.dialing.request import CarrierRequest, send
from school_dialer.phone import InvalidNumber, mask, parse

CONSENT_LASTS = timedelta(minutes=15)


def place(campaign, user: str) -> str:
	"""Place one test call or text now and return its log. Raises what says what is missing, or the gate's no."""
	settings.check_ready(campaign.channel)
	check_template(campaign)
	asked = f"Asked for a test of {campaign.name} to their own number"
	return place_to_self(
		campaign, user, lambda row: content.example(campaign, row), "Send test to me", asked, campaign
	)


def place_to_self(
	header, user: str, message: Callable[[Any], Voice | Text], button: str, note: str, reference
) -> str:
	"""Place one call or text (of ``header``'s channel and template) to the user's own number, by their own wish. Returns its log.

	``message`` makes the content from the row of its call log, whose name is ``row.log``.
	"""
	phone = own_number(user)
	agree(phone, header.channel, user, button, note, reference)
	number = settings.sending_numbers(header.channel)[0]
	time.sleep(pacer.reserve(pacer.streams_of(number, header.channel)))
	with number_lock([phone]):
		request = permitted(header, user, phone, number.phone_number, message)
		frappe.db.commit()
		answers.record([(request, send(settings.carrier(), request, clock.now()))])
		frappe.db.commit()
	if problem := frappe.db.get_value("Dialer Call Log", request.log, "error_message"):
		frappe.throw(_("The call was not placed: {0}").format(plain_text.line(problem)))
	return request.log


def masked_number(user: str) -> str:
	"""Empty when the user's record has no number that can be called."""
	mobile, phone = frappe.db.get_value("User", user, ["mobile_no", "phone"])
	try:
		return mask(parse(mobile or phone).e164)
	except InvalidNumber:
		return ""


def own_number(user: str) -> str:
	mobile, phone = frappe.db.get_value("User", user, ["mobile_no", "phone"])
	try:
		return parse(mobile or phone).e164
	except InvalidNumber:
		frappe.throw(
			_(
				"Enter your own mobile number in your user profile first. The test goes there and nowhere else."
			)
		)


def agree(phone: str, channel: str, user: str, button: str, note: str, reference) -> None:
	"""Pressing the button is the user's own consent, for this one call or text; it lifts no opt-out."""
	ledger.grant(
		phone,
		channel=channel,
		purpose="All",
		basis="express oral",
		evidence=ledger.Evidence(
			source="Agent",
			actor=user,
			wording=button,
			language="en",
			note=note,
			reference_doctype=reference.doctype,
			reference_name=reference.name,
		),
		expires_at=clock.now() + CONSENT_LASTS,
		person_doctype="User",
		person=user,
	)


def permitted(
	header, user: str, phone: str, sender: str, message: Callable[[Any], Voice | Text]
) -> CarrierRequest:
	case = gate.Case(header.channel, "General")
	answer = gate.ask(case, [gate.Question("test", phone, None, None)], clock.now())["test"]
	if not answer.decision.allowed:
		frappe.throw(
			_("Your own number may not be called now: {0}").format(", ".join(answer.decision.codes)),
			CallNotPermitted,
		)
	row = frappe._dict(
		name=None,
		phone=phone,
		person_name=frappe.utils.get_fullname(user),
		students=(),
		language=frappe.db.get_value("User", user, "language"),
		attempts=0,
		log=secrets.token_hex(8),
	)
	made = message(row)
	attempts.write_logs(header, [row], {None: answer}, sender, clock.now(), purpose="General")
	return CarrierRequest(row, row.log, gate.mint(answer, call_log=row.log, to=phone, sender=sender), made)
