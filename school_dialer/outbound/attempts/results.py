"""What an ended attempt came to: who answered, and whether a person heard the words."""

from collections import defaultdict

import frappe

from school_dialer.campaigns import retries
from school_dialer.campaigns.call_order import REACHED, outcome
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.messages.spoken.ivr_state import State
from school_dialer.outbound.attempts.heard import HUMAN, NOT_KNOWN, NOT_LEFT, UNSURE, outlasted


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


def was_heard(attempt) -> bool:
	"""Return whether this ended attempt counted as heard until now: a text of which no receipt had come."""
	return attempt.result == REACHED


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
