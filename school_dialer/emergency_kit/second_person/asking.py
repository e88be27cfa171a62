"""Send one approver a link by text or e-mail, or call them, through the gate like any other call."""

import time
from collections.abc import Callable
from typing import Any

import frappe
from frappe import _
from frappe.email.queue import flush
from frappe.utils import escape_html

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.base.jobs import EMERGENCY_QUEUE, job
from school_dialer.calls.own_number import record, sample_call
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.consent.lock import NumberBusy, number_lock
from school_dialer.emergency_kit.second_person import asks, links, on_call, waiting
from school_dialer.messages import store
from school_dialer.messages.emergency import approval_line
from school_dialer.outbound.attempts import call_logs
from school_dialer.outbound.dispatch import carrier_responses
from school_dialer.outbound.dispatch.carrier_request import CarrierRequest
from school_dialer.outbound.dispatch.carrier_request import send as send_request
from school_dialer.outbound.pace import account_health, pacer
from school_dialer.schools import staff
from school_dialer.settings import carrier_settings

EVENT = "approval_answer"
MINUTES = int(asks.VALID.total_seconds() // 60)
BUSY_SECONDS = 5


def send(name: str) -> bool:
	"""Send what this try stands for, and return whether it went out. Commits; a failure is noted on it."""
	ask = frappe.db.get_value(asks.DOCTYPE, name, asks.COLUMNS, as_dict=True)
	try:
		problem = by_email(ask) if ask.way == on_call.EMAIL else by_carrier(ask)
	except (frappe.ValidationError, NumberBusy) as refusal:
		frappe.db.rollback()
		frappe.clear_messages()
		problem = str(refusal) or type(refusal).__name__
	if problem:
		asks.close(name, asks.NOT_SENT, problem)
	frappe.db.commit()
	return not problem


def by_email(ask) -> str:
	if not staff.can_send():
		return _("This site sends no e-mail")
	about, url = waiting.waiting_campaign(ask), links.url(ask)
	words = _(
		"An emergency waits for your approval: {0}, {1} people. The link works for {2} minutes and once."
	)
	text = words.format(escape_html(about.title), about.people, MINUTES)
	label = _("Look at it")
	frappe.sendmail(
		recipients=[frappe.db.get_value("User", ask.user, "email")],
		subject=_("An emergency waits for your approval"),
		message=f'<p>{text}</p><p><a href="{url}">{label}</a></p>',
	)
	frappe.enqueue(
		"school_dialer.emergency_kit.second_person.asking.send_mails",
		queue=EMERGENCY_QUEUE,
		enqueue_after_commit=True,
	)
	return ""


@job
def send_mails() -> None:
	"""Send what waits in Frappe's e-mail queue now, which its scheduler would do some minutes later."""
	flush()


def by_carrier(ask) -> str:
	"""Text or call the approver at the phone they verified. Return what went wrong, or ""."""
	phone = record.verified(ask.user)
	if phone is None:
		return _("Has verified no phone")
	if ask.way == on_call.CALL:
		return place(ask, phone.phone, "Voice", lambda row: sample_call.voice(EVENT, row.log))
	about = waiting.waiting_campaign(ask)

	def text(row):
		school = store.school(ask.school, row.language)
		values = (about.title, about.people, links.url(ask), MINUTES)
		return carrier_settings.outgoing_text(
			approval_line.text(school, row.language or "", *values), row.log
		)

	return place(ask, phone.phone, "Text", text)


def place(ask, phone: str, channel: str, message: Callable[[Any], Any]) -> str:
	"""Ask through an account that is well, or through the next one if it takes nothing. Return what went
	wrong, or "".
	"""
	carrier_settings.check_ready(channel, purpose=EMERGENCY)
	ours = carrier_settings.sending_numbers(channel, ask.school or "")
	problem = ""
	for number in account_health.in_turn([*ours, *carrier_settings.sending_numbers(channel)]):
		# Before the lock: an opt-out would wait for it all that time.
		time.sleep(pacer.reserve(pacer.streams_of(number, channel)))
		# The gate decides on what is on record after the wait.
		frappe.db.commit()
		with number_lock([phone], timeout=BUSY_SECONDS):
			request = permitted(ask, phone, channel, number.phone_number, message)
			if isinstance(request, str):
				return request
			# The log is on record before the carrier has the request.
			frappe.db.commit()
			takes_it = post(request, number.account)
			# The response is on record before another account is asked.
			frappe.db.commit()
		problem = frappe.db.get_value("Dialer Call Log", request.log, "error_message") or ""
		if takes_it:
			break
	return problem


def post(request: CarrierRequest, account: str) -> bool:
	"""Send it, and record what came of it. Return False if the account took nothing. Does not commit."""
	watch = account_health.Watch()
	began = watch.leaves(account)
	response = send_request(carrier_settings.carrier(account), request, clock.now())
	watch.returned(account, began, response)
	carrier_responses.record_results([(request, response)])
	return not account_health.takes_nothing(response)


def permitted(ask, phone: str, channel: str, sender: str, message: Callable[[Any], Any]):
	"""Return the permitted request with its call log, or why the gate refuses it."""
	campaign = frappe.db.get_value(
		"Dialer Campaign", ask.campaign, ["emergency_type", "requested_by"], as_dict=True
	)
	at = clock.now()
	emergency = campaign.emergency_type, campaign.requested_by
	answer = gate.ask_approver(channel, phone, emergency, ask.user, at)
	if not answer.decision.allowed:
		return ", ".join(answer.decision.codes)
	row = sample_call.to_user(ask.user, phone)
	row.school = ask.school
	made = message(row)
	header = frappe._dict(name=None, channel=channel, template=None)
	call_logs.write_logs(header, [row], {None: answer}, sender, at, purpose=EMERGENCY)
	frappe.db.set_value(asks.DOCTYPE, ask.name, "call_log", row.log, update_modified=False)
	permit = gate.mint(answer, call_log=row.log, to=phone, sender=sender)
	return CarrierRequest(row, row.log, permit, made)
