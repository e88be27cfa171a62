"""Reactions to a consent change while campaigns run.

Waiting recipients are decided again, and calls that no one has answered are canceled. The gate would refuse
them at dialing anyway; this makes the campaign show it at once.
"""

import json
from collections import defaultdict
from dataclasses import replace
from operator import attrgetter

import frappe

from school_dialer import gate
from school_dialer.audience.base import source_of
from school_dialer.base import clock, states
from school_dialer.base.database.rows import update_each
from school_dialer.base.jobs import EMERGENCY_QUEUE, job
from school_dialer.campaigns import retries
from school_dialer.campaigns.completing import complete_if_done
from school_dialer.campaigns.parties import asking, informing
from school_dialer.carriers.base import CarrierError
from school_dialer.compliance.vocabulary import OPTED_OUT
from school_dialer.gate import planned
from school_dialer.outbound.attempts import refusals
from school_dialer.outbound.attempts.status_updates import StatusUpdate, apply
from school_dialer.settings import carrier_settings

RECIPIENT, CALL, BY_PERSON = "recipient", "call", "by person"
UNANSWERED = ("queued", "initiated", "ringing")
"""Calls that can be taken back. The carrier reports that a phone rings of one call in many, so that most of
those that ring are on record as queued."""


def on_consent_changed(phones: list[str]) -> None:
	"""Decide waiting recipients again, and cancel unanswered calls.

	Runs inside the transaction that changed consent. The hook `dialer_consent_changed` comes by
	`manual_calls.listing`, with the same statement.
	"""
	react(read_waiting(phones))


def read_waiting(phones: list[str]) -> dict[str, list[frappe._dict]]:
	"""Return who waits with these numbers for the machine, for a call's answer, and for a person, by name.

	One statement reads them all, because each opt-out waits for it. One column of JSON costs less than many,
	each of which the driver describes in Python.
	"""
	rows = frappe.db.sql(
		"""select %(recipient)s, json_object('name', name, 'campaign', campaign, 'channel', channel,
			'phone', phone, 'person_doctype', person_doctype, 'person', person, 'students', students,
			'seal', seal)
		from `tabDialer Recipient` where phone in %(phones)s and status in %(waiting)s
		union all select %(call)s, json_object('name', name) from `tabDialer Call Log`
		where phone in %(phones)s and status in %(unanswered)s and direction = 'Outbound'
		union all select %(by_person)s, json_object('name', name, 'campaign', campaign, 'phone', phone,
			'recipient', recipient,
			'person_doctype', person_doctype, 'person', person, 'students', students)
		from `tabDialer Manual Call` where phone in %(phones)s and status = 'Waiting'""",
		{
			"phones": phones,
			"waiting": states.WAITING,
			"unanswered": UNANSWERED,
			"recipient": RECIPIENT,
			"call": CALL,
			"by_person": BY_PERSON,
		},
	)
	waiting: dict[str, list[frappe._dict]] = {RECIPIENT: [], CALL: [], BY_PERSON: []}
	for kind, values in rows:
		waiting[kind].append(frappe._dict(json.loads(values)))
	for rows_of_kind in waiting.values():
		rows_of_kind.sort(key=attrgetter("name"))
	return waiting


def react(waiting: dict[str, list[frappe._dict]]) -> None:
	"""Decide recipients of `read_waiting` again, and enqueue a job that cancels its unanswered calls."""
	logs = [row.name for row in waiting[CALL]]
	by_campaign = defaultdict(list)
	for row in waiting[RECIPIENT]:
		by_campaign[row.campaign, row.channel].append(row)
	for (campaign, channel), recipients in by_campaign.items():
		decide_again(campaign, channel, recipients)
	if logs:
		frappe.enqueue(
			"school_dialer.outbound.attempts.revocation.cancel_logs",
			queue=EMERGENCY_QUEUE,
			at_front=True,
			enqueue_after_commit=True,
			logs=logs,
		)


def decide_again(campaign_name: str, channel: str, recipients: list) -> None:
	"""Block recipients that may no longer be called, or move them to their next number.

	Recipients that became allowed wait for the dispatcher's own decision.
	"""
	before = {row.name: dict(row) for row in recipients}
	answers = decide_now(campaign_name, channel, recipients)
	blocked = {name: answer for name, answer in answers.items() if answer.decision.verdict == "BLOCK"}
	elsewhere = retries.other_lines({name: answer.decision.codes for name, answer in blocked.items()})
	for name, answer in blocked.items():
		fields = elsewhere.get(name) or planned.resealed(before[name], gate.as_fields(answer))
		frappe.db.set_value("Dialer Recipient", name, fields)
	complete_if_done(campaign_name)


def on_opt_out_undone(phones: list[str]) -> None:
	"""Decide recipients again whom an opt-out blocked that was a mistake (hook `dialer_opt_out_undone`).

	Those of open campaigns with these numbers, whom the gate lets be called now or later, wait for their call
	again. The opt-out may stand beside other reasons: in the evening also the hours kept them from the call.
	So do those who were left for another number of their household.
	While an opt-out can be undone, the campaign of a family that it blocked stays open (`completing`).
	"""
	retries.take_up_again(phones)
	rows = frappe.db.sql(
		"""select recipient.name, recipient.campaign, recipient.channel, recipient.phone,
			recipient.person_doctype, recipient.person, recipient.person_name, recipient.language,
			recipient.students, recipient.seal
		from `tabDialer Recipient` recipient
		join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		where recipient.phone in %(phones)s and recipient.status = %(blocked)s
			and recipient.reasons like %(code)s and campaign.status in %(open)s
		order by recipient.name""",
		{
			"phones": phones,
			"blocked": states.BLOCKED,
			"code": f"%{OPTED_OUT}%",
			"open": (states.AWAITING, *states.APPROVED),
		},
		as_dict=True,
	)
	planned_rows = defaultdict(list)
	for row in planned.divided(rows)[0]:
		planned_rows[row.campaign, row.channel].append(row)
	seal_of = planned.signer()
	changes: dict[str, dict] = {}
	for (campaign, channel), recipients in planned_rows.items():
		as_planned = {row.name: dict(row) for row in recipients}
		for name, answer in decide_now(campaign, channel, recipients).items():
			if answer.decision.verdict != "BLOCK":
				changes[name] = planned.sealed(as_planned[name], gate.as_fields(answer), seal_of)
	update_each("Dialer Recipient", changes)


def decide_now(campaign_name: str, channel: str, recipients: list) -> dict[str, gate.EligibilityResult]:
	"""Return the gate's answers about recipients of this campaign, by name, as of now."""
	asking.attach(recipients)
	context = gate.CallContext.of(frappe.get_doc("Dialer Campaign", campaign_name))
	return asking.ask(replace(context, channel=channel), recipients, clock.now())


def reason_gone(campaign_name: str, student: str) -> None:
	"""Handle the loss of the reason to call about a student, for example a corrected absence.

	Runs inside the transaction that removed the reason. Waiting recipients are canceled, or are called about
	the other students only. So are those whom a member of staff may still phone. Enqueues a job that cancels
	calls about the student that are still in the carrier's queue, or ring. A call that leaves the student out
	goes on.
	"""
	gone = source_of(frappe.get_doc("Dialer Campaign", campaign_name)).withdrawn({student})
	if not gone:
		return
	fields = (*retries.READ, "status", "last_call_log")
	given_up = (states.NOT_REACHED, states.BLOCKED)
	rows = informing.concerning(campaign_name, student, (*states.OPEN, *given_up), fields)
	refusals.drop_students([row for row in rows if row.status in states.WAITING], gone, states.WAITING)
	beside = {row.name for row in rows if row.status not in given_up and informing.leaves_out(row, student)}
	informing.withdraw([row.name for row in rows if row.status in given_up or row.name in beside], gone)
	logs = [row.last_call_log for row in rows if row.last_call_log and row.name not in beside]
	if logs and frappe.db.exists("Dialer Call Log", {"name": ("in", logs), "status": ("in", UNANSWERED)}):
		frappe.enqueue(
			"school_dialer.outbound.attempts.revocation.cancel_logs",
			queue=EMERGENCY_QUEUE,
			at_front=True,
			enqueue_after_commit=True,
			logs=logs,
		)
	complete_if_done(campaign_name)


@job
def cancel_queued_calls(campaign: str) -> None:
	"""Cancel the calls that a canceled campaign left in the carrier's queue (background job)."""
	cancel_logs(
		frappe.get_all(
			"Dialer Call Log",
			{"campaign": campaign, "status": ("in", ("queued", "accepted", "scheduled"))},
			pluck="name",
			order_by="name",
		)
	)


@job
def end_calls(campaign: str) -> None:
	"""End the calls of a campaign that is being corrected, as far as the carrier lets one (background job).

	Calls and texts that wait or ring are canceled. Answered calls are hung up, if the carrier can.
	"""
	rows = frappe.get_all(
		"Dialer Call Log",
		{
			"campaign": campaign,
			"direction": "Outbound",
			"manual": 0,
			"status_rank": ("<", states.FINAL_RANK),
			"carrier_sid": ("is", "set"),
		},
		["name", "channel", "status", "carrier_sid", "carrier_account"],
		order_by="name",
	)
	carriers = carrier_settings.Carriers()
	waiting = [row.name for row in rows if row.status != "in-progress"]
	for row in rows:
		if row.status == "in-progress" and row.channel == "Voice":
			hang_up = getattr(carriers.known(row.carrier_account), "hang_up", None)
			try:
				if hang_up:
					hang_up(row.carrier_sid)
			except CarrierError as error:
				frappe.logger("school_dialer").warning("call log %s was not hung up: %s", row.name, error)
	if waiting:
		cancel_logs(waiting)


@job
def cancel_logs(logs: list[str]) -> None:
	"""Ask the carrier to cancel these calls and texts (background job).

	One that has begun or cannot be canceled now is left alone. Commits each cancellation.
	"""
	if not logs:
		return
	carriers = carrier_settings.Carriers()
	for name in logs:
		fields = ["channel", "carrier_sid", "carrier_account"]
		log = frappe.db.get_value("Dialer Call Log", name, fields, as_dict=True)
		carrier = carriers.known(log.carrier_account) if log.carrier_sid else None
		if not carrier:
			continue
		try:
			taken_back = carrier.cancel(log.channel, log.carrier_sid)
		except CarrierError as error:
			frappe.logger("school_dialer").warning("call log %s was not cancelled: %s", name, error)
			continue
		if taken_back:
			apply(name, StatusUpdate("canceled"))
			# What the carrier did stays on record if a later one fails.
			frappe.db.commit()
