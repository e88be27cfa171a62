"""What ended attempts do to their recipients: reached, waiting for another call, or given up.

A recipient follows its latest log.
"""

from collections import defaultdict
from collections.abc import Mapping

import frappe
from frappe import _

from school_dialer.base import states
from school_dialer.base.database.transactions import changed
from school_dialer.campaigns import retries
from school_dialer.campaigns.call_order import UNHEARD, WITHDRAWN, ContactPoint
from school_dialer.campaigns.parties import informing
from school_dialer.campaigns.parties import rows as parties
from school_dialer.carriers.faults import SLOW
from school_dialer.gate import planned
from school_dialer.outbound.attempts import after_commit, disclosures, uncounted
from school_dialer.outbound.attempts.results import (
	read_attempts,
	result_of,
	was_heard,
	who_answered,
	write_results,
)
from school_dialer.outbound.pace import pacer
from school_dialer.settings import carrier_faults, privacy_features
from school_dialer.settings.carrier_faults import FAILING


def settle_recipients(logs: list[str]) -> None:
	"""Set the recipients' new states after these calls ended.

	The states are reached, waiting for another call (perhaps on another number), or given up.
	"""
	alike: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
	canceled: list[str] = []
	attempts = read_attempts(logs)
	for attempt in attempts:
		failed = attempt.log_status in FAILING
		attempt.fault = carrier_faults.fault_of(attempt.error_code, attempt.carrier) if failed else None
	results = {attempt.log: result_of(attempt) for attempt in attempts}
	write_results(results)
	attempts = [attempt for attempt in attempts if attempt.name]
	disclosures.record_calls(attempts)
	reopen_recipients([attempt for attempt in attempts if results[attempt.log] and was_heard(attempt)])
	parties_of, _strange = parties.read([attempt.name for attempt in attempts])
	counted = attempts_that_count(attempts, parties_of)
	informed, left = informing.heard([attempt for attempt in counted if not results[attempt.log]], parties_of)
	for attempt in counted:
		result = results[attempt.log]
		if result and attempt.campaign_status in states.ENDED:
			result = WITHDRAWN
		elif result == WITHDRAWN and not informing.all_informed(parties_of.get(attempt.name, [])):
			canceled.append(attempt.log)
			after_commit.complete(attempt.campaign)
			continue
		values = fields_after(attempt, result, parties_of.get(attempt.name, []), left.get(attempt.name))
		state, words = values.pop("status"), values.pop("outcome", outcome_words(attempt, result))
		if values:
			finish(attempt.name, attempt.log, state, words, **values)
		else:
			alike[state, words].append((attempt.name, attempt.log))
		after_commit.complete(attempt.campaign)
		if state == states.NOT_REACHED and attempt.has_fallback:
			after_commit.follow_up(attempt.campaign)
	for (state, words), finished in alike.items():
		finish_all(finished, state, words)
	informing.mark_informed(informed)
	if canceled:
		uncounted.return_to_waiting(canceled, "", 0)


def reopen_recipients(attempts: list) -> None:
	"""Let these texts end only now: a late receipt says that they did not arrive.

	What follows is as after any text that failed. A recipient whom a later text reached goes on with those
	whom this one did not inform.
	"""
	if not attempts:
		return
	frappe.db.sql(
		"update `tabDialer Recipient` set status = %s where last_call_log in %s and status = %s",
		(states.DIALING, tuple(attempt.log for attempt in attempts), states.REACHED),
	)
	left = informing.unmark_informed(attempts)
	for attempt in attempts:
		after_commit.lose(attempt.campaign)
		if attempt.name in left and attempt.last_call_log != attempt.log:
			reached = {"name": attempt.name, "status": states.REACHED}
			fields = retries.going_on(attempt, attempt.campaign_status, left[attempt.name])
			frappe.db.set_value("Dialer Recipient", reached, fields, update_modified=False)


def attempts_that_count(attempts: list, parties_of: Mapping[str, list[frappe._dict]]) -> list:
	"""Return the attempts that count against their recipients. `parties_of` has their parties.

	Attempts that failed for a fault that is not the recipient's are taken out: those recipients wait again,
	unless everyone was informed meanwhile, and the circuit breaker looks at the campaign. Once the campaign
	is paused, the same applies to failures for an unknown reason.
	"""
	back: dict[tuple[str, int, int], list[str]] = defaultdict(list)
	left = []
	for attempt in attempts:
		fault, unknown = attempt.fault, carrier_faults.unknown(attempt.fault)
		if was_heard(attempt) and attempt.campaign_status in states.ENDED:
			left.append(attempt)
			continue
		if fault and fault.breaker == SLOW:
			pacer.slow_down_number(attempt.sender, attempt.channel)
		given_back, paused = carrier_faults.given_back(fault), attempt.campaign_status == states.PAUSED
		if given_back or unknown:
			after_commit.look_at(attempt.campaign)
		if (given_back or (unknown and paused)) and not informing.all_informed(
			parties_of.get(attempt.name, [])
		):
			key = (
				carrier_faults.explained(attempt.error_code, fault),
				privacy_features.seconds_until_again(fault),
				carrier_faults.URGENT_SECONDS if carrier_faults.waits(fault) else 0,
			)
			back[key].append(attempt.log)
			after_commit.complete(attempt.campaign)
		else:
			left.append(attempt)
	for (why, seconds, urgent), logs in back.items():
		uncounted.return_to_waiting(logs, why, seconds, min(seconds, urgent))
	return left


def fields_after(
	attempt, result: str | None, rows: list[frappe._dict], left: list[ContactPoint] | None
) -> dict:
	"""Return the recipient fields to set after an attempt.

	`rows` are the recipient's parties, and `left` those still to be informed.
	"""
	if result and informing.all_informed(rows):
		return {"status": states.REACHED, "outcome": _("heard it in another call")}
	if result:
		return retries.after(attempt, result, rows)
	if left and attempt.campaign_status not in states.ENDED:
		return retries.for_others(attempt, left, informing.called_by(attempt))
	return {"status": states.REACHED}


def outcome_words(attempt, result: str | None) -> str:
	if attempt.fault:
		return carrier_faults.explained(attempt.error_code, attempt.fault)[:140]
	if attempt.log_status == states.UNREPORTED:
		return _("sent, no delivery report")
	return result if result in UNHEARD else who_answered(attempt) or attempt.log_status


def finish(recipient_name: str, log_name: str, state: str, outcome: str, **values) -> None:
	"""Finish one recipient like `finish_all`, and set more fields on it."""
	if finish_all([(recipient_name, log_name)], state, outcome) and values:
		recipient = frappe.qb.DocType("Dialer Recipient")
		query = frappe.qb.update(recipient).where(recipient.name == recipient_name)
		for fieldname, value in values.items():
			query = query.set(recipient[fieldname], value)
		query.run()


def finish_all(attempts: list[tuple[str, str]], state: str, outcome: str) -> int:
	"""Set the state of recipients, given as (recipient, log). Return the number of changed rows.

	Only the latest attempt counts for its recipient, and only while it is in progress.
	"""
	recipients, logs = zip(*attempts, strict=True)
	frappe.db.sql(
		"""update `tabDialer Recipient` set status = %s, outcome = %s, claim = null
		where name in %s and last_call_log in %s and status in %s""",
		(state, outcome, recipients, logs, (states.DIALING, states.UNKNOWN)),
	)
	return changed()


def reconsider(log_name: str) -> None:
	"""Judge an attempt again after a key or recording that came when the call had ended.

	A recipient who turns out to be reached is not called again, except for those still to be informed. The
	end of a call that is under way meanwhile finds who was informed (`fields_after`).
	"""
	(attempt,) = read_attempts([log_name]) or [None]
	if attempt is None:
		return
	result = result_of(attempt)
	write_results({log_name: result})
	if result or not attempt.name:
		return
	parties_of, _strange = parties.read([attempt.name])
	informed, left = informing.heard([attempt], parties_of)
	values = fields_after(attempt, None, [], left.get(attempt.name))
	is_reached = values["status"] == states.REACHED
	idle = {
		"name": attempt.name,
		"status": ("in", (*states.WAITING, states.NOT_REACHED, states.BLOCKED)),
	}
	fields = planned.resealed(attempt, values | fields_as_called(attempt)) if is_reached else values
	frappe.db.set_value("Dialer Recipient", idle, fields, update_modified=False)
	if is_reached:
		frappe.db.sql(
			"update `tabDialer Recipient` set status = 'Cancelled' where fallback_of = %s and status in %s",
			(attempt.name, states.WAITING),
		)
	informing.mark_informed(informed)
	after_commit.complete(attempt.campaign)


def fields_as_called(attempt) -> dict:
	"""Return the fields of a recipient whom this attempt reached: whom it called, and about whom."""
	line = ContactPoint(
		attempt.called,
		attempt.called_doctype,
		attempt.called_person,
		attempt.called_name,
		attempt.called_language,
	)
	return retries.fields_of(line) | {
		"students": attempt.about_students,
		"outcome": outcome_words(attempt, None),
		"reasons": attempt.reasons,
		"claim": None,
	}
