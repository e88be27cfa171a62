"""Which numbers wait for a look-up: a consent in force, and no answer that still holds.

The date that is asked about is that of the last consent or confirmation (47 CFR 64.1200(m)). With several
consents for one number, it is the earliest of these, so that none is thought to be fresher than it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import frappe

from school_dialer.base import clock
from school_dialer.lines.answer import NO, NO_DATA, NOT_ASKED, YES
from school_dialer.lookups import config

ANSWERED = (YES, NO, NO_DATA, NOT_ASKED)
"""Answers that hold for a while. After an error the number is asked about again in the next run."""
FROM = """from (
		select phone, min(greatest(granted_at, ifnull(last_verified_at, granted_at))) verified_at
		from `tabContact Consent`
		where status = 'Granted' and granted_at is not null and phone > %(after)s group by phone
	) number
	where verified_at <= %(before)s and not exists (
		select 1 from `tabDialer Number Lookup` known
		where known.phone = number.phone and known.asked_at >= %(fresh)s and known.reassigned in %(answered)s
		and (known.verified_on is null or known.verified_on >= date(number.verified_at)))"""


@dataclass(frozen=True, slots=True)
class Waiting:
	"""A number (E.164) and the date to ask about, in the site time zone."""

	phone: str
	verified_on: date


def count(older_than_days: int) -> int:
	"""Return how many numbers wait whose consent is at least this many days old."""
	return frappe.db.sql("select count(*) " + FROM, _values(older_than_days, "", clock.db_now()))[0][0]


def read(older_than_days: int, after: str, most: int, began: datetime) -> Sequence[Waiting]:
	"""Return the next numbers after this one, in order. `began` is when the run began, naive site time."""
	rows = frappe.db.sql(
		"select number.phone, date(number.verified_at) " + FROM + " order by number.phone limit %(most)s",
		{**_values(older_than_days, after, began), "most": most},
	)
	return [Waiting(phone, day) for phone, day in rows]


def _values(older_than_days: int, after: str, now: datetime) -> dict:
	return {
		"after": after,
		"before": now - timedelta(days=older_than_days),
		"fresh": config.fresh_since(),
		"answered": ANSWERED,
	}
