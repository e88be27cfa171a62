"""The site's clock.

Times are aware UTC in Python. In the database they are naive in the site's system time zone, as Frappe stores
them. In Simulated mode the clock may be offset, so that a demonstration or a test works at any hour: the
site's configuration file holds ``school_dialer_clock_offset``, in seconds. Live mode refuses to run with an
offset (`require_true_clock`).
"""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import frappe
from frappe import _

from school_dialer.base.refusal import throw

UTC = timezone.utc
OFFSET_KEY = "school_dialer_clock_offset"


class ClockIsSet(frappe.ValidationError):
	pass


def offset() -> timedelta:
	"""Return the configured clock offset; zero on a site with the true clock."""
	return timedelta(seconds=float(frappe.conf.get(OFFSET_KEY) or 0))


def now() -> datetime:
	"""Return the current time, aware, in UTC."""
	return datetime.now(UTC) + offset()


def why_not_true() -> str:
	"""Return what staff reads when the clock has an offset. IT finds its key in docs/school/settings.md."""
	return _(
		"A test clock is set, so calls would go out at wrong times. "
		"Ask IT to remove it from the site's configuration."
	)


def require_true_clock() -> None:
	"""Raise `ClockIsSet` if the clock has an offset: real calls must never follow a false clock."""
	if offset():
		throw(
			_(
				"Live mode needs the true clock. "
				"Ask IT to remove the test clock from the site's configuration."
			),
			ClockIsSet,
		)


def system_zone() -> ZoneInfo:
	zone = getattr(frappe.local, "dialer_system_zone", None)
	if zone is None:
		zone = ZoneInfo(frappe.get_system_settings("time_zone") or "UTC")
		frappe.local.dialer_system_zone = zone
	return zone


def to_db(moment: datetime | None) -> datetime | None:
	"""Convert an aware datetime to the naive datetime in site time that Frappe stores."""
	return moment and moment.astimezone(system_zone()).replace(tzinfo=None)


def from_db(value: datetime | str | None) -> datetime | None:
	"""Convert a stored naive datetime in site time to an aware UTC datetime."""
	if not value:
		return None
	if isinstance(value, str):
		value = frappe.utils.get_datetime(value)
	return moment_of(value, system_zone())


def moment_of(value: datetime, zone: ZoneInfo) -> datetime:
	"""Return the UTC moment of a naive datetime.

	The hour that is repeated in autumn is read as its second time, unless that is still to come. What was
	written a moment ago would otherwise be an hour old, and a lost request would not be found at the carrier.
	"""
	first, second = value.replace(tzinfo=zone), value.replace(tzinfo=zone, fold=1)
	if second.utcoffset() < first.utcoffset():
		later = second.astimezone(UTC)
		if later <= now():
			return later
	return first.astimezone(UTC)


def db_now() -> datetime:
	"""Return the current time as Frappe stores it: naive, in the site's time zone."""
	return to_db(now())
