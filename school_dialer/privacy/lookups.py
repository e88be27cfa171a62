"""Retention of look-ups: old ones are deleted, in chunks.

They are evidence for as long as a claim may be brought (28 USC 1658: four years; the setting begins at five).
A "Yes" stays: it stops calls to someone else's number, as an opt-out does. So does what is under a hold.
"""

from datetime import timedelta

import frappe

from school_dialer.base import clock
from school_dialer.lines.answer import YES
from school_dialer.lines.record import DOCTYPE
from school_dialer.privacy import holds

SETTING = "keep_lookups_days"
WHERE = """from `tabDialer Number Lookup`
	where asked_at < %(limit)s and reassigned != %(yes)s and phone not in %(held)s"""


def count(kept_days: int, held: holds.Held) -> int:
	"""Return how many look-ups the next run would delete. 0 days keep everything."""
	if kept_days <= 0:
		return 0
	return frappe.db.sql("select count(*) " + WHERE, _values(kept_days, held))[0][0]


def delete_due(kept_days: int, held: holds.Held, most: int) -> int:
	"""Delete at most this many due look-ups. Return how many there were. The caller commits."""
	if kept_days <= 0:
		return 0
	values = {**_values(kept_days, held), "most": most}
	names = frappe.db.sql_list("select name " + WHERE + " order by asked_at, name limit %(most)s", values)
	if names:
		frappe.db.delete(DOCTYPE, {"name": ("in", names)})
	return len(names)


def _values(kept_days: int, held: holds.Held) -> dict:
	limit = clock.db_now() - timedelta(days=kept_days)
	return {"limit": limit, "yes": YES, "held": tuple(held.phones) or ("",)}
