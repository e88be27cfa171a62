"""Click-to-call: ring the member of staff at their own number. Who presses 1 is connected (`on_the_line`)."""

import time

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.base.database.transactions import begin_read_committed
from school_dialer.base.refusal import throw
from school_dialer.calls.own_number import record, sample_call
from school_dialer.campaigns.parties.rows import lines_of
from school_dialer.campaigns.retries import fields_of
from school_dialer.consent.lock import number_lock
from school_dialer.gate.doc_events import CallNotPermitted
from school_dialer.manual_calls import claiming, listing, work
from school_dialer.outbound.attempts import call_logs
from school_dialer.outbound.dispatch import carrier_responses
from school_dialer.outbound.dispatch.carrier_request import CarrierRequest, send
from school_dialer.outbound.pace import account_health, pacer
from school_dialer.settings import carrier_settings

NUMBER_BUSY_SECONDS = 5


class NoNumber(frappe.ValidationError):
	"""The user has not verified a phone of their own."""


def call(name: str, user: str, line: int | None = None) -> str:
	"""Ring the user's own phone, to be connected to this family. Return the log of the call to the user.

	`line` is the place of one of the household's numbers in its calling order; without it the row's number
	is meant. Raises `NoNumber`, `claiming.NotYours`, `CallNotPermitted` with the reason, or ValidationError
	if the carrier did not place the call. Commits.
	"""
	own_phone = record.verified(user)
	if own_phone is None:
		throw(_("Verify your own telephone first: it rings, and then you are connected."), NoNumber)
	carrier_settings.check_ready("Voice")
	sender = account_health.usual(carrier_settings.sending_numbers("Voice"))
	# The wait for the slot must not leave it deciding on what was on record before.
	begin_read_committed()
	if line is not None:
		choose_line(name, user, line)
	# Before the locks: an opt-out would wait for them all that time.
	time.sleep(pacer.reserve(pacer.streams_of(sender, "Voice")))
	phone = frappe.db.get_value(listing.DOCTYPE, name, "phone")
	frappe.db.commit()
	with number_lock({phone, own_phone.phone}, timeout=NUMBER_BUSY_SECONDS):
		request = permitted(name, user, own_phone.phone, sender.phone_number)
		# The log is on record before the carrier has the request.
		frappe.db.commit()
		client = carrier_settings.carrier(sender.account)
		carrier_responses.record_results([(request, send(client, request, clock.now()))])
		# Before the error that may follow: what the carrier has must be on record.
		frappe.db.commit()
	if problem := frappe.db.get_value("Dialer Call Log", request.log, "error_message"):
		throw(_("Your phone was not called: {0}").format(plain_text.line(problem)))
	return request.log


def choose_line(name: str, user: str, place: int) -> None:
	"""Make another number of the household the one to call."""
	row, recipient = claiming.claimed_by_user(name, user)
	refuse_second_call(row)
	order = lines_of(recipient)
	if not 0 <= place < len(order):
		throw(_("There is no such number."))
	chosen = fields_of(order[place])
	claiming.write(row, **chosen)
	frappe.db.commit()


def refuse_second_call(row) -> None:
	if claiming.in_call(row):
		throw(_("Your phone is being called, or you are on the line."), claiming.NotYours)


def permitted(name: str, user: str, own_phone: str, sender: str) -> CarrierRequest:
	"""Return the permitted request for the call to the user, with its log.

	The family is decided on too, so that no one's phone rings in vain; it is decided on again when the user
	has pressed 1.
	"""
	row, _recipient = claiming.claimed_by_user(name, user)
	refuse_second_call(row)
	campaign = frappe.get_cached_doc("Dialer Campaign", row.campaign)
	refuse_unless_allowed(campaign, row)
	at = clock.now()
	answer = gate.ask_agent(listing.context_of(campaign), own_phone, at)
	if sample_call.has_opted_out(own_phone) or not answer.decision.allowed:
		codes = ", ".join(answer.decision.codes) or "OPTED_OUT"
		throw(_("Your own number can't be called now: {0}").format(codes), CallNotPermitted)
	to_user = sample_call.to_user(user, own_phone)
	header = frappe._dict(name=None, channel="Voice", template=None)
	call_logs.write_logs(header, [to_user], {None: answer}, sender, at, purpose=campaign.purpose)
	claiming.write(row, agent_log=to_user.log, call_log=None, refused=None)
	claiming.lengthen(row, work.ON_THE_LINE)
	permit = gate.mint(answer, call_log=to_user.log, to=own_phone, sender=sender)
	return CarrierRequest(to_user, to_user.log, permit, sample_call.voice("manual_answer", to_user.log))


def refuse_unless_allowed(campaign, row) -> None:
	"""Raise `CallNotPermitted` with the reason if the family may not be phoned now."""
	if why := listing.why_wrong(campaign):
		throw(plain_text.line(why), CallNotPermitted)
	if why := listing.reason_gone(campaign, row.students):
		throw(_("There is nothing left to call about: {0}.").format(plain_text.line(why)), CallNotPermitted)
	decision = listing.permitted(campaign, [row])[row.name].decision
	if not decision.allowed:
		throw(refusal(decision), CallNotPermitted, title=_("This call is not allowed"))


def refusal(decision) -> str:
	"""Return why no one may phone this family now, in words."""
	words = {
		"OPTED_OUT": _("This person does not want to be called. An opt-out also holds for calls by people."),
		"RESTRICTED_CONTACT": _("This person may not be contacted about these students. See their record."),
		"INVALID_NUMBER": _("This is not a number that can be called."),
		"OUTSIDE_CALLING_HOURS": _("It is outside of calling hours where they live."),
		"HOLIDAY": _("It is a day without calls where they live."),
		"NO_TIME_ZONE": _("It is not known where they live, and so not what time it is there."),
	}
	reasons = [words[code] for code in words if code in decision.codes]
	return reasons[0] if reasons else _("The rules do not allow it: {0}.").format(", ".join(decision.codes))
