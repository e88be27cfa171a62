"""Nothing of one school is seen by a user of another through the second REST API of newer Frappe."""

from collections.abc import Callable

import frappe
import pytest

from school_dialer.base.roles import ALL, SYSTEM_MANAGER
from school_dialer.schools.decisions import DECISIONS
from tests.integration import districts
from tests.integration.roles import two_schools

v2 = pytest.importorskip("frappe.api.v2", reason="this Frappe has no second API")

STUDENTS = "Academics User"
LISTED = [doctype for doctype in DECISIONS if doctype != "Dialer Settings"]


@pytest.fixture
def world(site_connection) -> two_schools.World:
	return two_schools.world_with_others()


@pytest.fixture(params=(SYSTEM_MANAGER, *ALL))
def readable(request, world) -> list[str]:
	"""Become a user of the school in the north with this role. Return the DocTypes that it may read."""
	frappe.set_user(districts.user((request.param, STUDENTS), (world.north.school,)))
	return [doctype for doctype in LISTED if frappe.has_permission(doctype, "read")]


def asked(method: Callable, doctype: str, **values):
	frappe.form_dict.clear()
	frappe.form_dict.update(values)
	return method(doctype)


def test_lists_and_counts(world, readable):
	for doctype in readable:
		filters = {"name": ["in", sorted(world.names(doctype))]}
		found = asked(v2.document_list, doctype, filters=filters, fields='["name"]', limit=100)
		assert {row.name for row in found} == two_schools.expected(world, doctype), doctype
		assert asked(v2.count, doctype, filters=filters, fields="[]") == len(found), doctype


def test_no_row_of_others_is_read_or_copied(world, readable):
	for doctype in readable:
		for name in world.names(doctype) - two_schools.expected(world, doctype):
			for method in (v2.read_doc, v2.copy_doc):
				with pytest.raises(frappe.PermissionError):
					method(doctype, name)


def test_a_guardian_is_read_with_own_children(world, readable):
	guardian, own = world.both.person[1], {world.both.students[0]}
	answered = v2.read_doc("Guardian", guardian)
	assert {row.get("student") for row in answered.get("students")} == own
