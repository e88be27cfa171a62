"""What a call log keeps while its call is under way: of the words when they are fetched, and pressed keys."""

from dataclasses import asdict, dataclass

import frappe

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import changed
from school_dialer.outbound.attempts import status_updates
from school_dialer.outbound.attempts.heard import UNSURE


@dataclass(frozen=True, slots=True)
class Words:
	"""What a call log keeps of the words that were fetched for it: never the words. None leaves a column."""

	content: str | None = None
	fields_used: str | None = None
	dialogue: str | None = None
	seconds_needed: float | None = None
	detection_seconds: float | None = None
	voicemail_left: str | None = None


def answered(log, sid: str, answered_by: str, *, words: Words | None = None, error: str = "") -> bool:
	"""Note that a call was answered, with what its log keeps of the words. Return whether the log changed.

	It is the status "in-progress" and the columns of the words in one statement, because every answered call
	waits for it. What came with an earlier report is kept, except by the words. Even they do not replace who
	answered by "unknown": the carrier may have found it out while they were made. A call that has ended is
	not changed. `log` has its `name` and the `recipient_status`. Does not commit.
	"""
	frappe.db.sql(
		"""update `tabDialer Call Log` set
			status = if(status_rank < %(rank)s, %(status)s, status),
			carrier_sid = if(status_rank < %(rank)s, coalesce(%(sid)s, carrier_sid), carrier_sid),
			answered_at = if(status_rank < %(rank)s, %(at)s, answered_at),
			answered_by = case
				when %(answered_by)s = %(unsure)s and ifnull(answered_by, '') != '' then answered_by
				when %(worded)s then %(answered_by)s
				when status_rank < %(rank)s and %(answered_by)s != '' then %(answered_by)s
				else answered_by end,
			content = coalesce(%(content)s, content),
			fields_used = coalesce(%(fields_used)s, fields_used),
			dialogue = coalesce(%(dialogue)s, dialogue),
			seconds_needed = coalesce(%(seconds_needed)s, seconds_needed),
			detection_seconds = coalesce(%(detection_seconds)s, detection_seconds),
			voicemail_left = coalesce(%(voicemail_left)s, voicemail_left),
			error_message = coalesce(%(error)s, error_message),
			status_rank = greatest(status_rank, %(rank)s)
		where name = %(log)s and status_rank < %(final)s""",
		{
			"log": log.name,
			"status": "in-progress",
			"rank": states.rank("in-progress"),
			"final": states.FINAL_RANK,
			"sid": sid or None,
			"at": clock.db_now(),
			"answered_by": answered_by,
			"unsure": UNSURE,
			"worded": int(words is not None),
			"error": error or None,
			**asdict(words or Words()),
		},
	)
	moved = changed() > 0
	if moved and log.recipient_status == states.UNKNOWN:
		status_updates.mark_dialing(log.name)
	return moved


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
