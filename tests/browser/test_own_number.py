"""A user verifies a phone of their own before the first test call.

It is done by keyboard, in English and Spanish, on a wide and a narrow screen.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import frappe
import pytest
from playwright.sync_api import Page, expect

from dev.carrier.server import Handle
from school_dialer.calls.own_number import code, record
from tests.browser.conftest import STAFF
from tests.browser.kit.forms import button, dialog, open_campaign, opened_dialog
from tests.integration import factories as make

MANAGER = STAFF["manager"]
WIDE, NARROW = {"width": 1400, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def unverified(school: None) -> Iterator[None]:
	forget()
	yield
	frappe.db.rollback()
	forget()


def forget() -> None:
	make.forget_own_number(MANAGER)
	frappe.db.commit()


@pytest.fixture
def text(draft: Callable[..., str]) -> str:
	return draft(channel="Text")


def asked_code() -> str:
	frappe.db.rollback()
	return code.code_of(record.latest_row(MANAGER, ["verified_at", "is", "not set"]))


def shoot(page: Page, name: str) -> None:
	"""Save a screenshot for a person to look at, if SHOTS names a folder."""
	if folder := os.environ.get("SHOTS"):
		page.screenshot(path=Path(folder) / f"own-number-{name}.png", animations="disabled")


def test_a_number_is_verified_by_keyboard_and_the_test_goes_there(
	staff: Callable[[str], Page], carrier: Handle, unverified: None, text: str
):
	page, number = staff("manager"), make.unlisted_phone()
	page.set_viewport_size(WIDE)
	open_campaign(page, text)
	button(page, "Send test to me").click()
	opened_dialog(page)
	expect(dialog(page)).to_contain_text("Tests go to a telephone of your own")
	expect(dialog(page).get_by_label("Your telephone number")).to_be_focused()
	shoot(page, "number-1400")
	page.keyboard.type(number)
	page.keyboard.press("Enter")
	expect(dialog(page).get_by_role("status")).to_contain_text("A code is on its way")
	expect(dialog(page).get_by_role("status")).not_to_contain_text(number)
	expect(dialog(page).get_by_role("button", name=re.compile("Send another code in"))).to_be_disabled()
	expect(dialog(page).get_by_label("Code of 6 digits")).to_be_focused()
	shoot(page, "code-1400")
	right = asked_code()
	page.keyboard.type(f"{(int(right) + 1) % 1_000_000:06d}")
	page.keyboard.press("Enter")
	expect(dialog(page).get_by_role("status")).to_contain_text("does not fit")
	expect(dialog(page).get_by_label("Code of 6 digits")).to_be_focused()
	page.keyboard.type(right)
	page.keyboard.press("Enter")
	expect(page.locator(".desk-alert")).to_contain_text("Your test is on its way")
	# An account without redaction refuses its first text, which is then sent once more.
	sent = [entry for entry in carrier.log("message") if entry["to"] == number and not entry["code"]]
	assert len(sent) == 2 and right in sent[0]["params"]["Body"]


def test_a_familys_number_is_refused_without_its_name(
	staff: Callable[[str], Page], carrier: Handle, unverified: None, text: str
):
	page, number = staff("manager"), make.unlisted_phone()
	contact = frappe.get_doc(
		{
			"doctype": "Contact",
			"first_name": "Rosalind",
			"phone_nos": [{"phone": number, "is_primary_mobile_no": 1}],
		}
	).insert()
	frappe.db.commit()
	page.set_viewport_size(NARROW)
	open_campaign(page, text)
	press_on_phone(page, "Send test to me")
	opened_dialog(page)
	dialog(page).get_by_label("Your telephone number").fill(number)
	page.keyboard.press("Enter")
	expect(dialog(page).get_by_role("status")).to_contain_text("can't be used for tests")
	expect(dialog(page)).not_to_contain_text("Rosalind")
	shoot(page, "refused-390")
	assert not [entry for entry in carrier.log("message") if entry["to"] == number]
	contact.delete()
	frappe.db.commit()


def press_on_phone(page: Page, label: str) -> None:
	page.evaluate("label => cur_frm.custom_buttons[label].trigger('click')", label)


def test_in_spanish(staff: Callable[[str], Page], carrier: Handle, unverified: None, text: str):
	frappe.db.set_value("User", MANAGER, "language", "es")
	frappe.db.commit()
	frappe.clear_cache(user=MANAGER)
	try:
		page = staff("manager")
		page.set_viewport_size(NARROW)
		open_campaign(page, text)
		press_on_phone(page, "Enviarme una prueba")
		opened_dialog(page)
		expect(dialog(page)).to_contain_text("Verifique su propio teléfono")
		dialog(page).get_by_label("Su número de teléfono").fill(make.unlisted_phone())
		page.keyboard.press("Enter")
		expect(dialog(page).get_by_role("status")).to_contain_text("Un código va en camino")
		shoot(page, "code-390-es")
	finally:
		frappe.db.rollback()
		frappe.db.set_value("User", MANAGER, "language", "en")
		frappe.db.commit()
		frappe.clear_cache(user=MANAGER)
