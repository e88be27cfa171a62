"""Nothing of one school is seen by a user of another: every DocType, report, method and page.

What is tried comes from the app itself (`schools.decisions`, its reports and methods), so what is
added without a decision fails here.
"""

from pathlib import Path

import frappe
import pytest
from frappe.desk import reportview
from frappe.desk.search import search_link

from school_dialer.base.roles import ALL, SYSTEM_MANAGER
from school_dialer.schools.decisions import DECISIONS, OWN, SHARED
from tests.integration import districts
from tests.integration.roles import two_schools

ROLES = (SYSTEM_MANAGER, *ALL)
STUDENTS = "Academics User"


@pytest.fixture
def world(site_connection) -> two_schools.World:
	"""Return two schools with rows of every DocType. They are rolled back with the test."""
	return two_schools.world_with_others()


@pytest.fixture
def as_north(world):
	"""Return a function that becomes a user of the school in the north, with roles."""

	def become(*roles: str) -> str:
		user = districts.user((*roles, STUDENTS), (world.north.school,))
		frappe.set_user(user)
		return user

	return become


def may_read(doctype: str) -> bool:
	return bool(frappe.has_permission(doctype, "read"))


def seen_in_list(doctype: str, names: set[str]) -> set[str]:
	return set(
		frappe.get_list(doctype, {"name": ("in", sorted(names))}, pluck="name", limit=0, order_by="name")
	)


LISTED = [doctype for doctype in DECISIONS if doctype != "Dialer Settings"]


def test_every_doctype_has_a_decision():
	ours = frappe.get_all("DocType", {"module": "School Dialer", "istable": 0}, pluck="name", order_by="name")
	assert sorted(DECISIONS) == sorted(ours)


def test_every_doctype_has_its_hooks():
	lists, forms = frappe.get_hooks("permission_query_conditions"), frappe.get_hooks("has_permission")
	for doctype in (*DECISIONS, "Student", "Guardian"):
		assert callable(frappe.get_attr(lists[doctype][-1])), doctype
		assert callable(frappe.get_attr(forms[doctype][-1])), doctype


@pytest.mark.parametrize("role", ROLES)
def test_lists_and_counts(world, as_north, role):
	as_north(role)
	for doctype in filter(may_read, LISTED):
		names = world.names(doctype)
		assert seen_in_list(doctype, names) == two_schools.expected(world, doctype), doctype
		frappe.form_dict.update(
			{"doctype": doctype, "filters": {"name": ["in", sorted(names)]}, "fields": "[]"}
		)
		assert frappe.call(reportview.get_count) == len(two_schools.expected(world, doctype)), doctype


@pytest.mark.parametrize("role", ROLES)
def test_documents(world, as_north, role):
	as_north(role)
	for doctype in filter(may_read, LISTED):
		expected = two_schools.expected(world, doctype)
		for name in world.names(doctype):
			assert frappe.get_doc(doctype, name).has_permission("read") is (name in expected), (doctype, name)


@pytest.mark.parametrize("role", ROLES)
def test_search_finds_only_own(world, as_north, role):
	as_north(role)
	for doctype in filter(may_read, LISTED):
		for side in world.others:
			found = {one["value"] for one in links(doctype, side.tag)}
			assert found <= two_schools.expected(world, doctype), doctype


def links(doctype: str, text: str) -> list[dict]:
	frappe.response.pop("results", None)
	return search_link(doctype, text) or frappe.response.get("results") or []


@pytest.mark.parametrize("role", ROLES)
def test_nothing_of_others_is_changed(world, as_north, role):
	as_north(role)
	for doctype in DECISIONS:
		for side in (world.south, world.both, world.district):
			if side.of(doctype):
				doc = frappe.get_doc(doctype, side.of(doctype))
				for right in ("write", "delete", "share"):
					assert not doc.has_permission(right), (doctype, side.tag, right)


def test_a_row_is_not_taken_over_by_naming_the_own_school(world, as_north):
	as_north("Dialer Manager")
	for doctype in (one for one, decision in DECISIONS.items() if decision.kind in (OWN, SHARED)):
		for side in (world.south, world.district):
			if doctype != "Dialer School":
				doc = frappe.get_doc(doctype, side.of(doctype))
				doc.school = world.north.school
				assert not doc.has_permission("write"), (doctype, side.tag)


def test_an_own_row_is_not_given_away(world, as_north):
	as_north("Dialer Manager")
	doc = frappe.get_doc("Dialer Campaign", world.north.of("Dialer Campaign"))
	assert doc.has_permission("write")
	for school in (world.south.school, "", None):
		doc.school = school
		assert not doc.has_permission("write"), school


PAGE = Path(__file__).parents[3] / "docs" / "school" / "district" / "who-sees-what.md"
SEES = {
	"district": ("nothing",),
	"all": ("all",),
	"own": ("own",),
	"shared": ("own, and the district's",),
	"family": ("own families'",),
	"within": ("with its ",),
	"user": ("the user's own",),
}


def test_the_page_says_what_was_decided():
	lines = [
		line.strip("|\n ").split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| ")
	]
	page = {first: sees for first, sees, _changes in lines if first in DECISIONS}
	assert page.keys() == DECISIONS.keys()
	for doctype, decision in DECISIONS.items():
		assert page[doctype].startswith(SEES[decision.kind]), doctype
