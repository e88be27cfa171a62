"""Before a campaign that asks for a PIN: people without one, who would only hear that a message exists."""

import frappe
import pytest

from school_dialer.calls import pins
from school_dialer.campaigns import rehearsals
from school_dialer.desk import campaigns as desk
from school_dialer.reporting import rehearsal
from school_dialer.reporting.breakdown import NO_PIN
from tests.integration import factories as make
from tests.integration.with_carrier.rules import School


@pytest.fixture
def school(morning, monkeypatch) -> School:
	"""Return a school with four families. The first has a PIN, the last has no consent to calls."""
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	made = School()
	for index in range(4):
		made.family(f"C{index}")
	made.opens()
	pins.make_pin("Guardian", f"{made.tag}-G0", "Guardian 0")
	frappe.db.sql("delete from `tabContact Consent` where phone = %s", made.phones[f"{made.tag}-G3"])
	return made


def campaign(school: School, **values):
	return make.campaign(
		**{
			"purpose": "Attendance",
			"template": "Attendance notice",
			"audience_source": "Guardians of a Student Group",
			"audience_name": school.group,
			"audience_file": None,
			"identity_check": "PIN",
			**values,
		}
	)


def test_the_check_counts_them_and_names_them(school):
	doc = campaign(school)
	found = desk.preview_audience(doc.name)
	assert found["pins"]["people"] == 2 and found["verdicts"]["ALLOW"] == 3
	people = desk.preview_people(doc.name, NO_PIN)
	assert {one["person"] for one in people} == {f"{school.tag}-G1", f"{school.tag}-G2"}
	assert not set(school.phones.values()) & set(str(people).split("'"))


def test_so_does_the_rehearsal(school):
	doc = campaign(school)
	rehearsal.run(doc.name)
	found = desk.rehearsal_state(doc.name)
	assert found["pins"]["people"] == len(found["listed"][NO_PIN]) == 2
	frappe.cache().delete_value(rehearsals.key(doc.name))


@pytest.mark.parametrize(
	"values",
	[
		{"identity_check": "Key 1"},
		{"purpose": "General", "template": "General message"},
		{"purpose": "Event", "template": None, "channel": "Text"},
	],
)
def test_nothing_is_said_where_no_pin_is_asked_for(school, values):
	if not values.get("template", True):
		values = {**values, "template": make.template("Event")}
	assert desk.preview_audience(campaign(school, **values).name)["pins"] is None


def test_one_query_for_all(school, queries):
	people = [("Guardian", name) for name in school.phones]
	assert pins.owners(people) == {("Guardian", f"{school.tag}-G0")} and pins.owners([]) == set()
	assert queries(pins.owners, people) == 1 and queries(pins.owners, []) == 0
