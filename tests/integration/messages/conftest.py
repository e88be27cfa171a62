import secrets
from collections.abc import Callable
from types import SimpleNamespace

import frappe
import pytest
from frappe.permissions import add_permission

from tests.integration import attendance


def insert(doctype: str, **values):
	return frappe.get_doc({"doctype": doctype, **values}).insert()


@pytest.fixture
def family() -> SimpleNamespace:
	"""Return two siblings with a mother, a father, and a grandmother.

	A court order bars the father from one of the siblings. The grandmother may not receive records.
	"""
	tag = secrets.token_hex(3)
	mother, father, grandmother = (
		insert("Guardian", guardian_name=f"{name} {tag}").name for name in ("Maria", "Pedro", "Rosa")
	)
	links = [
		{"guardian": mother, "guardian_name": "Maria", "relation": "Mother"},
		{
			"guardian": grandmother,
			"guardian_name": "Rosa",
			"relation": "Others",
			"dialer_may_receive_records": 0,
		},
	]
	barred = {
		"guardian": father,
		"guardian_name": "Pedro",
		"dialer_contact_permission": "None by Court Order",
	}
	free = {"guardian": father, "guardian_name": "Pedro", "relation": "Father"}
	ana = student("Ana", tag, [*links, barred])
	luis = student("Luis", tag, [*links, free])
	stranger = student("Zed", tag, [])
	return SimpleNamespace(
		tag=tag,
		mother=mother,
		father=father,
		grandmother=grandmother,
		ana=ana,
		luis=luis,
		stranger=stranger,
	)


def student(first_name: str, tag: str, guardians: list[dict]) -> str:
	return insert(
		"Student",
		first_name=first_name,
		last_name=tag,
		student_email_id=f"{first_name}.{tag}@school.example".lower(),
		guardians=[dict(row) for row in guardians],
	).name


@pytest.fixture
def absent() -> Callable:
	"""Return a function that submits a student's absence for today."""

	return attendance.mark


@pytest.fixture
def user_with() -> Callable:
	"""Return a function that makes a user with only these roles, and returns the user's name."""

	def make(*roles: str) -> str:
		email = f"{secrets.token_hex(4)}@school.example"
		user = insert("User", email=email, first_name="Test", send_welcome_email=0, user_type="System User")
		user.add_roles(*roles)
		return email

	return make


@pytest.fixture
def reading() -> Callable:
	"""Return a function that makes a role which may read only these DocTypes."""

	def make(role: str, *doctypes: str) -> None:
		insert("Role", role_name=role, desk_access=1)
		for doctype in doctypes:
			add_permission(doctype, role)

	return make
