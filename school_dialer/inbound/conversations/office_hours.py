"""When the office answers families: the district's, or that of one school in its own time zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import frappe
from frappe.utils import get_time

from school_dialer.base import clock
from school_dialer.schools import registry, school_calendar
from school_dialer.schools.school_calendar import Calendar

OPENS, CLOSES = time(8), time(16)
"""Hours of a school that has entered none, as the defaults of Dialer Settings."""


@dataclass(frozen=True, slots=True)
class Office:
	"""The hours of each school day, in the time zone `zone`; "" is the site's."""

	opens: time
	closes: time
	calendar: Calendar
	zone: str = ""

	def is_open(self, at: datetime) -> bool:
		"""Return whether the office answers at this naive site time."""
		there = self.local(at)
		return self.is_school_day(there.date()) and self.opens <= there.time() < self.closes

	def local(self, at: datetime) -> datetime:
		"""Return this naive site time as the office's clocks show it."""
		return clock.from_db(at).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None) if self.zone else at

	def opening(self, day: date) -> datetime:
		"""Return when the office opens on this day, as naive site time."""
		at = datetime.combine(day, self.opens)
		return clock.to_db(at.replace(tzinfo=ZoneInfo(self.zone))) if self.zone else at

	def next_day(self, at: datetime) -> date:
		"""Return the day on which the office answers next, when it does not at this naive site time."""
		there = self.local(at)
		today = there.date()
		if there.time() < self.opens and self.is_school_day(today):
			return today
		return self.calendar.next_school_day(today) or today + timedelta(days=1)

	def is_school_day(self, day: date) -> bool:
		calendar = self.calendar
		return calendar.in_term(day) and not (calendar.is_weekend(day) or calendar.holiday(day))


def read(school: str | None = None) -> Office:
	"""Return the hours of this school's office. What it leaves blank is as the district's."""
	settings = frappe.get_cached_doc("Dialer Settings")
	opens, closes = settings.get("office_opens"), settings.get("office_closes")
	office = Office(
		get_time(opens) if opens else OPENS,
		get_time(closes) if closes else CLOSES,
		school_calendar.read_calendar(school),
	)
	return of_school(office, its_school) if (its_school := registry.find(school)) else office


def of_school(office: Office, its_school: registry.School) -> Office:
	return Office(
		office.opens if its_school.office_opens is None else its_school.office_opens,
		office.closes if its_school.office_closes is None else its_school.office_closes,
		office.calendar,
		its_school.time_zone if its_school.time_zone in available_timezones() else "",
	)
