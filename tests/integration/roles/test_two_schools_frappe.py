"""Frappe's own ways to rows, and what a school's user may make and change."""

from collections.abc import Callable

import frappe
import pytest
from frappe.client import delete, get, get_value, set_value
from frappe.desk import reportview

from school_dialer.desk import linked
from school_dialer.privacy import hidden_fields
from school_dialer.schools import rows
from school_dialer.schools.decisions import DECISIONS, DISTRICT, OWN, SHARED
from tests.integration import districts
from tests.integration import factories as make
from tests.integration.roles import two_schools

STUDENTS = "Academics User"
CONSENT = "Contact Consent"


@pytest.fixture
def world(site_connection) -> two_schools.World:
	return two_schools.world_with_others()


@pytest.fixture
def as_north(world) -> Callable[..., str]:
	"""Return a function that becomes a user of the school in the north, with roles."""

	def become(*roles: str) -> str:
		frappe.set_user(districts.user((*roles, STUDENTS), (world.north.school,)))
		return frappe.session.user

	return become


NAMED = [doctype for doctype in DECISIONS if doctype not in ("Dialer Settings", "Dialer School")]


def test_no_row_of_others_is_read_changed_or_deleted_by_rest(world, as_north):
	as_north("System Manager", "Dialer Manager", "Dialer Compliance Officer")
	for doctype in NAMED:
		name = world.south.of(doctype)
		if name in two_schools.expected(world, doctype):
			continue
		for ask in (
			lambda doctype=doctype, name=name: get(doctype, name),
			lambda doctype=doctype, name=name: set_value(doctype, name, field_of(doctype), "x"),
			lambda doctype=doctype, name=name: delete(doctype, name),
		):
			with pytest.raises(frappe.PermissionError):
				ask()
		assert not get_value(doctype, "name", {"name": name}), doctype
		if frappe.has_permission(doctype, "read"):
			assert linked.count(doctype, {"name": name}) == 0, doctype
			assert linked.count(doctype, f'{{"name": "{name}"}}') == 0, doctype


def field_of(doctype: str) -> str:
	"""Return a field of the row, whichever."""
	plain = ("Data", "Select", "Small Text", "Code", "Attach")
	fields = frappe.get_meta(doctype).fields
	return next((df.fieldname for df in fields if df.fieldtype in plain), fields[0].fieldname)


def test_an_export_has_only_own_rows(world, as_north):
	as_north("Dialer Manager", "Dialer Compliance Officer")
	names = sorted(world.names("Dialer Call Log"))
	frappe.form_dict.update(
		{"doctype": "Dialer Call Log", "fields": '["name"]', "filters": {"name": ["in", names]}}
	)
	found = reportview.execute(doctype="Dialer Call Log", fields=["name"], filters={"name": ["in", names]})
	assert [row.name for row in found] == [world.north.of("Dialer Call Log")]


def test_a_link_shows_no_title_of_others(world, as_north):
	as_north("Dialer Manager")
	own, other = (side.of("Dialer Campaign") for side in (world.north, world.south))
	frappe.db.set_value("Dialer Campaign", {"name": ("in", (own, other))}, "title", "A title")
	assert linked.title("Dialer Campaign", own) == "A title"
	assert linked.title("Dialer Campaign", other) == other


def test_a_link_shows_no_name_of_a_child_whom_the_user_may_not_read(world, as_north):
	"""Education's links to students show the child's name."""
	as_north("Dialer Manager")
	(mine, *_), (theirs, *_) = world.north.students, world.south.students
	frappe.db.set_value("Student", {"name": ("in", (mine, theirs))}, "student_name", "A Child")
	assert linked.title("Student", mine) == "A Child"
	assert (linked.title("Student", theirs), linked.title("Student", "none")) == (theirs, "none")


def test_an_agent_lists_numbers_of_own_families_without_seeing_them(world, as_north):
	"""The condition names columns with numbers, which an agent may not search by."""
	as_north("Dialer Agent")
	hidden_fields.begin()
	names = sorted(world.names(CONSENT))
	assert frappe.get_list(CONSENT, {"name": ("in", names)}, pluck="name") == [world.north.of(CONSENT)]
	with pytest.raises(frappe.PermissionError, match="phone"):
		frappe.get_list(CONSENT, {"phone": world.north.phone}, pluck="name")


def test_a_manager_of_one_school_makes_campaigns_in_its_name(world, as_north):
	as_north("Dialer Manager")
	campaign = make.campaign()
	assert campaign.school == world.north.school
	assert frappe.db.get_value("Dialer Message Template", campaign.template, "school") == world.north.school


@pytest.mark.parametrize("side", ["south", "district"])
def test_a_manager_makes_no_campaign_for_others(world, as_north, side):
	template = make.template()
	as_north("Dialer Manager")
	school = getattr(world, side).school
	with pytest.raises(frappe.PermissionError):
		make.campaign(school=school or "", template=template)


def test_a_campaign_uses_no_message_of_another_school(world, as_north):
	as_north("Dialer Manager")
	with pytest.raises(frappe.PermissionError):
		make.campaign(template=world.south.of("Dialer Message Template"))


def test_a_manager_of_two_schools_says_for_which(world):
	template = make.template()
	frappe.db.set_value("Dialer Message Template", template, "school", world.north.school)
	frappe.set_user(districts.user(("Dialer Manager", STUDENTS), (world.north.school, world.south.school)))
	with pytest.raises(frappe.PermissionError):
		make.campaign(template=template)
	assert make.campaign(template=template, school=world.south.school).school == world.south.school


def test_a_recipient_is_added_to_own_campaigns_only(world, as_north):
	as_north("Dialer Manager")
	for side in (world.south, world.district):
		campaign = side.of("Dialer Campaign")
		row = {
			"doctype": "Dialer Recipient",
			"campaign": campaign,
			"phone": make.phone(),
			"person_name": "Someone",
		}
		with pytest.raises(frappe.PermissionError):
			frappe.get_doc(row).insert()


def test_a_district_user_sees_all(world):
	frappe.set_user(
		districts.user(("System Manager", "Dialer Manager", "Dialer Compliance Officer", STUDENTS))
	)
	for doctype in NAMED:
		assert rows.conditions(doctype) == ""
		names = world.names(doctype)
		if frappe.has_permission(doctype, "read"):
			assert (
				set(frappe.get_list(doctype, {"name": ("in", sorted(names))}, pluck="name", limit=0)) == names
			)


def test_a_school_narrows_no_site_with_one_school(world):
	user = districts.user(("Dialer Manager",), (world.north.school,))
	frappe.db.delete("Dialer School", {"name": ("!=", world.north.school)})
	assert [doctype for doctype in DECISIONS if rows.conditions(doctype, user)] == []


def test_the_fields_of_each_decision_exist():
	for doctype, decision in DECISIONS.items():
		meta = frappe.get_meta(doctype)
		pairs = (*decision.people, decision.within, *decision.links, *decision.uses)
		columns = [decision.school, decision.students, decision.number, decision.user]
		columns += [name for _kind, name in decision.people] + [
			column for column, _other in (*decision.links, *decision.uses)
		]
		columns += [kind for kind, _name in decision.people] + [decision.within[0]]
		unknown = [one for one in columns if one and one != "name" and not meta.has_field(one)]
		assert not unknown, (doctype, unknown, pairs)


def test_a_doctype_with_a_school_is_narrowed_by_it():
	for doctype, decision in DECISIONS.items():
		links = [
			df.fieldname for df in frappe.get_meta(doctype).get_link_fields() if df.options == "Dialer School"
		]
		assert not links or decision.kind == DISTRICT or decision.school in links, doctype
		assert decision.kind not in (OWN, SHARED) or decision.school, doctype
