"""How often and at which hours teachers may send, by Dialer Settings.

The hours are those of the school's clock. They narrow: the law's and the school's hours, by the place of the
family, are the gate's.
"""

from datetime import datetime, time, timedelta

import frappe
from frappe import _
from frappe.utils import cint, get_time

from school_dialer.base import clock, states
from school_dialer.base.refusal import throw
from school_dialer.schools import registry, zones

FROM, UNTIL = time(8), time(18)
"""Hours where the settings name none."""
SENT = """select count(*) from `tabDialer Campaign` where teacher = %s and requested_at >= %s
	and not (status = %s and started_at is null)"""
SENT_NOW = SENT + " lock in share mode"
"""Reads what others have committed since this transaction began."""


class DailyLimit(frappe.ValidationError):
	"""The teacher has sent as many messages today as Dialer Settings allow."""


def settings():
	return frappe.get_cached_doc("Dialer Settings")


def needs_approval() -> bool:
	return bool(cint(settings().teachers_need_approval))


def a_day() -> int:
	return cint(settings().teachers_messages_per_day)


def hours() -> tuple[time, time]:
	doc = settings()
	return _time(doc.teachers_from, FROM), _time(doc.teachers_until, UNTIL)


def check(doc) -> None:
	"""Raise ValidationError unless the hours in these Dialer Settings begin before they end."""
	if _time(doc.teachers_from, FROM) >= _time(doc.teachers_until, UNTIL):
		throw(
			_("{0}: must be later than {1}.").format(
				_(doc.meta.get_label("teachers_until")), _(doc.meta.get_label("teachers_from"))
			)
		)


def opens(school: str | None = None) -> datetime:
	"""Return when teachers may send next (aware): now within the hours."""
	now = clock.now().astimezone(zones.of_school(registry.find(school)))
	begins, ends = hours()
	if begins <= now.time() < ends:
		return now
	day = now.date() + timedelta(days=1 if now.time() >= ends else 0)
	return datetime.combine(day, begins, now.tzinfo)


def is_open(school: str | None = None) -> bool:
	begins, ends = hours()
	return begins <= clock.now().astimezone(zones.of_school(registry.find(school))).time() < ends


def closes(start: datetime, days: int, school: str | None = None) -> datetime:
	"""Return the end of the hours on the day that is this many days after `start` (aware)."""
	zone = zones.of_school(registry.find(school))
	return datetime.combine(start.astimezone(zone).date() + timedelta(days=days), hours()[1], zone)


def closed() -> tuple[str, ...]:
	"""Return the schools whose teachers may not send at this hour, "" for messages without a school.

	The hour is looked at once for each time zone, however many schools there are.
	"""
	now, (begins, ends) = clock.now(), hours()
	by_school = zones.of_schools()
	open_in = {zone: begins <= now.astimezone(zone).time() < ends for zone in set(by_school.values())}
	return tuple(school for school, zone in by_school.items() if not open_in[zone])


def sent_today(user: str, school: str | None = None, lock: bool = False) -> int:
	"""Return how many messages the teacher has sent on this day of the school.

	One that was taken back in time does not count.

	With `lock`, requests of this teacher wait for each other until the transaction ends, and the count is of
	what is committed.
	"""
	since = clock.to_db(zones.begins(zones.today(school), school))
	values = (user, since, states.CANCELLED)
	if not lock:
		return frappe.db.sql(SENT, values)[0][0]
	frappe.db.sql("select name from `tabUser` where name = %s for update", user)
	return frappe.db.sql(SENT_NOW, values)[0][0]


def refuse_more(user: str, school: str | None = None) -> None:
	"""Raise `DailyLimit` if the teacher may send no more on this day of the school. Locks as `sent_today`."""
	most = a_day()
	if not most:
		throw(_("Teachers do not send messages at this time."), DailyLimit)
	if sent_today(user, school, lock=True) >= most:
		throw(
			_(
				"You have sent {0} messages today, which is the limit. Ask the school to send this one."
			).format(most),
			DailyLimit,
		)


def _time(value, default: time) -> time:
	return default if value in (None, "") else get_time(str(value))
