"""When school is in session, according to the site: holidays, weekends, terms and years.

Found at run time; nothing is assumed.

Holidays are the no-call days of Dialer Settings and, where ERPNext has one, a Holiday List: the rule's own,
that of the school in a district, or else the one in Dialer Settings, in Education Settings (where a school
has added such a field), or of the company, which is the one Education uses for attendance.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import frappe
from frappe import _
from frappe.utils import strip_html

from school_dialer.schools import registry

LIST = "Holiday List"
ANYWAY = "Run anyway"
AHEAD = 200
"""Days to search ahead for the next school day; longer than the longest holidays."""


@dataclass(frozen=True, slots=True)
class Term:
	"""An academic term or a school year."""

	name: str
	start: date
	end: date

	def holds(self, day: date) -> bool:
		return self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class HolidayList:
	name: str
	first: date
	last: date
	holidays: dict[date, str]
	days_off: frozenset[date]


@dataclass(frozen=True, slots=True)
class Calendar:
	"""Holidays, terms and school years of a site.

	``no_calls`` and the list's holidays map a date to its name. Terms and years are in order of their start
	dates.
	"""

	no_calls: dict[date, str] = field(default_factory=dict)
	listed: HolidayList | None = None
	terms: tuple[Term, ...] = ()
	years: tuple[Term, ...] = ()

	def is_weekend(self, day: date) -> bool:
		"""Return whether the day is on a weekend.

		That is one of the list's weekly days off if it has any, or else Saturday or Sunday. So a week may end
		on Thursday.
		"""
		if self.listed and self.listed.days_off and self.listed.first <= day <= self.listed.last:
			return day in self.listed.days_off
		return day.weekday() >= 5

	def in_term(self, day: date) -> bool:
		"""Return whether the day is in a term, or in a school year if the school records no terms.

		True if it records neither.
		"""
		kept = self.terms or self.years
		return not kept or any(term.holds(day) for term in kept)

	def holiday(self, day: date) -> str | None:
		"""Return the holiday's name, or None if the day is not a holiday."""
		if day in self.no_calls:
			return self.no_calls[day] or _("Holiday")
		return self.listed.holidays.get(day) if self.listed else None

	def next_holiday(self, day: date) -> date | None:
		"""Return the first holiday after this day."""
		holidays = [*self.no_calls, *(self.listed.holidays if self.listed else ())]
		return min((other for other in holidays if other > day), default=None)

	def next_school_day(self, day: date) -> date | None:
		for distance in range(1, AHEAD):
			later = day + timedelta(days=distance)
			if self.in_term(later) and not (self.is_weekend(later) or self.holiday(later)):
				return later
		return None


def of_rule(rule) -> "RuleDays":
	"""Return the days of a rule: those of its school, with the rule's own Holiday List if it has one."""
	calendar, listed = read_calendar(rule.get("school")), rule.get("holiday_list")
	return RuleDays(replace(calendar, listed=read_list(listed)) if listed else calendar, rule)


def read_calendar(school: str | None = None) -> Calendar:
	"""Read the calendar of a school of a district, or of the site for none."""
	return read_calendars([school])[school]


def read_calendars(schools: Collection[str | None]) -> dict[str | None, Calendar]:
	"""Read the calendars of these schools, with a fixed number of queries."""
	usual, terms, years = usual_list(), academic_terms(), academic_years()
	return {
		school: Calendar(no_calls(school), read_list(list_of(school) or usual), terms, years)
		for school in schools
	}


@dataclass(frozen=True, slots=True)
class RuleDays:
	"""The days on which a rule may run, by its own settings.

	No calls are placed on the no-call days of Dialer Settings, so a rule never runs on those.
	"""

	calendar: Calendar
	rule: object

	def __call__(self, day: date) -> bool:
		return self.why_closed(day) is None

	def why_closed(self, day: date) -> str | None:
		calendar, rule = self.calendar, self.rule
		listed = calendar.listed.holidays if calendar.listed and rule.on_holiday != ANYWAY else {}
		if day in calendar.no_calls:
			return _("{0}, a day without calls in Dialer Settings.").format(calendar.holiday(day))
		if day in listed:
			return _("{0}, a holiday of {1}.").format(listed[day], calendar.listed.name)
		if calendar.is_weekend(day) and not rule.weekends:
			return _("A weekend.")
		if rule.only_in_term and not calendar.in_term(day):
			return _("Not in an academic term.")
		return None


def usual_list() -> str | None:
	"""Return the name of the Holiday List that applies where neither a rule nor a school has its own."""
	return frappe.get_cached_doc("Dialer Settings").get("holiday_list") or of_education() or of_company()


def of_education() -> str | None:
	if not frappe.db.exists("DocType", "Education Settings", cache=True):
		return None
	return frappe.get_cached_doc("Education Settings").get("holiday_list")


def of_company() -> str | None:
	"""Return the Holiday List of the site's default company, or of its only company."""
	if not has("Company", "default_holiday_list"):
		return None
	company = frappe.db.get_default("company")
	if not company:
		companies = frappe.get_all("Company", pluck="name", order_by="name", limit=2)
		company = companies[0] if len(companies) == 1 else None
	return company and frappe.get_cached_value("Company", company, "default_holiday_list")


def read_list(name: str | None) -> HolidayList | None:
	"""Read a Holiday List, or None on a site without them. Half holidays count as school days."""
	if not name or not frappe.db.exists("DocType", LIST, cache=True):
		return None
	doc = frappe.get_cached_doc(LIST, name)
	whole = [row for row in doc.holidays if not row.get("is_half_day")]
	return HolidayList(
		doc.name,
		doc.from_date,
		doc.to_date,
		{row.holiday_date: strip_html(row.description or "") for row in whole if not row.weekly_off},
		frozenset(row.holiday_date for row in whole if row.weekly_off),
	)


def list_of(school: str | None) -> str | None:
	"""Return the Holiday List of this school of a district, if it has one of its own."""
	record = registry.find(school)
	return record and frappe.get_cached_doc(registry.DOCTYPE, record.name).get("holiday_list")


def no_calls(school: str | None = None) -> dict[date, str]:
	"""Return the days without calls of the district and of this school, each with its description."""
	record = registry.find(school)
	rows = [*frappe.get_cached_doc("Dialer Settings").holidays]
	if record:
		rows += frappe.get_cached_doc(registry.DOCTYPE, record.name).holidays
	return {row.date: row.description or "" for row in rows}


def academic_terms() -> tuple[Term, ...]:
	return read_terms("Academic Term", "term_name", "term_start_date", "term_end_date")


def academic_years() -> tuple[Term, ...]:
	return read_terms("Academic Year", "academic_year_name", "year_start_date", "year_end_date")


def current(terms: tuple[Term, ...], day: date) -> Term | None:
	"""Return the most recently started of the terms that contain the day."""
	return next((term for term in reversed(terms) if term.holds(day)), None)


def coming(terms: tuple[Term, ...], day: date) -> Term | None:
	"""Return the first term that starts after the day."""
	return next((term for term in terms if term.start > day), None)


def read_terms(doctype: str, *fields: str) -> tuple[Term, ...]:
	if not all(has(doctype, fieldname) for fieldname in fields):
		return ()
	_name, start, end = fields
	filters = {start: ("is", "set"), end: ("is", "set")}
	rows = frappe.get_all(doctype, filters, list(fields), order_by=f"{start}, name", as_list=True)
	return tuple(Term(*row) for row in rows)


def has(doctype: str, fieldname: str) -> bool:
	return bool(frappe.db.exists("DocType", doctype, cache=True)) and frappe.get_meta(doctype).has_field(
		fieldname
	)
