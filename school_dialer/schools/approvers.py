"""Who approves an emergency of one school, and who the district's.

Everyone here has the role Dialer Emergency Approver. With a User Permission on Dialer School, or named in
a school's form, they approve for those schools only; the others approve for the whole district.
"""

from collections.abc import Collection

import frappe
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.base.roles import APPROVER, with_roles
from school_dialer.compliance.rules.emergency import same_person
from school_dialer.schools import registry


def approvers_of(school: str | None) -> set[str]:
	"""Return the enabled users who may approve an emergency of this school, or of the district for none."""
	users = with_roles(APPROVER)
	schools = schools_of(users)
	return {user for user in users if covers(schools.get(user), school)}


def may(user: str, school: str | None) -> bool:
	"""Return whether this user may approve an emergency of this school, or of the district for none."""
	return APPROVER in frappe.get_roles(user) and not is_of_another(user, school)


def is_of_another(user: str | None, school: str | None) -> bool:
	"""Return whether this user approves for schools that do not include this one; False for other names."""
	return bool(user) and not covers(schools_of([user]).get(user), school)


def covers(schools: frozenset[str] | None, school: str | None) -> bool:
	"""Return whether an approver for these schools (None: the district) may approve for this one."""
	return schools is None or (school in schools and registry.find(school) is not None)


def schools_of(users: Collection[str]) -> dict[str, frozenset[str]]:
	"""Return the schools of each of these users who approves for some only; empty outside a district.

	One query, however many users there are.
	"""
	if not users or not registry.is_district():
		return {}
	permissions = permitted(users)
	for school in registry.schools().values():
		for user in set(school.approvers) & set(users):
			permissions[user] = permissions.get(user, frozenset()) | {school.name}
	return permissions


def permitted(users: Collection[str]) -> dict[str, frozenset[str]]:
	"""Return the schools of each of these users who has a User Permission on Dialer School."""
	rows = frappe.get_all(
		"User Permission",
		{"allow": registry.DOCTYPE, "user": ("in", list(users))},
		["user", "for_value"],
		as_list=True,
	)
	return {user: frozenset(school for other, school in rows if other == user) for user, _school in rows}


def check(doc) -> None:
	"""Raise ValidationError if a user named in this Dialer School does not have the role.

	Warn if everyone with the role approves for some schools only: the district's emergencies need someone.
	"""
	for user in filter(None, (row.user for row in doc.approvers)):
		if APPROVER not in frappe.get_roles(user):
			throw(
				_("{0} needs the role {1} first: add it in their user's form.").format(
					frappe.utils.get_fullname(user), _(APPROVER)
				)
			)
	users = with_roles(APPROVER)
	narrowed = {*permitted(users), *(row.user for row in doc.approvers)}
	narrowed |= {user for school in registry.schools().values() for user in school.approvers}
	if registry.is_district() and users <= narrowed:
		frappe.msgprint(
			_(
				"Everyone with the role {0} approves for some schools only. Name someone for the district."
			).format(_(APPROVER)),
			indicator="orange",
			alert=True,
		)


def is_one_person(one: str, other: str) -> bool:
	"""Return True if two logins belong to one person.

	That is the same login however it is written, or the same email address, as Administrator's may be.
	"""
	if same_person(one, other):
		return True
	emails = [frappe.db.get_value("User", user, "email") for user in (one, other)]
	return any(
		same_person(first, second)
		for first in filter(None, (one, emails[0]))
		for second in filter(None, (other, emails[1]))
	)


def acting_for(users: Collection[str], school: str | None) -> set[str]:
	"""Return those of these users who act for this school, or for the district for none."""
	permissions = permitted(users) if users and registry.is_district() else {}
	return {user for user in users if covers(permissions.get(user), school)}
