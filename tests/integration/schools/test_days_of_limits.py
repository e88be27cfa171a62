"""What counts a day, and what opens on today, goes by the day at the school, in whichever time zone it is."""

from datetime import datetime, time

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.calls import pins
from school_dialer.campaigns.teachers import limits
from school_dialer.desk import boot
from school_dialer.inbound.conversations import acknowledgement, conversation
from school_dialer.school_dialer.report.absences_to_check import absences_to_check
from school_dialer.schools import users, zones
from tests.integration.schools.conftest import ONE

WRONG = "1470"
MINUTE = ONE / (24 * 60)


@pytest.fixture
def user_there(there, monkeypatch):
	"""Have the session's user work for the school in another time zone, and return the day there."""
	school, day = there
	monkeypatch.setattr(users, "of_user", lambda user=None: frozenset((school,)))
	return day


def midnight(school: str, day) -> datetime:
	"""Return when the day begins at this school, as naive site time."""
	return clock.to_db(datetime.combine(day, time(), zones.of_schools()[school]))


def test_a_familys_message_is_acknowledged_once_on_each_day_of_its_school(there, monkeypatch):
	school, day = there
	monkeypatch.setattr(acknowledgement, "may_hear", lambda *_given: True)
	monkeypatch.setattr(acknowledgement, "words", lambda *_given: "Thank you.")
	monkeypatch.setattr(conversation, "add_message", lambda *_given, **_values: None)
	kept = {}
	monkeypatch.setattr(conversation, "update", lambda _thread, **values: kept.update(values))
	before = frappe._dict(phone="+13125550100", school=school, acknowledged_on=day - ONE)
	assert acknowledgement.acknowledge(before, "en") == "Thank you."
	assert kept["acknowledged_on"] == day
	today = frappe._dict(before, acknowledged_on=day)
	assert acknowledgement.acknowledge(today, "en") is None


def test_a_teachers_messages_are_counted_from_the_midnight_of_the_school(there):
	school, day = there
	teacher, begins = f"{frappe.generate_hash(length=8)}@school.example", midnight(school, day)
	for at in (begins - MINUTE, begins, begins + MINUTE):
		sent = frappe.get_doc(
			{"doctype": "Dialer Campaign", "name": frappe.generate_hash(length=16), "status": "Completed"}
		)
		sent.db_insert()
		frappe.db.set_value("Dialer Campaign", sent.name, {"teacher": teacher, "requested_at": at})
	assert limits.sent_today(teacher, school) == 2


def test_wrong_pins_are_counted_by_the_day_of_the_persons_school(there):
	school, day = there
	person = (
		frappe.get_doc({"doctype": "Contact", "first_name": "Ana", "dialer_school": school}).insert().name
	)
	pins.keep_pin("Contact", person, "Ana", "2580", "office@school.example")
	assert pins.check_pin("Contact", person, WRONG) == "wrong"
	row = pins.row_of("Contact", person)
	assert (row.wrong, row.wrong_on) == (1, day)
	for wrong_on, locked in ((day, pins.PIN_LOCKED), (day - ONE, "")):
		frappe.db.set_value(pins.DOCTYPE, row.name, {"wrong": 6, "wrong_on": wrong_on})
		assert pins.refusal("Contact", person) == locked


def test_absences_to_check_opens_on_the_users_day(user_there, monkeypatch):
	asked = []
	monkeypatch.setattr(
		absences_to_check.absence_check, "discrepancies_on", lambda day: asked.append(day) or []
	)
	absences_to_check.execute()
	assert asked == [user_there]


def test_the_desk_knows_the_time_zone_of_the_users_schools(there, monkeypatch):
	school, day = there
	of_all = frappe._dict()
	boot.extend(of_all)
	assert of_all.school_dialer["time_zone"] == "America/Chicago", "a district user's is the site's"
	monkeypatch.setattr(users, "of_user", lambda user=None: frozenset((school,)))
	own = frappe._dict()
	boot.extend(own)
	assert own.school_dialer["time_zone"] == str(zones.of_schools()[school])
	assert zones.today_of_user() == day
