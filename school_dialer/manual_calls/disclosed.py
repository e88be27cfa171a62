"""What people said to families about students, in the record of disclosures: what the campaign's words say.

It is written when the outcome can no longer be taken back, because a disclosure is never deleted.
"""

import json
from datetime import timedelta

import frappe

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.manual_calls import work
from school_dialer.messages.errors import MessageError
from school_dialer.messages.spoken.voice import FULL
from school_dialer.outbound.attempts import disclosures

MOST = 200
LOOK_BACK = timedelta(days=2)


def note() -> None:
	"""Record the disclosures of families that a person reached (step of the scheduler's tick).

	Idempotent. Calls with another phone have no log, and so no entry.
	"""
	rows = frappe.db.sql(
		"""select listed.call_log log, listed.campaign, listed.purpose, log.students about_students
		from `tabDialer Manual Call` listed join `tabDialer Call Log` log on log.name = listed.call_log
		where listed.status = 'Done' and listed.outcome = %(reached)s and listed.done_at between %(since)s
			and %(until)s and ifnull(log.students, '[]') != '[]'
		and not exists (select 1 from `tabDialer Disclosure` known where known.call_log = log.name)
		limit %(most)s""",
		{
			"reached": work.REACHED,
			"since": clock.to_db(clock.now() - LOOK_BACK),
			"until": clock.to_db(clock.now() - work.UNDO),
			"most": MOST,
		},
		as_dict=True,
	)
	fields = {name: json.dumps(fields_of(name)) for name in {row.campaign for row in rows}}
	for row in rows:
		row.update(fields_used=fields[row.campaign], channel="Voice", content=FULL, log_status="completed")
	disclosures.record_calls(rows)


def fields_of(campaign: str) -> list[str]:
	"""Return the names of the fields in the campaign's words."""
	try:
		return list(gate.template_of(frappe.get_cached_doc("Dialer Campaign", campaign)).field_names)
	except (MessageError, frappe.DoesNotExistError):
		return []
