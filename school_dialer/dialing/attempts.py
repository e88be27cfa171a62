"""Rows of recipients and call logs as a dispatcher moves them, a chunk at a time."""

import json
import secrets
from datetime import datetime

import frappe

from school_dialer import clock
from school_dialer.dialing import gate, policy, retries, states
from school_dialer.phone import mask
from school_dialer.transactions import begin_read_committed

LOG_FIELDS = [
	"name",
	"owner",
	"modified_by",
	"creation",
	"modified",
	"status",
	"status_rank",
	"direction",
	"channel",
	"purpose",
	"campaign",
	"recipient",
	"attempt",
	"attempt_key",
	"person_doctype",
	"person",
	"person_name",
	"phone",
	"phone_masked",
	"sender",
	"placed_at",
	"verdict",
	"reasons",
	"decided_at",
	"policy",
	"policy_version",
	"decision",
	"seal",
	"carrier",
	"template",
	"template_version",
	"language",
	"students",
	"fields_used",
]


def claim(campaign: str, most: int) -> list[frappe._dict]:
	"""Take up to ``most`` due recipients; the claim is committed, so no other dispatcher sees them again."""
	recipient = frappe.qb.DocType("Dialer Recipient")
	begin_read_committed()
	names = [
		name
		for (name,) in frappe.db.sql(
			"""select name from `tabDialer Recipient`
			where campaign = %(campaign)s and status in %(waiting)s and not_before <= %(now)s
			limit %(most)s for update skip locked""",
			{"campaign": campaign, "waiting": states.WAITING, "now": clock.db_now(), "most": most},
		)
	]
	if not names:
		frappe.db.commit()
		return []
	(
		frappe.qb.update(recipient)
		.set(recipient.status, states.DIALING)
		.set(recipient.claim, secrets.token_hex(8))
		.set(recipient.claimed_at, clock.db_now())
		.where(recipient.name.isin(names))
		.run()
	)
	rows = (
		frappe.qb.from_(recipient)
		.select(
			recipient.name,
			recipient.claim,
			recipient.phone,
			recipient.person_doctype,
			recipient.person,
			recipient.person_name,
			recipient.students,
			recipient.language,
			recipient.attempts,
			recipient.max_attempts,
		)
		.where(recipient.name.isin(names))
		.run(as_dict=True)
	)
	for row in rows:
		row.students = tuple(json.loads(row.students or "[]"))
	frappe.db.commit()
	return rows


def questions(rows: list) -> list[gate.Question]:
	return [gate.Question(row.name, row.phone, row.person_doctype, row.person, row.students) for row in rows]


def release(names: list[str], seconds: int = 0) -> None:
	"""Back to waiting, nothing having been asked of the carrier; due again after this many seconds."""
	names = [name for name in names if name]
	if not names:
		return
	frappe.db.sql(
		"""update `tabDialer Recipient` recipient
		join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		set recipient.status = if(campaign.status = 'Cancelled', 'Cancelled', 'Pending'),
			recipient.claim = null, recipient.not_before = %(due)s
		where recipient.name in %(names)s and recipient.status = 'Dialing'""",
		{
			"due": frappe.utils.add_to_date(clock.db_now(), seconds=seconds, as_datetime=True),
			"names": tuple(names),
		},
	)


def still_claimed(rows: list) -> list:
	"""Those whose claim this dispatcher still holds, locked until commit: a claim that grew old is given to another."""
	held = dict(
		frappe.db.sql(
			"""select name, claim from `tabDialer Recipient`
			where name in %(names)s and status = 'Dialing' for update""",
			{"names": tuple(row.name for row in rows)},
		)
	)
	return [row for row in rows if held.get(row.name) == row.claim]


def turn_away(rows: list, answers: dict[str, gate.Answer]) -> None:
	"""Write the gate's fresh no, or not yet, on the recipients it concerns. Who has another line is tried there instead."""
	elsewhere = retries.other_lines(
		{
			row.name: answers[row.name].decision.codes
			for row in rows
			if answers[row.name].decision.verdict == "BLOCK"
		}
	)
	for row in rows:
		fields = elsewhere.get(row.name) or gate.as_fields(answers[row.name]) | {"claim": None}
		frappe.db.set_value("Dialer Recipient", row.name, fields, update_modified=False)


def hold_back(missing: dict[str, str]) -> None:
	"""Recipients whose message cannot be said, with the reason: never a sentence with a hole in it."""
	for name, why in missing.items():
		frappe.db.set_value(
			"Dialer Recipient",
			name,
			{"status": states.BLOCKED, "reasons": "MISSING_DATA", "outcome": why[:140], "claim": None},
			update_modified=False,
		)


def write_logs(
	campaign,
	rows: list,
	answers: dict[str | None, gate.Answer],
	sender: str,
	at: datetime,
	purpose: str | None = None,
) -> None:
	"""One call log for each request that is about to be sent, before it is sent. A test call's row has no name: no recipient."""
	if not rows:
		return
	policy.mark_used({(answer.decision.policy, answer.decision.version) for answer in answers.values()})
	version = 0
	if campaign.template:
		version = frappe.db.get_value("Dialer Message Template", campaign.template, "version")
	frappe.db.bulk_insert(
		"Dialer Call Log",
		LOG_FIELDS,
		[
			log_row(campaign, row, answers[row.name], sender, at, version, purpose or campaign.purpose)
			for row in rows
		],
	)
	for row in filter(lambda row: row.name, rows):
		frappe.db.set_value(
			"Dialer Recipient",
			row.name,
			{"last_call_log": row.log, "attempts": row.attempts + 1, "students": json.dumps(row.students)},
			update_modified=False,
		)


def log_row(
	campaign, row, answer: gate.Answer, sender: str, at: datetime, version: int, purpose: str
) -> tuple:
	record, now = gate.to_json(answer.decision), frappe.utils.now()
	values = {
		"name": row.log,
		"owner": frappe.session.user,
		"modified_by": frappe.session.user,
		"creation": now,
		"modified": now,
		"status": states.PLACING,
		"status_rank": states.rank(states.PLACING),
		"direction": "Outbound",
		"channel": campaign.channel,
		"purpose": purpose,
		"campaign": campaign.name,
		"recipient": row.name,
		"attempt": row.attempts + 1,
		"attempt_key": f"{row.name}:{row.attempts + 1}" if row.name else None,
		"person_doctype": row.person_doctype,
		"person": row.person,
		"person_name": row.person_name,
		"phone": row.phone,
		"phone_masked": mask(row.phone),
		"sender": sender,
		"placed_at": clock.to_db(at),
		"verdict": answer.decision.verdict,
		"reasons": "",
		"decided_at": clock.to_db(answer.decision.at),
		"policy": answer.decision.policy,
		"policy_version": answer.decision.version,
		"decision": record,
		"seal": gate.seal(record),
		"carrier": frappe.get_cached_doc("Dialer Settings").carrier,
		"template": campaign.template,
		"template_version": version,
		"language": row.language,
		"students": json.dumps(row.students),
		"fields_used": json.dumps(row.get("fields_used") or []),
	}
	return tuple(values[field] for field in LOG_FIELDS)


def take_back(requests: list) -> None:
	"""Requests that were logged and then not sent: the logs say so, and the attempts do not count."""
	if not requests:
		return
	not_sent([request.log for request in requests], "Not sent")
	release([request.row.name for request in requests])


def not_sent(logs: list[str], why: str) -> None:
	"""Nothing reached the carrier. The attempt number is free again: its unique key belongs to real attempts."""
	log, recipient = frappe.qb.DocType("Dialer Call Log"), frappe.qb.DocType("Dialer Recipient")
	(
		frappe.qb.update(log)
		.set(log.status, states.REFUSED)
		.set(log.status_rank, states.rank(states.REFUSED))
		.set(log.attempt_key, None)
		.set(log.error_message, why)
		.where(log.name.isin(logs))
		.run()
	)
	(
		frappe.qb.update(recipient)
		.set(recipient.attempts, recipient.attempts - 1)
		.where(recipient.last_call_log.isin(logs))
		.run()
	)
