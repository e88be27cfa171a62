"""When consent changes while campaigns run: waiting recipients are decided again, and calls queued at the carrier taken back.

The gate would refuse them at dialing in any case; this makes the campaign say so at once.
"""

import json
from collections import defaultdict
from dataclasses import replace

import frappe

from school_dialer import clock, gate, states
from school_dialer.attempts import claims
from school_dialer.attempts.status_updates import StatusUpdate, apply
from school_dialer.audience.base import source_of
from school_dialer.campaigns import retries
from school_dialer.campaigns.actions import complete_if_done
from school_dialer.carriers.base import CarrierError
from school_dialer.jobs import EMERGENCY_QUEUE, job
from school_dialer.settings import carrier_settings


def on_consent_changed(phones: list[str]) -> None:
	"""Hook ``dialer_consent_changed``: inside the transaction that changed consent for these numbers."""
	rows = frappe.get_all(
		"Dialer Recipient",
		{"phone": ("in", phones), "status": ("in", states.WAITING)},
		["name", "campaign", "channel", "phone", "person_doctype", "person", "students"],
		order_by="name",
		limit_page_length=0,
	)
	alike = defaultdict(list)
	for row in rows:
		alike[row.campaign, row.channel].append(row)
	for (campaign, channel), recipients in alike.items():
		decide_again(campaign, channel, recipients)
	if frappe.db.exists(
		"Dialer Call Log", {"phone": ("in", phones), "status": "queued", "direction": "Outbound"}
	):
		logs = frappe.get_all(
			"Dialer Call Log",
			{"phone": ("in", phones), "status": "queued", "direction": "Outbound"},
			pluck="name",
			order_by="name",
		)
		frappe.enqueue(
			"school_dialer.attempts.revocation.cancel_logs",
			queue=EMERGENCY_QUEUE,
			at_front=True,
			enqueue_after_commit=True,
			logs=logs,
		)


def decide_again(campaign_name: str, channel: str, recipients: list) -> None:
	"""Block what may no longer be called, or go to the next number. What became allowed waits for the dispatcher's own decision."""
	campaign = frappe.get_doc("Dialer Campaign", campaign_name)
	answers = gate.ask(
		replace(gate.CallContext.of(campaign), channel=channel),
		[
			gate.EligibilityCheck(
				row.name, row.phone, row.person_doctype, row.person, tuple(json.loads(row.students or "[]"))
			)
			for row in recipients
		],
		clock.now(),
	)
	blocked = {name: answer for name, answer in answers.items() if answer.decision.verdict == "BLOCK"}
	elsewhere = retries.other_lines({name: answer.decision.codes for name, answer in blocked.items()})
	for name, answer in blocked.items():
		frappe.db.set_value("Dialer Recipient", name, elsewhere.get(name) or gate.as_fields(answer))
	complete_if_done(campaign_name)


def reason_gone(campaign_name: str, student: str) -> None:
	"""Inside the transaction that took away the reason for calls about this student: those that wait are Cancelled, or tell of the
	other students alone, and calls still in the carrier's queue are taken back."""
	gone = source_of(frappe.get_doc("Dialer Campaign", campaign_name)).withdrawn({student})
	if not gone:
		return
	rows = frappe.db.sql(
		"""select name, students, status, last_call_log from `tabDialer Recipient`
		where campaign = %s and status in %s and students like %s""",
		(campaign_name, states.OPEN, f"%{json.dumps(student)}%"),
		as_dict=True,
	)
	for row in rows:
		row.students = tuple(json.loads(row.students))
	claims.without([row for row in rows if row.status in states.WAITING], gone, states.WAITING)
	logs = [row.last_call_log for row in rows if row.last_call_log]
	if logs and frappe.db.exists("Dialer Call Log", {"name": ("in", logs), "status": "queued"}):
		frappe.enqueue(
			"school_dialer.attempts.revocation.cancel_logs",
			queue=EMERGENCY_QUEUE,
			at_front=True,
			enqueue_after_commit=True,
			logs=logs,
		)
	complete_if_done(campaign_name)


@job
def cancel_queued_calls(campaign: str) -> None:
	"""Job: take back what a cancelled campaign left in the carrier's queue."""
	cancel_logs(
		frappe.get_all(
			"Dialer Call Log",
			{"campaign": campaign, "status": ("in", ("queued", "accepted", "scheduled"))},
			pluck="name",
			order_by="name",
		)
	)


@job
def cancel_logs(logs: list[str]) -> None:
	"""Job: ask the carrier to cancel these calls. One that has begun, or cannot be cancelled now, goes its way."""
	if not logs:
		return
	carrier = carrier_settings.carrier()
	for name in logs:
		log = frappe.db.get_value("Dialer Call Log", name, ["channel", "carrier_sid"], as_dict=True)
		if not log.carrier_sid:
			continue
		try:
			taken_back = carrier.cancel(log.channel, log.carrier_sid)
		except CarrierError as error:
			frappe.logger("school_dialer").warning("call log %s was not cancelled: %s", name, error)
			continue
		if taken_back:
			apply(name, StatusUpdate("canceled"))
			frappe.db.commit()
