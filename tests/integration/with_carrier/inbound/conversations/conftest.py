"""A family that writes to the school, and what the conversation with it holds."""

from collections.abc import Callable, Iterator

import frappe
import pytest

from tests.integration import factories as make


@pytest.fixture(autouse=True)
def none_left_open(nothing_left) -> Iterator[None]:
	"""Close what a test left open, so that no inbox of a later test is full of it."""
	yield
	frappe.db.rollback()
	frappe.db.sql(
		"update `tabDialer Conversation` set status = 'Closed', open_mark = null where phone in %s",
		(tuple(make.GIVEN),),
	)
	frappe.db.commit()


@pytest.fixture
def as_role(as_role: Callable[..., str]) -> Iterator[Callable[..., str]]:
	"""Yield the function of that name, and delete the users at the end, since replies are committed."""
	made: list[str] = []

	def become(*roles: str) -> str:
		made.append(as_role(*roles))
		return made[-1]

	yield become
	frappe.set_user("Administrator")
	frappe.db.rollback()
	for user in made:
		make.remove_user(user)
	frappe.db.commit()


@pytest.fixture
def number(carrier) -> str:
	phone = make.unlisted_phone()
	make.consent(phone)
	frappe.db.commit()
	return phone


@pytest.fixture
def thread_of() -> Callable[[str], list]:
	"""Return a function that reads all conversations with a number, the first one first."""
	fields = ["name", "status", "title", "belongs_to", "person", "students", "campaign", "language"]
	fields += ["messages", "unread", "waiting_since", "last_words", "phone_masked", "closed_by"]

	def read(number: str) -> list:
		return frappe.get_all("Dialer Conversation", {"phone": number}, fields, order_by="creation, name")

	return read


@pytest.fixture
def said() -> Callable[..., list[str]]:
	"""Return a function that reads the words of a number's messages: of one direction, not the automatic."""

	def read(number: str, direction: str = "Received") -> list[str]:
		of_number = {"phone": number, "direction": direction, "automatic": 0}
		return frappe.get_all(
			"Dialer Conversation Message", of_number, pluck="words", order_by="said_at, creation"
		)

	return read
