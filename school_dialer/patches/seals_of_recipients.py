"""Seal the recipients that were planned before recipients had seals, in campaigns that have not ended.

How a row came in cannot be known any more: it is sealed as it is.
"""

import frappe

from school_dialer.base import states
from school_dialer.base.database.rows import update_each
from school_dialer.gate import planned

CHUNK = 500
COLUMNS = ", ".join(("name", *planned.FIELDS))


def execute() -> None:
	"""Seal them, a chunk of a campaign at a time. Commits each."""
	unended = {"status": ("not in", states.ENDED)}
	for campaign in frappe.get_all("Dialer Campaign", unended, pluck="name", order_by="name"):
		after = ""
		while rows := read(campaign, after):
			seal_of = planned.signer()
			update_each("Dialer Recipient", {row.name: {"seal": seal_of(row)} for row in rows})
			frappe.db.commit()
			after = rows[-1].name


def read(campaign: str, after: str) -> list[frappe._dict]:
	return frappe.db.sql(
		f"""select {COLUMNS} from `tabDialer Recipient`
		where campaign = %s and name > %s and seal is null order by name limit {CHUNK}""",
		(campaign, after),
		as_dict=True,
	)
