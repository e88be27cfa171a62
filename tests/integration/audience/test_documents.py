"""Filters of campaigns, rules and saved audiences.

They are validated, stored in one normal form, put into words, and checked again before dialing.
"""

import json
from datetime import timedelta

import frappe
import pytest

from school_dialer.audience.filters.condition import BadFilter
from school_dialer.automation import rule as actions
from school_dialer.base import clock
from school_dialer.campaigns.planning import planner
from school_dialer.outbound.attempts import refusals
from tests.integration import factories as make
from tests.integration.audience.conftest import GUARDIANS, Place

pytestmark = pytest.mark.dates

ABSENT = {"kind": "Attendance", "status": "Absent", "at_least": 1, "days": 7}


def campaign(place: Place, filters: dict | None, **values):
	asked = {"audience_source": GUARDIANS, "audience_name": place.named("All"), **values}
	return make.campaign(audience_filters=json.dumps(filters) if filters else None, **asked)


def test_kept_in_one_form_and_said_in_words(place: Place):
	doc = campaign(place, {"except": [], "only": [dict(reversed(ABSENT.items()))]})
	assert json.loads(doc.audience_filters) == {"only": [ABSENT]}
	assert doc.filters_in_words == "Only: students marked Absent in the last 7 days"
	doc.audience_filters = '{"only": []}'
	doc.save()
	assert doc.audience_filters is None and doc.filters_in_words is None


def test_the_preview_keeps_to_them(place: Place):
	place.mark("Cam")
	options = planner.preview(campaign(place, {"only": [ABSENT]}))
	assert [place.short(option.candidate.person) for option in options] == ["Aunt"]


def test_conditions_that_do_not_fit_another_audience_are_refused(place: Place):
	doc = campaign(place, {"only": [ABSENT]})
	doc.audience_source = "All contacts"
	with pytest.raises(BadFilter, match="Attendance"):
		doc.save()


def test_what_was_started_keeps_its_filters(place: Place):
	doc = campaign(place, {"only": [ABSENT]})
	frappe.db.set_value("Dialer Campaign", doc.name, "status", "Running")
	doc.reload()
	doc.audience_filters = None
	with pytest.raises(frappe.ValidationError, match="cannot be changed"):
		doc.save()


def test_an_absence_that_is_corrected_is_not_called_about(place: Place):
	place.mark("Ana"), place.mark("Ben")
	doc = campaign(place, {"only": [ABSENT]})
	row = frappe._dict(
		name="none", phone=place.phones["Mother"], person_doctype="Guardian", person=place.named("Mother")
	)
	both = (place.named("Ana"), place.named("Ben"))
	(kept,) = refusals.recheck_audience(doc, [frappe._dict(row, students=both)])
	assert kept.students == both
	frappe.db.set_value("Student Attendance", {"student": place.named("Ana")}, "status", "Present")
	(kept,) = refusals.recheck_audience(doc, [frappe._dict(row, students=both)])
	assert kept.students == (place.named("Ben"),)
	assert refusals.recheck_audience(doc, [frappe._dict(row, students=both[:1])]) == []


def test_the_last_days_count_from_the_start_of_the_campaign(place: Place):
	place.mark("Ana", ago=1)
	doc = campaign(place, {"only": [{**ABSENT, "days": 1}]})
	row = frappe._dict(
		name="none", phone="", person_doctype="Guardian", person="", students=(place.named("Ana"),)
	)
	assert refusals.recheck_audience(doc, [frappe._dict(row)]) == []
	doc.started_at = clock.db_now() - timedelta(days=1)
	assert refusals.recheck_audience(doc, [frappe._dict(row)])


def test_groups_and_fields_are_not_asked_again(place: Place):
	group = {"kind": "Student Group", "names": [place.named("A")]}
	doc = campaign(place, {"only": [group]})
	assert refusals.recheck_audience(doc, [row := frappe._dict(name="none", students=("Nobody",))]) == [row]


def saved(place: Place, **values):
	doc = {
		"doctype": "Dialer Audience",
		"title": place.named("saved"),
		"audience_source": GUARDIANS,
		"audience_name": place.named("All"),
		"audience_filters": json.dumps({"only": [ABSENT]}),
	}
	return frappe.get_doc({**doc, **values}).insert()


def test_a_manager_saves_an_audience_under_a_name(place: Place, as_role):
	as_role("Dialer Manager", "Academics User")
	doc = saved(place)
	assert doc.name == place.named("saved") and doc.audience_doctype == "Student Group"
	assert doc.filters_in_words.startswith("Only: students marked Absent")
	as_role("Dialer Agent")
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc("Dialer Audience", doc.name).check_permission("read")


@pytest.mark.parametrize(
	"values",
	[
		{"audience_source": "CSV file"},
		{"audience_source": "Guardians found by a rule"},
		{"audience_source": "Nobody"},
		{"audience_name": None},
		{"audience_filters": "{"},
	],
)
def test_an_audience_that_could_not_be_used_is_not_saved(place: Place, values: dict):
	with pytest.raises(frappe.ValidationError):
		saved(place, **values)


def test_a_rule_that_repeats_a_campaign_keeps_its_conditions(place: Place):
	place.mark("Cam")
	rule = frappe.get_doc(
		{
			"doctype": "Dialer Rule",
			"title": place.named("weekly"),
			"kind": "Recurring",
			"purpose": "General",
			"channel": "Voice",
			"template": make.template("General"),
			"cron": "0 10 * * *",
			"weekends": 1,
			"on_holiday": "Run anyway",
			"audience_source": GUARDIANS,
			"audience_name": place.named("All"),
			"audience_filters": json.dumps({"only": [ABSENT]}),
		}
	).insert()
	assert f"({rule.filters_in_words})" in rule.sentence and "Absent" in rule.filters_in_words
	assert [one["name"] for one in actions.dry_run(rule, clock.db_now().date())["people"]] == ["Aunt"]
