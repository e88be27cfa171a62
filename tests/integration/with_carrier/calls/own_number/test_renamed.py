"""A user who gets another e-mail address keeps the number that they verified."""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe
import pytest

from school_dialer.calls.own_number import record
from tests.integration import factories as make


@pytest.fixture
def verified(tester) -> tuple[str, str]:
	"""Return a user and their number."""
	user = tester()
	return user, make.own_number(user, make.unlisted_phone())


@contextmanager
def renamed(user: str) -> Iterator[str]:
	"""Give the user another name for a while, since tests share the users."""
	later = f"new.{user}"
	frappe.rename_doc("User", user, later, force=True)
	try:
		yield later
	finally:
		frappe.rename_doc("User", later, user, force=True)
		frappe.db.commit()


def test_the_number_stays_verified(carrier, verified):
	user, number = verified
	assert record.verified(user).phone == number
	with renamed(user) as later:
		assert record.verified(later).phone == number and record.verified(user) is None


def test_a_number_that_was_written_past_the_app_does_not_become_verified(carrier, verified):
	user, _number = verified
	frappe.db.set_value("Dialer Own Number", {"user": user}, "phone", make.unlisted_phone())
	with renamed(user) as later:
		assert record.verified(later) is None
