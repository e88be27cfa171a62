"""Whose user someone is follows from Frappe's User Permissions on Dialer School."""

import frappe
import pytest

from school_dialer.schools import registry, users
from tests.integration.districts import permit, school, user


@pytest.fixture
def two(site_connection: None) -> tuple[str, str]:
	return school("North").name, school("South").name


def test_a_user_without_a_user_permission_works_for_the_district(two):
	someone = user()
	assert users.of_user(someone) is None
	for name in (*two, None, ""):
		assert users.may_act_for(name, someone)
		users.require(name, someone)


def test_administrator_works_for_the_district(two):
	assert users.of_user() is None


def test_a_user_works_for_the_permitted_schools(two):
	someone = user(schools=two[:1])
	assert users.of_user(someone) == {two[0]}
	permit(someone, two[1])
	assert users.of_user(someone) == set(two)


def test_the_sessions_user_is_the_default(two):
	frappe.set_user(user(schools=two[:1]))
	assert users.of_user() == {two[0]}
	assert users.may_act_for(two[0])
	assert not users.may_act_for(two[1])


@pytest.mark.parametrize("blank", [None, ""])
def test_a_schools_user_may_not_act_for_the_district(two, blank):
	someone = user(schools=two)
	assert not users.may_act_for(blank, someone)
	with pytest.raises(frappe.PermissionError, match="whole district"):
		users.require(blank, someone)


def test_a_schools_user_may_not_act_for_another_school(two):
	someone = user(schools=two[:1])
	users.require(two[0], someone)
	with pytest.raises(frappe.PermissionError, match="another school"):
		users.require(two[1], someone)


def test_closing_schools_shows_their_users_nothing_more(two):
	someone = user(schools=two[:1])
	frappe.db.set_value(registry.DOCTYPE, {"name": ("!=", "")}, "enabled", 0)
	registry.forget()
	assert users.of_user(someone) == {two[0]}


def test_the_only_school_of_a_site_narrows_nothing(two):
	someone = user(schools=two[:1])
	frappe.db.delete(registry.DOCTYPE, {"name": ("!=", two[0])})
	registry.forget()
	assert users.of_user(someone) is None
