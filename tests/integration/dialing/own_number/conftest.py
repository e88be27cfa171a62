"""Users of the Desk who test calls, each with a telephone."""

from collections.abc import Callable, Iterator

import frappe
import pytest

from tests.integration import factories as make


@pytest.fixture
def tester(school) -> Iterator[Callable[..., str]]:
	"""tester(): a new user who may run campaigns. They are gone at the end."""
	made: list[str] = []

	def new(**values) -> str:
		user = frappe.get_doc(
			{
				"doctype": "User",
				"email": f"{frappe.generate_hash(length=8)}@tester.test",
				"first_name": "Tester",
				"send_welcome_email": 0,
				"language": "en",
				"roles": [{"role": "Dialer Manager"}],
				**values,
			}
		).insert(ignore_permissions=True)
		made.append(user.name)
		frappe.db.commit()
		return user.name

	yield new
	frappe.db.rollback()
	frappe.set_user("Administrator")
	for name in made:
		if frappe.db.exists("User", name):
			frappe.delete_doc("User", name, force=True, ignore_permissions=True)
	frappe.db.commit()


@pytest.fixture
def caller(tester) -> frappe._dict:
	"""A user who has verified a telephone."""
	user = tester()
	number = make.own_number(user, make.phone())
	frappe.db.commit()
	return frappe._dict(name=user, number=number)
