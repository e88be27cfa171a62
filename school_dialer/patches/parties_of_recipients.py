"""Write the parties of recipients that are still to be called: who is told about whom at which number.

They were planned when a row kept its students and the order of its numbers as JSON.
"""

from collections.abc import Callable, Iterator

import frappe

from school_dialer import states
from school_dialer.campaigns.call_order import from_json, line_of
from school_dialer.campaigns.parties.rows import rows_of
from school_dialer.campaigns.retries import READ
from school_dialer.gate import planned

CHUNK = 1000


def execute() -> None:
	"""Write them a chunk at a time, each in one statement. Commits after each."""
	last, seal_of = "", planned.signer(planned.PARTY)
	while rows := chunk(last):
		planned.write_parties([row for one in rows for row in parties_of(one, seal_of)])
		frappe.db.commit()
		last = rows[-1].name


def chunk(after: str) -> list[frappe._dict]:
	return frappe.db.sql(
		"select "
		+ ", ".join(READ)
		+ " from `tabDialer Recipient` where name > %s and status in %s order by name limit %s",
		(after, states.OPEN, CHUNK),
		as_dict=True,
	)


def parties_of(row: frappe._dict, seal_of: Callable) -> Iterator[dict]:
	lines = [line_of(row), *(line for line in from_json(row.call_order) if line.phone != row.phone)]
	yield from rows_of(row.campaign, row.name, ((line, None) for line in lines), seal_of)
