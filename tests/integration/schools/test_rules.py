"""Rules, counts and approvals of a school: its own students, and what was approved for it."""

from datetime import date

import frappe
import pytest

from school_dialer.automation.kind import kind_of
from school_dialer.campaigns import scale_check
from school_dialer.campaigns.approval import parts
from school_dialer.desk import audience
from school_dialer.schools import registry, school_calendar, scope
from tests.integration.schools.families import District

pytestmark = pytest.mark.dates

OPEN_DAY = date(2026, 3, 11)


@pytest.fixture
def families(district, three) -> District:
	oak, elm, _river = three
	district.family("one", {"ann": (oak, None), "ben": (elm, None)})
	district.family("two", {"cal": (elm, None)})
	district.opens()
	return district


def rule(**values):
	return kind_of(frappe._dict(kind="Absence", **values))


def test_a_schools_rule_is_about_its_students(families, three):
	oak, elm, river = three
	assert rule(school=oak).members() == {families.name("ann")}
	assert rule(school=elm).members() == {families.name("ben"), families.name("cal")}
	assert rule(school=river).members() == set() and rule().members() is None
	of_group = {"only_of_doctype": "Student Group", "only_of": families.group}
	assert rule(school=elm, **of_group).members() == {families.name("ben"), families.name("cal")}
	assert len(rule(**of_group).members()) == 3


def test_shares_are_those_of_the_school(families, three):
	assert scale_check.students(families.campaign(school=three[1])) == 2
	assert scale_check.students(families.campaign()) > 2


def test_a_rule_keeps_the_days_of_its_school(three):
	doc = frappe.get_doc(registry.DOCTYPE, three[0])
	doc.append("holidays", {"date": OPEN_DAY, "description": "Founders' day"})
	doc.save()

	def closed(**values):
		settings = frappe._dict(on_holiday="", weekends=1, only_in_term=0, **values)
		return school_calendar.of_rule(settings).why_closed(OPEN_DAY)

	assert "Founders' day" in closed(school=three[0])
	assert "Founders' day" not in (closed(school=three[1]) or closed() or "")


def test_the_count_before_a_campaign_is_the_schools(families, three):
	chosen = {"audience_source": "Guardians of a Student Group", "audience_name": families.group}
	assert audience.count(**chosen)["counted"] == {"people": 2, "households": 2, "students": 3}
	some = audience.count(**chosen, schools=scope.as_json([three[1]]))["counted"]
	assert some == {"people": 2, "households": 2, "students": 2}
	assert audience.count(**chosen, school=three[0])["counted"] == {
		"people": 1,
		"households": 1,
		"students": 1,
	}


def test_whose_families_are_called_is_part_of_what_was_approved(families, three):
	doc = families.campaign()
	before = parts.digests_of(doc.name)
	for values in (
		{"school": three[0]},
		{"school": None, "schools": '["Elm High"]'},
		{"said_by": "The district"},
	):
		frappe.db.set_value("Dialer Campaign", doc.name, values)
		now = parts.digests_of(doc.name)
		assert {part for part in parts.ALL if now[part] != before[part]} == {parts.AUDIENCE}
	frappe.db.set_value("Dialer Campaign", doc.name, {"schools": "", "said_by": ""})
	assert parts.digests_of(doc.name) == before


def test_a_campaign_of_one_school_has_no_choice_of_several(families, three):
	doc = families.campaign(school=three[0], schools='["Elm High"]', said_by="Each family's school")
	assert (doc.schools, doc.said_by) == (None, None)
	with pytest.raises(frappe.ValidationError, match="not a school in use"):
		families.campaign(schools='["Elm Low"]')
