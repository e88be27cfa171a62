"""The PIN for calls on the preference page.

It is for the only person at a number, and is never set without the current PIN.
"""

import frappe
import pytest

from school_dialer.calls import pins
from tests.integration import factories as make


def contact(phone: str) -> str:
	doc = frappe.get_doc({"doctype": "Contact", "first_name": "Ana", "last_name": "Lima"})
	doc.append("phone_nos", {"phone": phone, "is_primary_mobile_no": 1})
	return doc.insert().name


def called(phone: str, person: str) -> None:
	values = {
		"name": frappe.generate_hash(length=16),
		"direction": "Outbound",
		"verdict": "ALLOW",
		"phone": phone,
		"person_doctype": "Contact",
		"person": person,
		"person_name": "Ana Lima",
		"placed_at": make.clock.db_now(),
	}
	frappe.db.bulk_insert("Dialer Call Log", list(values), [tuple(values.values())])


@pytest.fixture
def person(phone: str) -> str:
	name = contact(phone)
	called(phone, name)
	return name


@pytest.fixture
def given(person: str) -> str:
	"""Save a PIN for the person as the office gives it, and return the PIN."""
	pins.keep_pin("Contact", person, "Ana Lima", "2580", "office@school.example")
	return "2580"


def test_a_person_changes_a_pin_with_the_present_one(visitor, link, person, given):
	visitor.get(t=link)
	assert "PIN for calls" in visitor.text and "present_secret" in visitor.html
	visitor.post(t=link, new_secret="3691", present_secret="1472")
	visitor.follow()
	assert "That is not your present PIN." in visitor.text
	assert pins.check_pin("Contact", person, "3691") == "wrong"
	visitor.post(t=link, new_secret="3691", present_secret=given)
	visitor.follow()
	assert "Your new PIN is in effect." in visitor.text
	assert pins.check_pin("Contact", person, "3691") == "right"


@pytest.mark.parametrize("present", ["", "0", "2580", "1" * 8, "' or 1=1 --"])
def test_who_holds_a_link_to_a_shared_telephone_sets_no_first_pin(visitor, link, person, present):
	"""Check that the first PIN comes from the office only.

	A child, a brother or a barred parent may hold the phone that the link went to.
	"""
	visitor.get(t=link)
	assert "Ask the school office" in visitor.text and "new_secret" not in visitor.html
	for _time in range(2):
		visitor.post(t=link, new_secret="2580", present_secret=present)
		visitor.follow()
		assert "Your new PIN is in effect." not in visitor.text
	assert pins.refusal("Contact", person) == "no PIN"


def test_a_pin_that_was_taken_away_is_not_set_again_by_the_link(visitor, link, person, given):
	frappe.delete_doc("Dialer PIN", pins.row_of("Contact", person).name)
	visitor.post(t=link, new_secret="3691", present_secret=given)
	assert pins.refusal("Contact", person) == "no PIN"


@pytest.mark.parametrize("weak", ["", "1234", "9999", "12", "7391", "123456789", "abcd", "<b>1"])
def test_a_weak_pin_is_refused(visitor, link, person, given, weak):
	visitor.post(t=link, new_secret=weak, present_secret=given)
	visitor.follow()
	assert "That PIN cannot be used." in visitor.text
	assert pins.check_pin("Contact", person, given) == "right"


def test_no_address_and_no_page_holds_the_pin(visitor, link, person, given):
	visitor.post(t=link, new_secret="3691", present_secret=given)
	assert "3691" not in visitor.answer.headers["Location"] and "3691" not in visitor.follow().get_data(
		as_text=True
	)


@pytest.mark.parametrize("form", [{}, {"t": ""}, {"t": "x" * 43}])
def test_without_a_true_link_nothing_is_set(visitor, person, form):
	answer = visitor.post(new_secret="2580", **form)
	assert answer.status_code in (303, 403) and pins.refusal("Contact", person) == "no PIN"


def test_a_number_of_two_people_or_of_an_old_record_sets_none(visitor, link, person, phone):
	called(phone, contact(phone))
	visitor.get(t=link)
	assert "PIN for calls" not in visitor.text
	frappe.db.sql("delete from `tabContact Phone` where phone = %s", phone)
	visitor.post(t=link, new_secret="2580")
	visitor.follow()
	assert pins.refusal("Contact", person) == "no PIN"


def test_a_number_that_no_one_was_called_at_sets_none(visitor, link):
	visitor.get(t=link)
	assert "PIN for calls" not in visitor.text
