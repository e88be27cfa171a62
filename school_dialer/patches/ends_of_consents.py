"""Let the consents of people who share a number end at each one's own time, as the events say.

A row that names one person may have named several: what ended with another's consent named the next one only.
"""

import frappe

from school_dialer.compliance.vocabulary import NUMBER_PROVIDED
from school_dialer.consent.events import GRANT
from school_dialer.consent.integrity import rebuild


def execute() -> None:
	"""Rebuild the numbers that several people gave. Commits every few hundred."""
	rows = frappe.db.sql(
		"""select phone from `tabConsent Event`
		where kind = %s and basis = %s and ifnull(person, '') != ''
		group by phone having count(distinct person_doctype, person) > 1 order by phone""",
		(GRANT, NUMBER_PROVIDED),
	)
	rebuild.rebuild_numbers([phone for (phone,) in rows])
