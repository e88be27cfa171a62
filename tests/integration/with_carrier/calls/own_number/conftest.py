"""Users of the Desk who test calls, each with a phone."""

from collections.abc import Callable, Iterator

import frappe
import pytest

from tests.integration import factories as make


@pytest.fixture(scope="session")
def pool(school) -> Iterator[list[str]]:
	"""Yield a list of free users, which tests share since Frappe lets a site make 60 per hour."""
	free: list[str] = []
	yield free
	frappe.db.rollback()
	frappe.set_user("Administrator")
	for name in free:
		frappe.delete_doc("User", name, force=True, ignore_permissions=True)
	frappe.db.commit()


@pytest.fixture
def tester(pool) -> Iterator[Callable[..., str]]:
	"""Yield `tester()`, which returns a user for this test alone, with the given values.

	The user may run campaigns and has no phone yet.
	"""
	taken: list[str] = []

	def take(**values) -> str:
		name = pool.pop() if pool else new_user()
		taken.append(name)
		frappe.db.set_value("User", name, {"enabled": 1, "mobile_no": None, **values})
		frappe.db.commit()
		return name

	yield take
	frappe.db.rollback()
	for name in taken:
		make.forget_own_number(name)
		frappe.db.set_value("User", name, "mobile_no", None)
	frappe.db.commit()
	pool.extend(name for name in taken if frappe.db.exists("User", name))


def new_user() -> str:
	user = frappe.get_doc(
		{
			"doctype": "User",
			"email": f"{frappe.generate_hash(length=8)}@tester.test",
			"first_name": "Tester",
			"send_welcome_email": 0,
			"language": "en",
			"roles": [{"role": "Dialer Manager"}],
		}
	)
	return user.insert(ignore_permissions=True).name


@pytest.fixture
def caller(tester) -> frappe._dict:
	"""Return a user who has verified a phone, and its number."""
	user = tester()
	number = make.own_number(user, make.unlisted_phone())
	frappe.db.commit()
	return frappe._dict(name=user, number=number)
