"""Test calls: send a campaign's sample to the requesting user's own verified number.

The sample goes through the same gate and uses the catalog's example values, so no family's record is read out
for a test. A test is not consent and leaves nothing in the ledger. Its permit is of a separate kind: for this
user, this number and this template version, usable once and within a minute.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.calls.own_number import record
from school_dialer.campaigns import message_content
from school_dialer.campaigns.validation import check_template
from school_dialer.carriers.base import Text, Voice
from school_dialer.compliance.permit import Trial
from school_dialer.consent import ledger
from school_dialer.consent.lock import number_lock
from school_dialer.gate.doc_events import CallNotPermitted
from school_dialer.outbound.attempts import call_logs
from school_dialer.outbound.dispatch import carrier_responses
from school_dialer.outbound.dispatch.carrier_request import CarrierRequest, send
from school_dialer.outbound.pace import account_health, pacer
from school_dialer.schools import scope as scopes
from school_dialer.settings import carrier_settings

DAY = timedelta(days=1)
MOST_A_DAY = 20
"""The most tests and codes to one user, and to one number, in 24 hours."""
HOURS = frozenset({"OUTSIDE_CALLING_HOURS", "HOLIDAY", "NO_TIME_ZONE"})


class NotVerified(frappe.ValidationError):
	"""The user has no verified number."""


class TooManyTests(frappe.ValidationError):
	pass


class RefusedForNumber(CallNotPermitted):
	"""The gate refused the number itself, not the time of the call."""


def place_sample(campaign, user: str) -> str:
	"""Place one test call or text now and return its log's name.

	Raises an error that says what is missing, or the gate's refusal.
	"""
	carrier_settings.check_ready(campaign.channel)
	check_template(campaign)
	return place_to_self(campaign, user, lambda row: message_content.example(campaign, row))


def place_to_self(header, user: str, message: Callable[[Any], Voice | Text]) -> str:
	"""Place one call or text to the user's own number, at their request. Return its log's name.

	`header` has the channel and the template. `message` builds the content from the row of the call log,
	whose name is `row.log`. Raises `NotVerified` and what `place_to` raises.
	"""
	return place_to(header, user, own_number(user).phone, message)


def place_to(header, user: str, phone: str, message: Callable[[Any], Voice | Text]) -> str:
	"""Place one call or text to this number, like `place_to_self`. Commits.

	Used directly only to send the code to a number that is not verified yet. Raises `CallNotPermitted`,
	`TooManyTests`, or ValidationError if the carrier did not place it.
	"""
	school = scopes.scope_of(header).name
	numbers = carrier_settings.sending_numbers(header.channel, school)
	number = account_health.usual(numbers or carrier_settings.sending_numbers(header.channel))
	# Before the lock and the decision: a permit is valid for seconds only.
	time.sleep(pacer.reserve(pacer.streams_of(number, header.channel)))
	# The gate decides on what is on record after the wait: the person may have opted out meanwhile.
	frappe.db.commit()
	with number_lock([phone]):
		refuse_too_many(user, phone)
		request = permitted(header, user, phone, number.phone_number, message)
		request.permit.refuse_other(user, phone, header.template, version_of(header.template))
		# The log must be on record before the carrier has the request. The number stays locked.
		frappe.db.commit()
		client = carrier_settings.carrier(number.account)
		carrier_responses.record_results([(request, send(client, request, clock.now()))])
		# Before the error that may follow: what the carrier has must be on record.
		frappe.db.commit()
	if problem := frappe.db.get_value("Dialer Call Log", request.log, "error_message"):
		throw(_("The call was not placed: {0}").format(plain_text.line(problem)))
	return request.log


def own_number(user: str) -> record.OwnNumber:
	"""Return the user's verified number. Raises `NotVerified` if there is none."""
	verified = record.verified(user)
	if verified is None:
		throw(
			_(
				"Verify your own telephone first, under Send test to me. The test goes there and nowhere "
				"else."
			),
			NotVerified,
		)
	return verified


def masked_number(user: str) -> str:
	"""Return the user's verified number, masked, or "" if there is none."""
	verified = record.verified(user)
	return verified.masked if verified else ""


def has_opted_out(phone: str) -> bool:
	"""Return whether this number has any opt-out, on any channel.

	In that case not even a test is sent until the person opts in themselves.
	"""
	return bool(ledger.read([phone])[phone].opt_outs)


def refuse_too_many(user: str, phone: str) -> None:
	log = frappe.qb.DocType("Dialer Call Log")
	since = clock.to_db(clock.now() - DAY)
	rows = (
		frappe.qb.from_(log)
		.select(log.name)
		.where((log.person_doctype == "User") & (log.placed_at > since) & (log.direction == "Outbound"))
		.where((log.person == user) | (log.phone == phone))
		.limit(MOST_A_DAY)
		.run()
	)
	if len(rows) >= MOST_A_DAY:
		throw(
			_("That is enough tests for today: {0} in 24 hours.").format(MOST_A_DAY),
			TooManyTests,
			title=_("Not now"),
		)


def to_user(user: str, phone: str) -> frappe._dict:
	"""Return a user at their own number (E.164) as one who is called, with the name of the call's log."""
	return frappe._dict(
		name=None,
		phone=phone,
		person_doctype="User",
		person=user,
		person_name=frappe.utils.get_fullname(user),
		students=(),
		language=frappe.db.get_value("User", user, "language"),
		attempts=0,
		log=secrets.token_hex(8),
	)


def permitted(
	header, user: str, phone: str, sender: str, message: Callable[[Any], Voice | Text]
) -> CarrierRequest:
	"""Return the permitted request with its call log. Raises `CallNotPermitted` if the gate refuses."""
	if has_opted_out(phone):
		refused("OPTED_OUT")
	at = clock.now()
	answer = replace(gate.ask_trial(header.channel, phone, at), school=scopes.scope_of(header).name)
	if not answer.decision.allowed:
		refused(*answer.decision.codes)
	row = to_user(user, phone)
	row.school = answer.school
	version = version_of(header.template)
	made = message(row)
	call_logs.write_logs(header, [row], {None: answer}, sender, at, purpose="General")
	trial = Trial(user, header.template, version)
	return CarrierRequest(
		row, row.log, gate.mint_trial(answer, trial, call_log=row.log, to=phone, sender=sender), made
	)


def refused(*codes: str) -> None:
	error = CallNotPermitted if set(codes) <= HOURS else RefusedForNumber
	throw(_("Your own number can't be called now: {0}").format(", ".join(codes)), error)


def version_of(template: str | None) -> int:
	"""Return the committed version of this template, or 0 for the app's own messages."""
	return (template and frappe.db.get_value("Dialer Message Template", template, "version")) or 0


def voice(event: str, log: str) -> Voice:
	"""Return a call that fetches its content from this webhook event, without machine detection."""
	ring = carrier_settings.settings().ring_timeout or 25
	urls = (carrier_settings.webhook_url(event_name, log=log) for event_name in (event, "status"))
	return Voice(*urls, ring, detect_voicemail=False)
