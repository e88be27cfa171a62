"""Status callbacks and other reports of the carrier, applied once and forward only.

Every report is one conditional UPDATE of its call log. A status of lower or equal rank changes nothing, so
five copies in any order leave the same row. The recipient follows its latest log.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter

import frappe
from frappe import _

from school_dialer import clock, states
from school_dialer.attempts import after_commit, canceling, disclosures, uncounted
from school_dialer.attempts.heard import HUMAN, NOT_KNOWN, NOT_LEFT, UNSURE, outlasted
from school_dialer.campaigns import retries
from school_dialer.campaigns.call_order import REACHED, UNHEARD, WITHDRAWN, ContactPoint, outcome
from school_dialer.campaigns.parties import informing
from school_dialer.campaigns.parties import rows as parties
from school_dialer.carriers.base import Placed
from school_dialer.carriers.faults import SLOW, Fault
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.database.transactions import changed
from school_dialer.gate import planned
from school_dialer.messages.spoken.ivr_state import State
from school_dialer.pace import pacer
from school_dialer.settings import carrier_faults, privacy_features
from school_dialer.settings.carrier_faults import FAILING
from school_dialer.settings.registration import attestation


@dataclass(frozen=True, slots=True)
class StatusUpdate:
	"""One report on a call log. Empty values are unknown, not cleared.

	`duration` is in seconds; `at` is aware, and None means now. `answer` says that it is the carrier's answer
	to our own request to cancel the call. `account` is the carrier account whose key signed the report; a log
	that another account made does not change. `sip_code` is how the telephone network ended a call.
	"""

	status: str
	sid: str | None = None
	answered_by: str | None = None
	duration: int | None = None
	error_code: str | None = None
	error_message: str | None = None
	price: str | None = None
	at: datetime | None = None
	attestation: str | None = None
	answer: bool = False
	account: str | None = None
	sip_code: str | None = None

	@classmethod
	def of(cls, placed: Placed) -> "StatusUpdate":
		"""Return the report that callbacks would have made from the carrier's own record."""
		return cls(
			placed.status,
			sid=placed.sid,
			answered_by=placed.answered_by,
			duration=placed.duration,
			error_code=placed.error_code or None,
		)


def apply(log_name: str, status_update: StatusUpdate) -> bool:
	"""Apply one report. Return True if the log changed.

	An unknown log or status is not an error: the carrier gets "received" anyway. Does not commit.
	"""
	return bool(apply_all([(log_name, status_update)]))


def apply_all(reports: Iterable[tuple[str, StatusUpdate]]) -> set[str]:
	"""Apply reports, and settle the recipients of ended calls. Return the names of changed logs.

	Every process takes logs in the order of their names, so two do not wait for each other. Does not commit
	(`commit`).
	"""
	moved = set()
	ended, lacking = [], {}
	reports = sorted(reports, key=itemgetter(0))
	awaited = canceling.among(log for log, status_update in reports if reports_cancel(status_update))
	carriers = carriers_of(
		[
			log
			for log, status_update in reports
			if status_update.error_code and status_update.status in FAILING
		]
	)
	for log_name, status_update in reports:
		status_update, fault = explain_fault(status_update, carriers.get(log_name))
		if status_update.attestation:
			attestation.note_level(log_name, status_update.attestation)
		if log_name in awaited and reports_cancel(status_update):
			continue
		if status_update.status not in states.RANK or not move_log(log_name, status_update):
			continue
		moved.add(log_name)
		if states.is_final(status_update.status):
			ended.append(log_name)
			if fault and fault.lacks:
				lacking[log_name] = fault.lacks
		else:
			mark_dialing(log_name)
	if lacking:
		privacy_features.found_lacking(lacking)
	if ended:
		settle_recipients(ended)
	return moved


def reports_cancel(status_update: StatusUpdate) -> bool:
	return status_update.status == canceling.CANCELED and not status_update.answer


def carriers_of(logs: list[str]) -> dict[str, str]:
	"""Return the carrier by which each of these calls was made."""
	if not logs:
		return {}
	return dict(
		frappe.db.sql("select name, carrier from `tabDialer Call Log` where name in %s", (tuple(logs),))
	)


def explain_fault(
	status_update: StatusUpdate, carrier: str | None = None
) -> tuple[StatusUpdate, Fault | None]:
	"""Add the reason for a failure in plain words, as this carrier means it. Return (report, fault)."""
	fault = (
		carrier_faults.fault_of(status_update.error_code, carrier)
		if status_update.status in FAILING
		else None
	)
	if fault is carrier_faults.UNKNOWN_CODE:
		frappe.logger("school_dialer").warning(
			"a carrier's error code is not in the table: %s",
			status_update.error_code[:6] if status_update.error_code.isdecimal() else "no number",
		)
	if fault and not status_update.error_message:
		status_update = replace(
			status_update, error_message=carrier_faults.explained(status_update.error_code, fault)[:140]
		)
	return status_update, fault


def mark_dialing(log_name: str) -> None:
	"""Set a recipient from Unknown to Dialing: a call whose response was lost is in progress after all."""
	frappe.db.sql(
		"update `tabDialer Recipient` set status = %s where last_call_log = %s and status = %s",
		(states.DIALING, log_name, states.UNKNOWN),
	)


def move_log(log_name: str, status_update: StatusUpdate) -> bool:
	"""Write a report on its log unless it comes too late. Return True if the log changed.

	Who was found to be a person stays one: the carrier goes on to call a phone that screened the call a
	machine.
	"""
	at = clock.to_db(status_update.at or clock.now())
	frappe.db.sql(
		"""update `tabDialer Call Log` set
			status = %(status)s,
			status_rank = %(rank)s,
			carrier_sid = coalesce(%(sid)s, carrier_sid),
			answered_by = if(answered_by = %(human)s, answered_by, coalesce(%(answered_by)s, answered_by)),
			duration = coalesce(%(duration)s, duration),
			error_code = coalesce(%(error_code)s, error_code),
			error_message = coalesce(%(error_message)s, error_message),
			sip_code = coalesce(%(sip_code)s, sip_code),
			price = coalesce(%(price)s, price),
			answered_at = coalesce(%(answered_at)s, answered_at),
			ended_at = coalesce(%(ended_at)s, ended_at)
		where name = %(log)s and status_rank < %(rank)s
		and (%(account)s is null or ifnull(carrier_account, '') in ('', %(account)s))""",
		{
			"log": log_name,
			"account": status_update.account,
			"rank": states.rank(status_update.status),
			"status": status_update.status,
			"sid": status_update.sid or None,
			"answered_by": status_update.answered_by or None,
			"human": HUMAN,
			"duration": status_update.duration,
			"error_code": status_update.error_code or None,
			"error_message": status_update.error_message or None,
			"price": status_update.price or None,
			"sip_code": status_update.sip_code or None,
			"answered_at": at if status_update.status == "in-progress" else None,
			"ended_at": at if states.is_final(status_update.status) else None,
		},
	)
	return changed() > 0


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


def was_heard(attempt) -> bool:
	"""Return whether this ended attempt counted as heard until now: a text of which no receipt had come."""
	return attempt.result == REACHED


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


def result_of(attempt) -> str | None:
	"""Return the result of an ended attempt (a row of `read_attempts`), or None if the person was reached."""
	if attempt.acknowledged:
		return None
	state = State.of(attempt.dialogue)
	# An emergency speaks while the carrier listens for a machine: no seconds pass before its first word.
	listened_first = "" if attempt.purpose == EMERGENCY else attempt.answered_by
	return outcome(
		attempt.channel,
		attempt.log_status,
		who_answered(attempt),
		acknowledged=not attempt.acknowledge,
		stage=state.stage,
		identified=attempt.answered_by != UNSURE or state.turn > 0,
		unusable=bool(attempt.fault and attempt.fault.of_the_person),
		fetched=bool(attempt.content),
		heard=outlasted(
			attempt.duration,
			listened_first,
			attempt.seconds_needed or 0.0,
			attempt.detection_seconds or 0.0,
		),
		duration=attempt.duration,
	)


def who_answered(attempt) -> str | None:
	"""Return who answered. In an emergency a pressed key counts for more than the carrier's late guess."""
	pressed = attempt.purpose == EMERGENCY and State.of(attempt.dialogue).turn > 0
	return HUMAN if pressed else attempt.answered_by


def write_results(results: dict[str, str | None]) -> None:
	"""Write the results on the logs, in one statement per result.

	Also fills `voicemail_left` where it is empty. A machine that was not given the words has nothing. If a
	machine was spoken to as to a person, or the carrier did not know who answered, and no key was pressed, it
	is not known whether a machine recorded the words.
	"""
	by_result: dict[str, list[str]] = defaultdict(list)
	for log_name, result in results.items():
		by_result[result or REACHED].append(log_name)
	for result, logs in by_result.items():
		frappe.db.sql(
			"""update `tabDialer Call Log` set result = %(result)s,
				voicemail_left = case
					when ifnull(voicemail_left, '') != '' then voicemail_left
					when (answered_by like 'machine%%' or answered_by = 'unknown') and content > ''
						and ifnull(keys_pressed, '') = '' then %(not_known)s
					when answered_by like 'machine%%' or answered_by = 'fax' then %(not_left)s
					else voicemail_left end
			where name in %(logs)s""",
			{"result": result, "not_left": NOT_LEFT, "not_known": NOT_KNOWN, "logs": tuple(logs)},
		)


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


def read_attempts(logs: list[str]) -> list:
	"""Return the logs' attempts with their recipients and campaign settings.

	The recipient columns (`retries.READ`) are None for a test call. `acknowledge` says if the campaign asks
	for a key press. Logs of inbound calls are left out,
	and so are those of calls by a person (`manual_calls`), who says what came of them.
	"""
	return frappe.db.sql(
		"select recipient."
		+ ", recipient.".join(retries.READ)
		+ """, log.name log, log.status log_status, log.answered_by, log.channel, log.sender,
		log.phone called, log.person_doctype called_doctype, log.person called_person,
		log.person_name called_name, log.language called_language, log.reasons,
		log.error_code, log.acknowledged, log.dialogue, log.students about_students, log.fields_used,
		log.carrier, log.content, log.purpose, log.duration, log.seconds_needed, log.detection_seconds,
		log.result, recipient.last_call_log, campaign.acknowledge, campaign.status campaign_status,
		campaign.text_fallback or campaign.email_fallback has_fallback
		from `tabDialer Call Log` log
		left join `tabDialer Recipient` recipient on recipient.name = log.recipient
		left join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
		where log.name in %s and log.direction = 'Outbound' and log.manual = 0""",
		(logs,),
		as_dict=True,
	)


def outcome_words(attempt, result: str | None) -> str:
	if attempt.fault:
		return carrier_faults.explained(attempt.error_code, attempt.fault)[:140]
	if attempt.log_status == states.UNREPORTED:
		return _("sent, no delivery report")
	return result if result in UNHEARD else who_answered(attempt) or attempt.log_status


def look_at_campaigns(logs: list[str]) -> None:
	if logs:
		rows = frappe.db.sql(
			"select distinct campaign from `tabDialer Call Log` where name in %s and campaign is not null",
			(tuple(logs),),
		)
		after_commit.look_at(*(name for (name,) in rows))


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


def advance_dialogue(
	log, dialogue: str, keys: str, acknowledged: bool, *, answers: bool = False, over: bool = False
) -> bool:
	"""Record pressed keys and the dialogue's next state on the log and its recipient.

	Return False if another request (such as a repeat of this one) has moved the dialogue on, or if the call
	has ended. With `over`, the call must have ended instead. `answers`: the keys show that the words were
	heard, however short the call was.
	"""
	frappe.db.sql(
		"""update `tabDialer Call Log` log
		left join `tabDialer Recipient` recipient on recipient.name = log.recipient
		set log.keys_pressed = %(keys)s, recipient.keys_pressed = %(keys)s, log.dialogue = %(dialogue)s,
			log.acknowledged = greatest(log.acknowledged, %(acknowledged)s),
			log.seconds_needed = if(%(answers)s, 0, log.seconds_needed),
			log.content = if(%(answers)s and ifnull(log.content, '') = '', 'Generic', log.content)
		where log.name = %(log)s and ifnull(log.dialogue, '') = %(before)s
		and log.status_rank between %(from)s and %(to)s""",
		{
			"log": log.name,
			"keys": ((log.keys_pressed or "") + keys)[:140],
			"dialogue": dialogue,
			"before": log.dialogue or "",
			"acknowledged": int(acknowledged),
			"answers": int(answers),
			"from": states.FINAL_RANK if over else 0,
			"to": max(states.FINAL_RANKS) if over else states.FINAL_RANK - 1,
		},
	)
	return changed() > 0
