"""The call logs of a chunk, written before its requests are sent, and what they leave on the recipients."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import frappe

from school_dialer import gate
from school_dialer.base import clock, states
from school_dialer.base.database.rows import insert, stamp, update_each
from school_dialer.base.phone import mask
from school_dialer.campaigns.parties import asking, informing
from school_dialer.compliance.permit import closes_at
from school_dialer.gate import planned, site_policies
from school_dialer.settings import carrier_accounts


def write_logs(
	campaign,
	rows: list,
	answers: dict[str | None, gate.EligibilityResult],
	sender: str,
	at: datetime,
	purpose: str | None = None,
	account: str | None = None,
) -> None:
	"""Write one call log for each request before it is sent. A test call's row has no name: no recipient.

	`account` is the id of the account that makes the calls, by default the number's. `at` is aware. The
	microseconds of `placed_at` record the order of the requests, by which lost ones are matched.
	"""
	if not rows:
		return
	site_policies.mark_used(
		{(answer.decision.policy, answer.decision.version) for answer in answers.values()}
	)
	common = common_fields(campaign, sender, purpose or campaign.purpose)
	common["carrier_account"] = account or common["carrier_account"]
	values = [
		common
		| fields_of(row, answers[row.name])
		| {
			"placed_at": clock.to_db(at + timedelta(microseconds=index)),
			"school": row.get("school") or campaign.get("school") or None,
		}
		for index, row in enumerate(rows)
	]
	insert("Dialer Call Log", values)
	note_attempts([row for row in rows if row.name], answers)


def note_attempts(rows: list, answers: dict[str | None, gate.EligibilityResult]) -> None:
	"""Write on recipients and parties which call log the attempt has, and about whom and for whom it is."""
	informing.note(rows)
	seal_of = planned.signer()
	update_each("Dialer Recipient", {row.name: called_now(row, answers[row.name], seal_of) for row in rows})


def called_now(row, answer: gate.EligibilityResult, seal_of: Callable) -> dict:
	"""Return what a recipient's row says of the call that is made now, with its seal."""
	fields = {
		"attempts": row.attempts + 1,
		"last_call_log": row.log,
		"students": json.dumps(row.students),
		"school": answer.school or None,
	}
	return planned.sealed(row, fields | {field: row[field] for field in asking.ADDRESSED}, seal_of)


def common_fields(campaign, sender: str, purpose: str) -> dict:
	version = 0
	if campaign.template:
		version = frappe.get_cached_doc("Dialer Message Template", campaign.template).version
	account = carrier_accounts.of_sender(sender)
	return {
		**stamp(),
		"status": states.PLACING,
		"status_rank": states.rank(states.PLACING),
		"direction": "Outbound",
		"channel": campaign.channel,
		"purpose": purpose,
		"campaign": campaign.name,
		"sender": sender,
		"reasons": "",
		"carrier": account.carrier,
		"carrier_account": account.id,
		"template": campaign.template,
		"template_version": version,
	}


def fields_of(row, answer: gate.EligibilityResult) -> dict:
	decision = answer.decision
	record = gate.to_json(decision)
	return {
		"name": row.log,
		"recipient": row.name,
		"attempt": row.attempts + 1,
		"attempt_key": f"{row.name}:{row.attempts + 1}" if row.name else None,
		"person_doctype": row.person_doctype,
		"person": row.person,
		"person_name": row.person_name,
		"phone": row.phone,
		"phone_masked": mask(row.phone),
		"verdict": decision.verdict,
		"decided_at": clock.to_db(decision.at),
		"closes_at": clock.to_db(closes_at(decision)),
		"policy": decision.policy,
		"policy_version": decision.version,
		"decision": record,
		"seal": gate.sign_record(record),
		"language": row.language,
		"students": json.dumps(row.students),
		"school": answer.school or None,
		"fields_used": json.dumps(row.get("fields_used") or []),
	}
