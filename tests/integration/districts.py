"""Schools that make the test's site a district, and users of one of them."""

import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import frappe

from school_dialer.outbound.pace import school_costs
from school_dialer.schools import opting_out, registry
from tests.integration.factories import OURS

PARTS = ("Dialer School Approver", "Dialer School Identity", "Dialer Holiday")


def school(name: str = "School", exact: bool = False, **values):
	"""Make a school of this name, with a tag of this run unless the name is to be as given (`exact`)."""
	name = name if exact else f"{OURS}{name} {secrets.token_hex(3)}"
	return frappe.get_doc({"doctype": registry.DOCTYPE, "school_name": name, "enabled": 1, **values}).insert()


@contextmanager
def district(*names: str, committed: bool = False, **values) -> Iterator[tuple[str, ...]]:
	"""Make these schools, each with `values`, and yield their names. Afterwards none is left."""
	made = tuple(school(name, **values).name for name in names)
	if committed:
		frappe.db.commit()
	forget()
	try:
		yield made
	finally:
		frappe.db.rollback()
		if committed:
			remove(made)
		forget()


def remove(names: Collection[str]) -> None:
	"""Delete these schools and what narrows users to them, and commit."""
	for doctype in PARTS:
		frappe.db.delete(doctype, {"parenttype": registry.DOCTYPE, "parent": ("in", names)})
	frappe.db.delete("User Permission", {"allow": registry.DOCTYPE, "for_value": ("in", names)})
	frappe.db.delete(registry.DOCTYPE, {"name": ("in", names)})
	frappe.db.commit()
	frappe.clear_cache()


def forget() -> None:
	"""Have everything about schools read again: what is cached outlives a rollback."""
	for room in (registry, opting_out, school_costs):
		room.forget()


def change(name: str, **values) -> None:
	"""Save these values of a school, and commit."""
	doc = frappe.get_doc(registry.DOCTYPE, name)
	doc.update(values)
	doc.save()
	frappe.db.commit()
	school_costs.forget()


def user(roles: Collection[str] = (), schools: Collection[str] = ()) -> str:
	"""Make a user with only these roles, who works for these schools; for the district if there are none."""
	made = frappe.get_doc(
		{
			"doctype": "User",
			"email": f"{secrets.token_hex(5)}@school.example",
			"first_name": "Test",
			"send_welcome_email": 0,
			"roles": [{"role": role} for role in roles],
		}
	).insert(ignore_permissions=True)
	for name in schools:
		permit(made.name, name)
	return made.name


def lasting_user(local: str, *roles: str) -> str:
	"""Return the user of this name in the district's domain with these roles, made once. Commits."""
	email = f"{local}@district.example"
	if not frappe.db.exists("User", email):
		frappe.get_doc(
			{"doctype": "User", "email": email, "first_name": local, "send_welcome_email": 0}
		).insert()
	frappe.get_doc("User", email).add_roles(*roles)
	frappe.db.commit()
	return email


def permit(user: str, school: str, committed: bool = False) -> None:
	"""Narrow a user to a school by a User Permission."""
	permission = {"user": user, "allow": registry.DOCTYPE, "for_value": school}
	frappe.get_doc({"doctype": "User Permission", **permission}).insert(ignore_permissions=True)
	if committed:
		frappe.db.commit()
