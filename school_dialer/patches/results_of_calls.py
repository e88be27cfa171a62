"""Fill in results for calls and texts that ended before results were stored, going by their records.

Whether a voicemail was left in those calls is marked as not known.

A call counts as reached by the old rule: a person answered and the message content was fetched. Two indexes
get another column; their old forms are dropped here, and `setup.schema` creates them again after the
migration.
"""

import frappe

from school_dialer.base import states
from school_dialer.campaigns.call_order import (
	BUSY,
	FAILED,
	NO_ANSWER,
	NOT_CONFIRMED,
	NOT_FETCHED,
	REACHED,
	UNUSABLE,
	VOICEMAIL,
	WITHDRAWN,
)
from school_dialer.outbound.attempts.heard import NOT_KNOWN, NOT_LEFT
from school_dialer.setup.schema import drop_indexes

CHUNK = 20_000


def execute() -> None:
	drop_indexes("Dialer Call Log", ("dialer_attempts", "dialer_outcomes"))
	after = ""
	while names := ended_after(after):
		fill(tuple(names))
		frappe.db.commit()
		after = names[-1]


def ended_after(name: str) -> list[str]:
	"""Return the next chunk of ended logs that have no result, after this name.

	Without the name, each chunk would read again all that the chunks before it filled.
	"""
	return frappe.db.sql(
		"""select name from `tabDialer Call Log` where name > %s and status_rank >= %s
		and direction = 'Outbound' and ifnull(result, '') = '' order by name limit %s""",
		(name, states.FINAL_RANK, CHUNK),
		pluck=True,
	)


def fill(names: tuple[str, ...]) -> None:
	frappe.db.sql(
		"""update `tabDialer Call Log` set
		voicemail_left = case
			when channel != 'Voice' or status != 'completed' then voicemail_left
			when answered_by = 'fax' then %(not_left)s
			when answered_by like 'machine%%' then %(not_known)s
			else voicemail_left end,
		result = case
			when status = 'refused' then %(unusable)s
			when channel = 'Text' then if(status in ('delivered', 'read'), %(reached)s, %(unusable)s)
			when status = 'busy' then %(busy)s
			when status = 'no-answer' then %(no_answer)s
			when status = 'canceled' then %(withdrawn)s
			when status != 'completed' then %(failed)s
			when answered_by like 'machine%%' or answered_by = 'fax' then %(voicemail)s
			when acknowledged then %(reached)s
			when ifnull(content, '') = '' then %(not_fetched)s
			when substring_index(dialogue, ':', 1) in ('confirm', 'pin') then %(not_confirmed)s
			when substring_index(dialogue, ':', 1) in ('no PIN', 'PIN locked', 'wrong PIN') then
			substring_index(dialogue, ':', 1) else %(reached)s end
		where name in %(names)s""",
		{
			"not_left": NOT_LEFT,
			"not_known": NOT_KNOWN,
			"unusable": UNUSABLE,
			"reached": REACHED,
			"busy": BUSY,
			"no_answer": NO_ANSWER,
			"withdrawn": WITHDRAWN,
			"failed": FAILED,
			"voicemail": VOICEMAIL,
			"not_fetched": NOT_FETCHED,
			"not_confirmed": NOT_CONFIRMED,
			"names": names,
		},
	)
