"""Conversations, families to phone, and wrong numbers go to the office of the family's school."""

import json

import frappe
import pytest

from dev.demo.stage import SENDER
from school_dialer.base import clock, roles
from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link
from school_dialer.followup import confirmations
from school_dialer.help_desk import registrar, routes
from school_dialer.inbound.conversations import acknowledgement, conversation, office_hours
from school_dialer.inbound.conversations import school as school_of
from school_dialer.manual_calls import listing
from school_dialer.messages.speech import say_time
from school_dialer.settings import contact_school
from tests.integration import districts
from tests.integration import factories as make
from tests.integration.with_carrier.schools.families import called, family, move


@pytest.fixture
def schools(carrier):
	with districts.district("North", "South", committed=True) as made:
		yield made


def of_thread(number: str):
	return conversation.open_of(number)


def test_a_conversation_is_the_school_s_of_the_students(schools, say):
	for given, expected in (
		((schools[1],), schools[1]),
		((schools[0], schools[0]), schools[0]),
		((schools[0], None), schools[0]),
		((schools[0], schools[1]), None),
		((None,), None),
	):
		mother, _pupils = family(*given)
		say(mother, "When does the concert begin?")
		assert of_thread(mother).school == expected


def test_of_two_schools_the_one_that_called_last(schools, say):
	mother, _pupils = family(*schools)
	for school in (schools[1], schools[0], None):
		called(mother, school)
	say(mother, "When does the concert begin?")
	assert of_thread(mother).school == schools[0]
	stranger = make.unlisted_phone()
	called(stranger, schools[1])
	say(stranger, "Who is this?")
	assert of_thread(stranger).school == schools[1]
	(log,) = frappe.get_all("Dialer Call Log", {"phone": stranger, "direction": "Inbound"}, pluck="school")
	assert log == schools[1]


def test_else_the_one_whose_number_was_written_to(schools, say):
	row = {"parent": "Dialer Settings", "phone_number": SENDER}
	frappe.db.set_value("Dialer Sending Number", row, "school", schools[1])
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	stranger, (mother, _pupils) = make.unlisted_phone(), family(schools[0])
	try:
		for number, expected in ((stranger, schools[1]), (mother, schools[0])):
			say(number, "Who is this?")
			assert of_thread(number).school == expected
	finally:
		frappe.db.set_value("Dialer Sending Number", row, "school", None)
		frappe.db.commit()
		frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def test_the_school_is_kept_true_in_sets(schools, say):
	threads = []
	for _time in range(3):
		mother, pupils = family(schools[0])
		say(mother, "When does the concert begin?")
		threads.append(mother)
		move(pupils, 0, schools[1])
	assert {of_thread(mother).school for mother in threads} == {schools[0]}
	school_of.keep_true()
	assert {of_thread(mother).school for mother in threads} == {schools[1]}


def test_the_acknowledgement_has_the_hours_of_the_school_s_office(schools):
	districts.change(schools[0], office_opens="06:00:00", office_closes="21:30:00")
	assert clock.db_now().hour == 10
	words = {school: acknowledgement.words("", "en", school) for school in (*schools, None)}
	assert say_time(frappe.utils.get_time("21:30:00"), "en") in words[schools[0]]
	assert words[schools[1]] == words[None] != words[schools[0]]
	assert office_hours.read(schools[0]).closes != office_hours.read(None).closes


def test_a_route_of_a_school(schools, say):
	user = districts.lasting_user("route", roles.AGENT)
	mothers = [family(school)[0] for school in schools]
	settings = frappe.get_doc("Dialer Settings")
	settings.set("conversation_routes", [{"school": schools[1], "user": user}])
	found = []
	for mother in mothers:
		say(mother, "When does the concert begin?")
		found.append(routes.matches(settings.conversation_routes[0], of_thread(mother)))
	assert found == [False, True]


def test_the_school_s_own_office_is_notified(schools):
	north, south = (districts.lasting_user(f"office-{name}", roles.AGENT) for name in ("north", "south"))
	districts.permit(north, schools[0], committed=True)
	districts.permit(south, schools[1], committed=True)
	everyone = {north, south, "office@riverside.example"}
	assert registrar.agents(schools[0]) & everyone == {north}
	assert registrar.agents(schools[1]) & everyone == {south}
	assert registrar.agents(None) & everyone == everyone - {north, south}
	assert registrar.agents(schools[0], alone=False) & everyone == everyone - {south}


def todos(name: str) -> dict[str, str]:
	rows = frappe.get_all(
		"ToDo", {"reference_name": name, "status": "Open"}, ["allocated_to", "role"], order_by="creation"
	)
	return {row.allocated_to or row.role for row in rows}


def test_wrong_numbers_go_to_the_registrar_of_the_students_school(schools):
	own, of_district = (districts.lasting_user(name, roles.AGENT) for name in ("registrar", "registrar-all"))
	districts.change(schools[0], registrar=own)
	before = frappe.db.get_single_value("Dialer Settings", "registrar")
	frappe.db.set_single_value("Dialer Settings", "registrar", of_district)
	frappe.db.commit()
	for given, expected in (
		((schools[0],), {own}),
		((schools[1],), {of_district}),
		((None,), {of_district}),
	):
		mother, pupils = family(*given)
		guardian = f"{pupils.tag}-Rosa"
		make.consent(mother, person_doctype="Guardian", person=guardian)
		event = ledger.wrong_number(mother, evidence=make.evidence("Text"))
		registrar.open_todos(event)
		registrar.open_todos(event)
		assert todos(guardian) == expected
	frappe.db.set_single_value("Dialer Settings", "registrar", before)
	frappe.db.commit()


def test_families_to_phone_are_the_school_s_of_the_recipient_or_of_the_students(schools):
	_mother, pupils = family(schools[1])
	rows = [
		frappe._dict(phone=make.phone(), students=students, school=school)
		for students, school in (
			((pupils.student(0),), None),
			((pupils.student(0),), schools[0]),
			((), None),
		)
	]
	listing.name_schools(rows)
	assert [row.school for row in rows] == [schools[1], schools[0], ""]


def test_a_text_that_answers_a_person_is_logged_as_the_school_s(carrier, schools):
	mother, _pupils = family(schools[0])
	called(mother, schools[0])
	assert preference_link.send_by_text(mother)
	frappe.db.commit()
	confirmations.send_due()
	of_text = {"phone": mother, "direction": "Outbound", "channel": "Text"}
	assert frappe.get_all("Dialer Call Log", of_text, pluck="school") == [schools[0]]
	assert contact_school.of_phone(mother) == schools[0]


def test_with_one_school_nothing_has_a_school(school, say):
	mother, pupils = family(None)
	assert school_of.school_of_each([school_of.FamilyNumber(mother, (pupils.student(0),), SENDER)]) == [""]
	say(mother, "When does the concert begin?")
	assert of_thread(mother).school is None
	assert json.loads(of_thread(mother).students) == [pupils.student(0)]


def test_a_new_school_has_no_times_of_its_own(schools):
	times = ["office_opens", "office_closes", "calls_from", "calls_until"]
	for name in schools:
		assert not any(frappe.db.get_value("Dialer School", name, times))
