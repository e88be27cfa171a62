"""Let no verification by staff count any more that revived a consent which was stale already.

Contact Consent now keeps how long the person had not been heard of by then.
"""

import frappe

from school_dialer.consent.events import VERIFY
from school_dialer.consent.integrity import rebuild
from school_dialer.lines.record import OWN_ACTS


def execute() -> None:
	"""Rebuild the numbers that staff verified. Commits every few hundred."""
	rows = frappe.db.sql(
		"""select distinct phone from `tabConsent Event`
		where kind = %s and source not in %s order by phone""",
		(VERIFY, OWN_ACTS),
	)
	rebuild.rebuild_numbers([phone for (phone,) in rows])
