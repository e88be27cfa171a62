"""Students and guardians of a school's user, in lists, forms, histories and notifications."""

import frappe
import frappe.client
import pytest
from frappe.desk.form import load
from werkzeug.wrappers import Request

from school_dialer.audience import student_access
from school_dialer.audience.filters import reading
from school_dialer.desk import numbers
from school_dialer.schools import people, rows, staff, users
from tests.integration import districts
from tests.integration import factories as make
from tests.integration.roles import two_schools

STUDENTS = "Academics User"


@pytest.fixture
def world(site_connection) -> two_schools.World:
	return two_schools.world_with_others()


@pytest.fixture
def north(world) -> str:
	return districts.user((STUDENTS, "Dialer Manager"), (world.north.school,))


def test_students_without_a_school_are_hidden(world, north):
	_guardian, lost = two_schools.family("lost" + frappe.generate_hash(length=8), "")
	(own,), (other,) = world.north.students, world.south.students
	frappe.set_user(north)
	assert frappe.get_list("Student", {"name": ("in", (own, other, lost))}, pluck="name") == [own]
	assert student_access.readable({own, other, lost}) == {own}
	assert [frappe.has_permission("Student", "read", doc=one) for one in (own, other, lost)] == [
		True,
		False,
		False,
	]


def test_guardians_are_those_with_a_child_at_the_school(world, north):
	own, shared, other = (side.person[1] for side in (world.north, world.both, world.south))
	frappe.set_user(north)
	assert rows.of_guardian(north)
	found = frappe.get_all("Guardian", {"name": ("in", (own, shared, other))}, pluck="name")
	visible = people.visible([("Guardian", one, ()) for one in found])
	assert {one for one, may in zip(found, visible, strict=True) if may} == {own, shared}


def test_a_guardians_form_shows_the_children_of_the_school(world, north):
	guardian = frappe.get_doc("Guardian", world.both.person[1])
	assert children(guardian) == set(world.both.students)
	frappe.set_user(north)
	load.run_onload(guardian)
	assert children(guardian) == {world.both.students[0]}


def children(guardian) -> set[str]:
	return {row.student for row in guardian.students}


def test_a_guardian_read_without_a_form_has_the_children_of_the_school(world, north):
	guardian, own = world.both.person[1], {world.both.students[0]}
	frappe.set_user(north)
	answered = frappe.client.get("Guardian", guardian)
	assert {row["student"] for row in answered["students"]} == own
	for ptype in ("read", "print", "email"):
		doc = frappe.get_doc("Guardian", guardian)
		assert doc.has_permission(ptype) and children(doc) == own


def test_a_guardian_with_children_at_another_school_is_not_copied(world, north, monkeypatch):
	own, shared = world.north.person[1], world.both.person[1]
	frappe.set_user(north)
	for path, may in (("", (True, True)), ("/copy", (True, False)), ("/copy/", (True, False))):
		for name, allowed in zip((own, shared), may, strict=True):
			request = Request.from_values(f"/api/v2/document/Guardian/{name}{path}")
			monkeypatch.setattr(frappe.local, "request", request, raising=False)
			assert frappe.get_doc("Guardian", name).has_permission("read") is allowed, (path, name)


def test_asking_for_another_user_leaves_the_children(world, north):
	guardian = frappe.get_doc("Guardian", world.both.person[1])
	assert frappe.has_permission("Guardian", "read", doc=guardian, user=north)
	assert children(guardian) == set(world.both.students)


def test_people_named_together_are_shown_only_together(world, north):
	own, both, south = world.north, world.both, world.south
	asked = [
		(*own.person, own.students),
		(*both.person, both.students[:1]),
		(*both.person, both.students),
		(*south.person, ()),
		(None, None, ()),
	]
	assert people.visible(asked, north) == [True, True, False, False, True]
	assert people.visible(asked, "Administrator") == [True] * len(asked)


def test_contacts_and_staff_without_a_school_are_not_of_another(world, north):
	contacts = [
		frappe.get_doc({"doctype": "Contact", "first_name": "C", "dialer_school": school}).insert().name
		for school in (world.north.school, None, world.south.school)
	]
	assert people.visible([("Contact", one, ()) for one in contacts], north) == [True, True, False]


def test_a_shared_number_shows_the_own_part_and_that_there_is_more(world, north):
	number = make.phone()
	for side in (world.north, world.south):
		for doctype in ("Dialer Call Log", "Dialer Recipient"):
			frappe.db.set_value(doctype, side.of(doctype), "phone", number)
	frappe.set_user(north)
	found = numbers.story(phone=number)
	assert found["elsewhere"] is True
	assert {one["name"] for one in found["story"]} == {world.north.of("Dialer Call Log")}
	assert world.south.tag not in str(found)


@pytest.mark.parametrize(("side", "elsewhere"), [("north", False), ("south", False)])
def test_a_number_of_one_school_does_not_tell_whose_it_is(world, north, side, elsewhere):
	frappe.set_user(north)
	assert numbers.story(phone=getattr(world, side).phone).get("elsewhere", False) is elsewhere


def test_a_district_user_is_shown_all_of_a_number(world):
	frappe.set_user(districts.user(("Dialer Manager", STUDENTS)))
	found = numbers.story(phone=world.south.phone)
	assert "elsewhere" not in found
	assert world.south.of("Dialer Call Log") in {one["name"] for one in found["story"]}


def test_news_goes_to_users_who_may_see_what_it_is_about(world, north):
	of_all = districts.user(("Dialer Manager",))
	some = {north, of_all}
	assert users.of_district(some) == {of_all}
	assert rows.readers(some, "Dialer Campaign", world.north.of("Dialer Campaign")) == some
	assert rows.readers(some, "Dialer Campaign", world.south.of("Dialer Campaign")) == {of_all}
	assert rows.readers(some, None, None) == {of_all}
	assert rows.readers({north}, None, None) == {north}
	staff.ring(some, "News of a campaign", "Dialer Campaign", world.south.of("Dialer Campaign"))
	rung = frappe.get_all("Notification Log", {"subject": "News of a campaign"}, pluck="for_user")
	assert rung == [of_all]


def test_a_schools_user_filters_by_records_of_the_school(world, north):
	frappe.set_user(north)
	own, other = world.north.students[0], world.south.students[0]
	assert reading.reads_all("Student")
	assert reading.on_record("Student", (own, other)) == {own}


def test_another_user_permission_still_forbids_a_filter(world, north):
	permission = {"user": north, "allow": "Student", "for_value": world.north.students[0]}
	frappe.get_doc({"doctype": "User Permission", **permission}).insert()
	frappe.set_user(north)
	assert not reading.reads_all("Student")
