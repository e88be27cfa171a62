"""A person's privacy requests at the Desk.

They are: showing what is stored, erasing it, and a legal hold that stops the erasure. Retention counts before
it is enabled.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import frappe
import pytest
from playwright.sync_api import Page, expect

from school_dialer.consent.choices import preference_link
from school_dialer.consent.integrity import triggers
from tests.browser.kit.forms import opened_dialog, save
from tests.integration import factories as make

LEDGER = ("Consent Event", "Contact Consent", "Consent Head")
OFFICER = "Dialer Compliance Officer"


@pytest.fixture
def phone(people: dict) -> Iterator[str]:
	"""Yield a number with consent and a preference link, and delete what is left of both afterwards."""
	number = make.phone()
	make.consent(number)
	preference_link.issue(number)
	frappe.db.commit()
	yield number
	frappe.db.rollback()
	triggers.remove()
	for doctype in (*LEDGER, "Dialer Preference Link", "Dialer Legal Hold"):
		frappe.db.delete(doctype, {"phone": number})
	frappe.db.commit()
	triggers.create()


def open_form(page: Page, phone: str) -> None:
	name = frappe.db.get_value("Contact Consent", {"phone": phone, "channel": "Voice"})
	page.goto(f"/app/contact-consent/{name}")
	page.wait_for_function("name => window.cur_frm && cur_frm.doc.name === name", arg=name)


def press(page: Page, item: str) -> None:
	page.get_by_role("button", name="Privacy").click()
	page.locator(".dropdown-menu.show").get_by_text(item, exact=True).click()


def links(phone: str) -> int:
	frappe.db.rollback()
	return frappe.db.count("Dialer Preference Link", {"phone": phone})


def test_an_erasure_is_explained_confirmed_and_done(page_as, phone):
	page = page_as(OFFICER)
	open_form(page, phone)
	press(page, "Erase")
	dialog = opened_dialog(page)
	expect(dialog).to_contain_text("1 links to the preference page")
	expect(dialog).to_contain_text("28 USC 1658")
	dialog.get_by_role("button", name="Erase", exact=True).click()
	assert links(phone) == 1
	dialog.get_by_role("checkbox", name="I have checked who asks").check()
	dialog.get_by_role("button", name="Erase", exact=True).click()
	expect(page.locator(".modal.show .modal-title", has_text=re.compile(r"^\s*Erased\s*$"))).to_be_visible()
	assert links(phone) == 0


def test_an_export_is_a_file(page_as, phone):
	page = page_as(OFFICER)
	open_form(page, phone)
	with page.expect_download() as download:
		press(page, "Export for a computer")
	found = json.loads(Path(download.value.path()).read_text())
	assert found["about"]["numbers"] == [phone] and found["kept"]["Consent Event"]


def test_an_export_can_be_read(page_as, phone):
	"""A family gets a page with words, and what an outsider wrote stays text."""
	page = page_as(OFFICER)
	open_form(page, phone)
	with page.expect_download() as download:
		press(page, "Export what is kept")
	assert download.value.suggested_filename.endswith(".html")
	text = Path(download.value.path()).read_text()
	assert phone in text and "What the School Keeps About You" in text
	assert '<th scope="row">Channel</th>' in text and "<script" not in text


def test_a_hold_stops_it_until_it_is_released(page_as, phone):
	page = page_as(OFFICER)
	open_form(page, phone)
	press(page, "Legal hold")
	page.wait_for_function("() => window.cur_frm && cur_frm.doctype === 'Dialer Legal Hold'")
	page.locator(".form-page:visible [data-fieldname=reason] textarea").fill("Case 12 of 2026")
	save(page)
	page.wait_for_function("() => !cur_frm.is_new()")
	open_form(page, phone)
	press(page, "Erase")
	expect(page.locator(".modal.show")).to_contain_text("a legal hold is in force")
	frappe.db.rollback()
	name = frappe.db.get_value("Dialer Legal Hold", {"phone": phone})
	page.goto(f"/app/dialer-legal-hold/{name}")
	page.get_by_role("button", name="Release").click()
	dialog = opened_dialog(page)
	dialog.locator("[data-fieldname=reason] textarea").fill("The case is closed")
	dialog.get_by_role("button", name="Release").click()
	page.wait_for_function("() => cur_frm.doc.status === 'Released'")


@pytest.mark.parametrize("role", ["Dialer Agent", "Dialer Manager"])
def test_others_have_no_such_buttons(page_as, phone, role):
	page = page_as(role)
	open_form(page, phone)
	expect(page.get_by_role("button", name="Record Opt-out")).to_be_visible()
	expect(page.get_by_role("button", name="Privacy")).to_have_count(0)


def test_retention_counts_first(page_as):
	page = page_as(OFFICER)
	page.goto("/app/dialer-settings")
	counted = page.locator(".dialer-retention")
	counted.wait_for(state="attached")
	page.evaluate("cur_frm.scroll_to_field('retention_html', false)")
	expect(counted).to_contain_text("call logs would lose name and number")
	expect(counted).not_to_contain_text("undefined")
	counted.scroll_into_view_if_needed()
	page.set_viewport_size({"width": 390, "height": 844})
	counted.scroll_into_view_if_needed()


def test_the_disclosure_log_opens(page_as):
	page = page_as(OFFICER)
	page.goto("/app/query-report/Disclosure%20Log")
	expect(page.locator("[data-fieldname=student] input").first).to_be_visible()
	page.wait_for_load_state("networkidle")
