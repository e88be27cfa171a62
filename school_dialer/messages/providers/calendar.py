"""What is the same for everybody: today, the term, the next event and the next day without school."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

import frappe

from school_dialer import clock
from school_dialer.messages.model import PUBLIC, Field, Subject, provides
from school_dialer.messages.providers.family import has

TODAY = Field("today", "Today", "date", PUBLIC, "Dialer Settings", date(2026, 3, 9))
TERM = Field("term", "Term", "text", PUBLIC, "Academic Term.term_name", "Spring term")
TERM_STARTS = Field(
	"term_starts", "First day of the term", "date", PUBLIC, "Academic Term.term_start_date", date(2026, 1, 7)
)
TERM_ENDS = Field(
	"term_ends", "Last day of the term", "date", PUBLIC, "Academic Term.term_end_date", date(2026, 6, 5)
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


@dataclass(frozen=True, slots=True)
class Term:
	name: str
	start: date
	end: date


@provides(TODAY, TERM, TERM_STARTS, TERM_ENDS, EVENT, EVENT_DATE, EVENT_TIME, HOLIDAY, HOLIDAY_DATE)
def provide(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	now = clock.db_now()
	term, event = current_term(now.date()), next_event()
	holiday = next_holiday(now.date())
	values = {
		"today": now.date(),
		"term": term and term.name,
		"term_starts": term and term.start,
		"term_ends": term and term.end,
		"next_event": event and event.subject,
		"next_event_date": event and event.starts_on,
		"next_event_time": event and (None if event.all_day else event.starts_on),
		"next_holiday": holiday and holiday.description,
		"next_holiday_date": holiday and holiday.date,
	}
	return {subject.key: values for subject in subjects}


def current_term(day: date) -> Term | None:
	"""Of the terms that the day falls in, the one that began last."""
	if not has("Academic Term"):
		return None
	rows = frappe.get_all(
		"Academic Term",
		filters={"term_start_date": ("<=", day), "term_end_date": (">=", day)},
		fields=["term_name", "term_start_date", "term_end_date"],
		order_by="term_start_date desc, name",
		limit=1,
	)
	return Term(rows[0].term_name, rows[0].term_start_date, rows[0].term_end_date) if rows else None


def next_event() -> frappe._dict | None:
	"""Of Frappe's own calendar: what is public, open, and of the category Event. Meetings and calls are not for families."""
	rows = frappe.get_all(
		"Event",
		filters={
			"event_type": "Public",
			"status": "Open",
			"event_category": "Event",
			"starts_on": (">", clock.db_now()),
		},
		fields=["subject", "starts_on", "all_day"],
		order_by="starts_on, name",
		limit=1,
	)
	return rows[0] if rows else None


def next_holiday(day: date) -> frappe._dict | None:
	"""Of the days without calls in Dialer Settings, the first after this one."""
	rows = frappe.get_all(
		"Dialer Holiday",
		filters={"parent": "Dialer Settings", "date": (">", day)},
		fields=["date", "description"],
		order_by="date",
		limit=1,
	)
	return rows[0] if rows else None
