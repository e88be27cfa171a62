"""Fields of the calendar: events, holidays, terms and years, as the school keeps them."""

from datetime import date, datetime

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.base import clock
from school_dialer.desk import campaigns as desk
from school_dialer.inbound.conversations import office_hours
from school_dialer.messages import catalogue, context
from school_dialer.messages.field import Subject
from school_dialer.messages.render import render
from school_dialer.schools import registry
from tests.integration import districts

pytestmark = pytest.mark.dates

TODAY = date(2026, 3, 11)
NOON = datetime(2026, 3, 11, 12)


@pytest.fixture(autouse=True)
def noon(monkeypatch):
	"""Set the clock to a Wednesday noon in the site's time zone."""
	now = clock.from_db(NOON)
	monkeypatch.setattr(clock, "now", lambda: now)


@pytest.fixture
def bulk() -> Bulk:
	return Bulk()


def test_the_calendar_is_for_everybody(family, bulk):
	for subject_, kind, starts in (
		("Staff meeting", "Private", "2026-03-11 13:00:00"),
		(f"Concert {family.tag}", "Public", "2026-03-11 18:30:00"),
		("Past", "Public", "2026-03-11 08:00:00"),
	):
		frappe.get_doc(
			{"doctype": "Event", "subject": subject_, "event_type": kind, "starts_on": starts}
		).insert()
	values = context.read_values(
		[Subject("k", "Contact", "nobody", "A")],
		("today", "next_event", "next_event_date", "next_event_time"),
	)["k"]
	assert values["today"] == TODAY and values["next_event"] == f"Concert {family.tag}"
	said = render(
		"{{ next_event_date }}, {{ next_event_time }}", values, catalogue.fields(), "en", "voice"
	).text
	assert said == "Wednesday, March 11, 6:30 PM"


def keep_calendar(family, bulk) -> None:
	"""Give the site a school year, two terms, and a holiday list of the school."""
	for doctype in ("Academic Term", "Academic Year"):
		frappe.db.delete(doctype)
	year = {"year_start_date": date(2025, 8, 20), "year_end_date": date(2026, 6, 5)}
	frappe.get_doc({"doctype": "Academic Year", "academic_year_name": "2025-26", **year}).insert()
	for name, start, end in (
		("Winter", date(2026, 1, 7), date(2026, 3, 13)),
		("Spring", date(2026, 3, 23), date(2026, 6, 5)),
	):
		bulk.insert(
			"Academic Term",
			[
				{
					"name": name,
					"title": name,
					"academic_year": "2025-26",
					"term_name": name,
					"term_start_date": start,
					"term_end_date": end,
				}
			],
		)
	doc = frappe.get_doc(
		{
			"doctype": "Holiday List",
			"holiday_list_name": f"{family.tag} 2026",
			"from_date": date(2026, 1, 1),
			"to_date": date(2026, 10, 31),
			"holidays": [
				{"holiday_date": date(2026, 3, 12), "description": "<p>Founders&#39; <b>Day</b></p>"},
				{"holiday_date": date(2026, 3, 14), "description": "Saturday", "weekly_off": 1},
				{"holiday_date": date(2026, 3, 15), "description": "Sunday", "weekly_off": 1},
			],
		}
	).insert()
	settings = frappe.get_doc("Dialer Settings")
	settings.school_name = settings.school_name or "Riverside"
	settings.update({"holiday_list": doc.name, "holidays": [{"date": date(2026, 3, 13)}]})
	settings.save()


def test_holidays_terms_and_years_are_those_that_the_school_keeps(family, bulk):
	keep_calendar(family, bulk)
	names = (
		"next_holiday",
		"next_holiday_date",
		"next_school_day",
		"term",
		"term_ends",
		"next_term",
		"next_term_starts",
		"school_year",
		"school_year_ends",
	)
	values = context.read_values([Subject("k", "Contact", "nobody", "A")], names)["k"]
	assert values["next_holiday_date"] == date(2026, 3, 12)
	assert values["next_school_day"] == date(2026, 3, 23), "the 12th and 13th are holidays, then no term"
	assert (values["term"], values["next_term"], values["school_year"]) == ("Winter", "Spring", "2025-26")
	words = (
		"{{ next_holiday }}, {{ next_holiday_date }}. {{ term_ends }}. "
		"{{ next_term_starts }}. {{ school_year_ends }}."
	)
	said = render(words, values, catalogue.fields(), "en", "voice").text
	assert said == "Founders' Day, Thursday, March 12. Friday, March 13. Monday, March 23. Friday, June 5."


@pytest.fixture
def own_days(family, bulk):
	"""Yield two schools of a district with a calendar. The first has a Holiday List of its own."""
	keep_calendar(family, bulk)
	values = {"holiday_list_name": f"{family.tag} north", "from_date": TODAY, "to_date": date(2026, 10, 31)}
	days = [
		{"holiday_date": TODAY, "description": "Fair"},
		{"holiday_date": date(2026, 3, 24), "description": "Games"},
	]
	own = frappe.get_doc({"doctype": "Holiday List", **values, "holidays": days}).insert()
	with districts.district("North", "South") as (north, south):
		doc = frappe.get_doc(registry.DOCTYPE, north)
		doc.holiday_list = own.name
		doc.save()
		districts.forget()
		yield north, south


def test_a_school_of_a_district_says_its_own_holidays(own_days):
	subjects = [Subject(school or "k", "Contact", "nobody", "A", school=school) for school in (*own_days, "")]
	names = ("next_school_day", "next_holiday", "term_ends")
	north, south, district = (tuple(one.values()) for one in context.read_values(subjects, names).values())
	assert (date(2026, 3, 12), date(2026, 3, 13)) == (north[0], north[2])
	assert south == district == (date(2026, 3, 23), "Founders&#39; Day", date(2026, 3, 13))


def test_the_office_of_a_school_keeps_its_own_holidays(own_days):
	holiday = date(2026, 3, 12)
	kept = {school: office_hours.read(school).is_school_day(holiday) for school in (*own_days, None)}
	assert list(kept.values()) == [True, False, False]
	assert not office_hours.read(own_days[0]).is_open(NOON) and office_hours.read(own_days[1]).is_open(NOON)


def test_the_check_of_a_campaign_names_a_holiday_of_its_school(own_days):
	checked = [desk.holiday(frappe._dict(school=school, scheduled_at=None)) for school in (*own_days, None)]
	assert checked == ["Fair", None, None]
