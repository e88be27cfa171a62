"""The days on which a rule runs.

They follow from the site's Holiday List, its terms and years, weekends, and the rule's own settings.
"""

from datetime import date, timedelta

import frappe
import pytest

from school_dialer.automation import scheduler, school_days
from school_dialer.automation.kind import kind_of
from school_dialer.base import clock
from school_dialer.desk import campaigns
from school_dialer.desk import rules as desk
from school_dialer.schools import school_calendar
from tests.integration import factories as make
from tests.integration.with_carrier import rules

pytestmark = [pytest.mark.dates, pytest.mark.exhaustive]

MONDAY = date(2025, 11, 24)
TUESDAY, THURSDAY, FRIDAY, SATURDAY = (MONDAY + timedelta(days=days) for days in (1, 3, 4, 5))


@pytest.fixture
def holiday_list():
	def insert(name: str, *days: date, off: tuple[date, ...] = (), last: date = date(2026, 7, 31)) -> str:
		rows = [{"holiday_date": day, "description": f"<div>Rest {day:%d}</div>"} for day in days]
		rows += [{"holiday_date": day, "description": day.strftime("%A"), "weekly_off": 1} for day in off]
		return (
			frappe.get_doc(
				{
					"doctype": "Holiday List",
					"holiday_list_name": f"{name} {frappe.generate_hash(length=6)}",
					"from_date": date(2025, 8, 1),
					"to_date": last,
					"holidays": rows,
				}
			)
			.insert()
			.name
		)

	return insert


@pytest.fixture
def company():
	"""Return a function that sets the holiday list of the site's default company."""

	def has(holidays: str | None) -> None:
		name = frappe.get_all("Company", pluck="name", order_by="name", limit=1)[0]
		frappe.db.set_default("company", name)
		doc = frappe.get_doc("Company", name)
		doc.default_holiday_list = holidays
		doc.save()

	return has


@pytest.fixture
def set_settings(school):
	def to(**values) -> None:
		doc = frappe.get_doc("Dialer Settings")
		doc.update(values)
		doc.save()

	return to


@pytest.fixture
def weekly(families):
	"""Return a function that makes an unsaved rule with a schedule."""

	def rule(**values):
		return frappe.get_doc(
			{
				"doctype": "Dialer Rule",
				"kind": "Recurring",
				"purpose": "General",
				"cron": "0 10 * * *",
				"on_holiday": "Skip",
				**values,
			}
		)

	return rule


def covered(rule, day: date) -> list[date]:
	return school_days.covered(day, school_calendar.of_rule(rule), rule.on_holiday)


@pytest.mark.story
def test_the_companys_holiday_list_is_kept(weekly, holiday_list, company):
	company(holiday_list("Company", THURSDAY))
	assert covered(weekly(), MONDAY) == [MONDAY]
	assert covered(weekly(), THURSDAY) == []
	company(None)
	assert covered(weekly(), THURSDAY) == [THURSDAY]


def test_the_rules_own_list_comes_before_the_settings_and_the_companys(
	weekly, holiday_list, company, set_settings
):
	company(holiday_list("Company", MONDAY))
	set_settings(holiday_list=holiday_list("Settings", TUESDAY))
	own = holiday_list("Own", THURSDAY)
	assert [covered(weekly(), day) == [] for day in (MONDAY, TUESDAY, THURSDAY)] == [False, True, False]
	assert [covered(weekly(holiday_list=own), day) == [] for day in (MONDAY, TUESDAY, THURSDAY)] == [
		False,
		False,
		True,
	]


def test_a_rule_runs_on_a_holiday_only_when_it_says_so(weekly, holiday_list, set_settings):
	own = holiday_list("Own", THURSDAY, FRIDAY)
	before = weekly(holiday_list=own, on_holiday="School day before")
	assert covered(before, THURSDAY) == []
	assert covered(before, MONDAY + timedelta(days=2)) == [
		MONDAY + timedelta(days=days) for days in (2, 3, 4, 5, 6)
	]
	anyway = weekly(holiday_list=own, on_holiday="Run anyway")
	assert covered(anyway, THURSDAY) == [THURSDAY]
	assert covered(anyway, SATURDAY) == []
	set_settings(holidays=[{"date": THURSDAY, "description": "Thanksgiving"}])
	assert covered(anyway, THURSDAY) == [], "no one is called on the days of Dialer Settings"


def test_the_days_off_of_the_list_are_the_weekend(weekly, holiday_list):
	own = holiday_list("Own", off=(FRIDAY, SATURDAY))
	sunday = SATURDAY + timedelta(days=1)
	rule = weekly(holiday_list=own)
	assert [covered(rule, day) == [] for day in (THURSDAY, FRIDAY, SATURDAY, sunday)] == [
		False,
		True,
		True,
		False,
	]
	assert covered(weekly(holiday_list=own, weekends=1), FRIDAY) == [FRIDAY]


def test_where_a_school_keeps_no_terms_its_years_count(weekly):
	frappe.db.delete("Academic Term")
	frappe.db.delete("Academic Year")
	rule = weekly(only_in_term=1)
	assert covered(rule, MONDAY) == [MONDAY], "nothing is assumed where nothing is kept"
	frappe.get_doc(
		{
			"doctype": "Academic Year",
			"academic_year_name": "2025-26",
			"year_start_date": date(2025, 8, 20),
			"year_end_date": date(2026, 6, 10),
		}
	).insert()
	assert covered(rule, MONDAY) == [MONDAY]
	assert covered(rule, date(2026, 6, 15)) == []


def test_a_site_without_a_holiday_list_follows_dialer_settings(weekly, holiday_list, company, monkeypatch):
	company(holiday_list("Company", THURSDAY))
	real = frappe.db.exists
	monkeypatch.setattr(
		frappe.db,
		"exists",
		lambda dt, dn=None, **more: None if dn == "Holiday List" else real(dt, dn, **more),
	)
	assert covered(weekly(), THURSDAY) == [THURSDAY]


def recurring(families, **values):
	values = {
		"kind": "Recurring",
		"purpose": "General",
		"template": "General message",
		"cron": "0 10 * * *",
		"weekends": 1,
		"audience_source": "Guardians of a Student Group",
		"audience_name": families.group,
		"only_of_doctype": None,
		"only_of": None,
		**values,
	}
	return rules.rule(families, **values)


def test_a_schedule_is_quiet_on_a_holiday_and_the_dry_run_and_the_sentence_say_so(families, holiday_list):
	today = clock.db_now().date()
	own = holiday_list("Own", today, last=today + timedelta(days=30))
	doc = recurring(families, holiday_list=own)
	assert scheduler.due_now(doc, kind_of(doc)) is None
	assert doc.sentence.endswith(f"It skips holidays of “{own}”.")
	found = desk.dry_run(doc.name, str(today))
	assert found["closed"] and not found["people"]
	assert found["why_closed"] == f"Rest {today:%d}, a holiday of {own}."
	assert desk.dry_run(doc.name, str(today + timedelta(days=1)))["closed"] is False
	assert desk.runs(doc.name)["next"].endswith(f"Holidays are those of {own}.")


@pytest.mark.parametrize(
	("values", "says"),
	[
		({}, "It skips weekends and school holidays."),
		({"weekends": 1, "on_holiday": "School day before"},
			"For school holidays it runs on the school day before."),
		({"on_holiday": "Next school day"},
			"For weekends and school holidays it runs on the next school day."),
		({"on_holiday": "Run anyway"}, "It runs on school holidays too. It skips weekends."),
		({"only_in_term": 1}, "It skips weekends and school holidays. Only during an academic term."),
	],
)  # fmt: skip
def test_the_sentence_says_what_happens_on_days_without_school(weekly, values, says):
	assert desk.read_aloud(weekly(**values).as_dict()).endswith(says)


def test_a_list_that_has_ended_is_told(families, holiday_list):
	today = clock.db_now().date()
	doc = recurring(families, holiday_list=holiday_list("Old", last=today - timedelta(days=1)))
	assert "holidays after that are not known" in desk.runs(doc.name)["next"]


def test_a_list_that_a_rule_follows_is_not_deleted(families, holiday_list):
	own = holiday_list("Own")
	recurring(families, holiday_list=own)
	with pytest.raises(frappe.LinkExistsError):
		frappe.delete_doc("Holiday List", own)


def test_who_checks_a_campaign_hears_of_a_holiday(holiday_list, company):
	holiday, next_day = (clock.db_now().date() + timedelta(days=days) for days in (7, 8))
	company(holiday_list("School", holiday, last=next_day))
	for day, told in ((holiday, f"Rest {holiday:%d}"), (next_day, None)):
		doc = make.campaign(scheduled_at=f"{day} 10:00:00")
		assert campaigns.preview_audience(doc.name)["holiday"] == told


def test_a_test_of_a_rule_tries_the_last_day_with_attendance(families):
	doc = rules.rule(families, on=False, only_of_doctype="Student Group", only_of=families.group)
	day = rules.today() - timedelta(days=5)
	frappe.db.set_value("Student Attendance", families.mark("C0"), "date", day)
	families.mark("C1")
	assert desk.day_to_try(doc.name) == str(day)


def test_a_test_of_another_rule_tries_the_last_day_of_school(families, holiday_list):
	today = clock.db_now().date()
	closed = [today - timedelta(days=days) for days in (1, 2, 3)]
	own = holiday_list("Closed lately", *closed, last=today + timedelta(days=30))
	doc = recurring(families, holiday_list=own)
	tried = date.fromisoformat(desk.day_to_try(doc.name))
	assert tried < closed[-1] and school_calendar.of_rule(doc)(tried)
