"""Values that are the same for everyone of a school: today, the term and year, the next event.

The next holiday and the next school day are here too.
"""

from datetime import date, time
from typing import Any

import frappe

from school_dialer.base import clock
from school_dialer.messages.model import PUBLIC, Field, Subject, provides
from school_dialer.messages.providers.case_records import CaseRecords
from school_dialer.schools import school_calendar, zones
from school_dialer.schools.school_calendar import Calendar, coming, current

TODAY = Field("today", "Today", "date", PUBLIC, "Dialer Settings", date(2026, 3, 9))
TERM = Field("term", "Term", "text", PUBLIC, "Academic Term.term_name", "Spring term")
TERM_STARTS = Field(
	"term_starts", "First day of the term", "date", PUBLIC, "Academic Term.term_start_date", date(2026, 1, 7)
)
TERM_ENDS = Field(
	"term_ends", "Last day of the term", "date", PUBLIC, "Academic Term.term_end_date", date(2026, 6, 5)
)
NEXT_TERM = Field("next_term", "Next term", "text", PUBLIC, "Academic Term.term_name", "Summer term")
NEXT_TERM_STARTS = Field(
	"next_term_starts",
	"First day of the next term",
	"date",
	PUBLIC,
	"Academic Term.term_start_date",
	date(2026, 6, 15),
)
YEAR = Field("school_year", "School year", "text", PUBLIC, "Academic Year.academic_year_name", "2025-26")
YEAR_STARTS = Field(
	"school_year_starts",
	"First day of the school year",
	"date",
	PUBLIC,
	"Academic Year.year_start_date",
	date(2025, 8, 20),
)
YEAR_ENDS = Field(
	"school_year_ends",
	"Last day of the school year",
	"date",
	PUBLIC,
	"Academic Year.year_end_date",
	date(2026, 6, 5),
)
EVENT = Field("next_event", "Next public event", "text", PUBLIC, "Event.subject", "Spring concert")
EVENT_DATE = Field(
	"next_event_date", "Next public event: day", "date", PUBLIC, "Event.starts_on", date(2026, 3, 12)
)
EVENT_TIME = Field(
	"next_event_time", "Next public event: time", "time", PUBLIC, "Event.starts_on", time(18, 0)
)
HOLIDAY = Field("next_holiday", "Next holiday", "text", PUBLIC, "Dialer Holiday.description", "Spring break")
HOLIDAY_DATE = Field(
	"next_holiday_date", "Next holiday: day", "date", PUBLIC, "Dialer Holiday.date", date(2026, 3, 16)
)
SCHOOL_DAY = Field(
	"next_school_day", "Next day of school", "date", PUBLIC, "Dialer Settings", date(2026, 3, 10)
)


@provides(
	TODAY,
	TERM,
	TERM_STARTS,
	TERM_ENDS,
	NEXT_TERM,
	NEXT_TERM_STARTS,
	YEAR,
	YEAR_STARTS,
	YEAR_ENDS,
	EVENT,
	EVENT_DATE,
	EVENT_TIME,
	HOLIDAY,
	HOLIDAY_DATE,
	SCHOOL_DAY,
)
def provide(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	calendars = school_calendar.read_calendars({subject.school for subject in subjects})
	values = {school: of_school(calendar, zones.today(school)) for school, calendar in calendars.items()}
	noticed = CaseRecords.of(subjects, "Event")
	events = read_events(noticed.names)
	usual = next((event for event in events.values() if event.coming), None)
	return {
		subject.key: {**values[subject.school], **of_event(subject, noticed, events, usual)}
		for subject in subjects
	}


def of_school(calendar: Calendar, today: date) -> dict[str, Any]:
	"""Return the values that the calendar of a school has."""
	term, year = current(calendar.terms, today), current(calendar.years, today)
	following = coming(calendar.terms, today)
	holiday = calendar.next_holiday(today)
	return {
		"today": today,
		"term": term and term.name,
		"term_starts": term and term.start,
		"term_ends": term and term.end,
		"next_term": following and following.name,
		"next_term_starts": following and following.start,
		"school_year": year and year.name,
		"school_year_starts": year and year.start,
		"school_year_ends": year and year.end,
		"next_holiday": holiday and calendar.holiday(holiday),
		"next_holiday_date": holiday,
		"next_school_day": calendar.next_school_day(today),
	}


def of_event(
	subject: Subject, noticed: CaseRecords, events: dict[str, frappe._dict], usual: frappe._dict | None
) -> dict[str, Any]:
	"""Return the event that a rule noticed, or else the next one."""
	names = noticed.about(subject)
	event = usual if names is None else next((events[name] for name in names if name in events), None)
	return {
		"next_event": event and event.subject,
		"next_event_date": event and event.starts_on,
		"next_event_time": event and (None if event.all_day else event.starts_on),
	}


def read_events(names: list[str]) -> dict[str, frappe._dict]:
	"""Return public, open events of Frappe's own calendar: the ``coming`` one, and these names.

	The coming one is of the category Event: meetings and calls are not for families.
	"""
	rows = frappe.db.sql(
		"""select * from (
			select name, subject, starts_on, all_day, 1 coming from `tabEvent`
			where event_type = 'Public' and status = 'Open' and event_category = 'Event'
				and starts_on > %(now)s
			order by starts_on, name limit 1
		) soonest
		union all
		select name, subject, starts_on, all_day, 0 coming from `tabEvent`
		where event_type = 'Public' and status = 'Open' and name in %(names)s""",
		{"now": clock.db_now(), "names": tuple(names)},
		as_dict=True,
	)
	return {row.name: row for row in reversed(rows)}
