"""Families that no call reached, and members of staff with a phone of their own."""

from collections.abc import Callable, Iterator

import frappe
import pytest

from school_dialer.campaigns.planning import planner
from school_dialer.manual_calls import claiming, listing
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.households import set_settings
from tests.integration.with_carrier.running import dial, prepare

FIELDS = [*claiming.READ]


@pytest.fixture(autouse=True)
def empty_list(nothing_left) -> Iterator[None]:
	"""Take every family off the list, before and after each test."""
	for _time in range(2):
		frappe.db.rollback()
		frappe.db.sql("update `tabDialer Manual Call` set status = 'Done', claimed_by = null")
		frappe.db.commit()
		if not _time:
			yield


@pytest.fixture(autouse=True)
def purposes(empty_list) -> Iterator[None]:
	before = frappe.db.get_singles_dict("Dialer Settings")
	set_settings({"phone_emergency": 1, "phone_attendance": 1, "phone_event": 1})
	yield
	set_settings({one: before.get(one) for one in ("phone_emergency", "phone_attendance", "phone_event")})


@pytest.fixture
def clerk(school) -> Iterator[Callable[..., str]]:
	"""Yield a function that makes a user with a verified phone of their own, and deletes them at the end."""
	made: list[str] = []

	def new(*roles: str, phone: bool = True) -> str:
		user = frappe.get_doc(
			{
				"doctype": "User",
				"email": f"{frappe.generate_hash(length=10)}@school.example",
				"first_name": "Clerk",
				"send_welcome_email": 0,
				"roles": [{"role": role} for role in roles or ("Dialer Agent",)],
			}
		).insert(ignore_permissions=True)
		made.append(user.name)
		if phone:
			make.own_number(user.name, make.unlisted_phone())
		frappe.db.commit()
		return user.name

	yield new
	frappe.set_user("Administrator")
	frappe.db.rollback()
	for user in made:
		make.remove_user(user)
	frappe.db.commit()


@pytest.fixture
def unreached(carrier, answering) -> Callable[..., tuple]:
	"""Return a function that runs a campaign that reached no one, and returns it with its list by number."""

	def run(count: int = 1, purpose: str = "Event", **values) -> tuple:
		numbers = [make.unlisted_phone() for _ in range(count)]
		for number in numbers:
			make.consent(number)
			answering(number, "no answer")
		if purpose == "Emergency":
			doc = emergencies.approved(numbers, **values)
			frappe.db.commit()
			planner.run(doc.name)
		else:
			doc = make.campaign(numbers, purpose=purpose, **values)
			prepare(doc)
		dial(carrier, emergency=purpose == "Emergency")
		listing.fill_soon(doc.name)
		frappe.db.commit()
		return doc, listed(doc)

	return run


def listed(doc) -> dict[str, frappe._dict]:
	rows = frappe.get_all(listing.DOCTYPE, {"campaign": doc.name}, [*FIELDS, "why"], order_by="name")
	return {row.phone: row for row in rows}


@pytest.fixture
def of_list() -> Callable:
	"""Return the function that reads a campaign's part of the list, by number."""

	def read(doc):
		frappe.db.rollback()
		return listed(doc)

	return read
