"""End the texts that were sent and about whose delivery nothing was reported.

They stayed open before, though the carrier had been asked: they took up lines, held money back, and were
never deleted.
"""

import frappe

from school_dialer.base import states
from school_dialer.base.database.transactions import changed
from school_dialer.campaigns.call_order import REACHED

CHUNK = 5_000


def execute() -> None:
	while end_some():
		frappe.db.commit()


def end_some() -> int:
	"""End one chunk, found by the index on rank. Return how many texts it held."""
	frappe.db.sql(
		"""update `tabDialer Call Log` set status = %(status)s, status_rank = %(rank)s,
			result = if(ifnull(result, '') = '', %(reached)s, result)
		where status_rank = %(sent)s and status = 'sent' and channel = 'Text' and direction = 'Outbound'
		and ended_at is not null limit %(chunk)s""",
		{
			"status": states.UNREPORTED,
			"rank": states.rank(states.UNREPORTED),
			"sent": states.rank("sent"),
			"reached": REACHED,
			"chunk": CHUNK,
		},
	)
	return changed()
