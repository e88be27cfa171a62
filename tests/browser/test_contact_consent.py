"""The actions on consent: an agent opts a number out, a manager records consent and imports a list."""

from collections.abc import Iterator
from datetime import timedelta

import frappe
import pytest
from playwright.sync_api import Page, expect

from school_dialer.base import clock
from school_dialer.consent.integrity import triggers
from school_dialer.lines import record
from school_dialer.lines.answer import NOT_ASKED, LineAnswer
from tests.browser.kit.forms import opened_dialog, press_in_group
from tests.integration import factories as make

LEDGER = ("Consent Event", "Contact Consent", "Consent Head")


@pytest.fixture
def phone(people: dict) -> Iterator[str]:
	"""Yield a number with consent, and delete its history afterwards.

	The ledger's triggers are dropped for the deletion.
	"""
	number = make.phone()
	make.consent(number)
	frappe.db.commit()
	yield number
	frappe.db.rollback()
	triggers.remove()
	for doctype in LEDGER:
		frappe.db.delete(doctype, {"phone": number})
	frappe.db.commit()
	triggers.create()


def row(phone: str) -> str:
	return frappe.db.get_value("Contact Consent", {"phone": phone, "channel": "Voice"})


def statuses(phone: str) -> set[str]:
	frappe.db.rollback()
	return set(frappe.get_all("Contact Consent", {"phone": phone}, pluck="status"))


def open_form(page: Page, name: str) -> None:
	page.goto(f"/app/contact-consent/{name}")
	page.wait_for_function("name => window.cur_frm && cur_frm.doc.name === name", arg=name)


def test_an_agent_stops_the_calls_to_a_number(page_as, phone):
	page = page_as("Dialer Agent")
	open_form(page, row(phone))
	assert phone not in page.content()
	page.get_by_role("button", name="Record Opt-out").click()
	dialog = opened_dialog(page)
	dialog.locator("[data-fieldname=wording] textarea").fill("Please stop calling us.")
	dialog.get_by_role("button", name="Stop:").click()
	expect(dialog).to_be_hidden()
	page.wait_for_function("() => cur_frm.doc.status === 'Opted Out'")
	page.wait_for_load_state("networkidle")
	assert statuses(phone) == {"Opted Out"}
	expect(page.get_by_role("button", name="Record Consent")).to_have_count(0)


def test_an_agent_types_the_number_that_a_caller_tells(page_as, phone):
	page = page_as("Dialer Agent")
	page.goto("/app/contact-consent")
	page.get_by_role("button", name="Record Opt-out").click()
	dialog = opened_dialog(page)
	dialog.locator("[data-fieldname=phone] input").fill(f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}")
	dialog.get_by_role("button", name="Stop", exact=True).click()
	expect(dialog).to_be_hidden()
	page.wait_for_load_state("networkidle")
	assert statuses(phone) == {"Opted Out"}


def test_an_opt_out_by_keyboard(page_as, phone):
	page = page_as("Dialer Agent")
	open_form(page, row(phone))
	opener = page.get_by_role("button", name="Record Opt-out")
	opener.focus()
	page.keyboard.press("Enter")
	opened_dialog(page).locator("[data-fieldname=wording] textarea").fill("Please stop.")
	page.keyboard.press("Escape")
	expect(page.locator(".modal.show")).to_have_count(0)
	expect(opener).to_be_focused()
	page.keyboard.press("Enter")
	words = opened_dialog(page).locator("[data-fieldname=wording] textarea")
	words.fill("Please stop calling us.")
	words.press("Control+Enter")
	expect(page.locator(".modal.show")).to_have_count(0)
	page.wait_for_function("() => cur_frm.doc.status === 'Opted Out'")
	assert statuses(phone) == {"Opted Out"}


@pytest.mark.dates
def test_a_manager_is_told_when_an_opt_out_stands(page_as, phone):
	page = page_as("Dialer Manager")
	open_form(page, row(phone))
	page.get_by_role("button", name="Wrong Number").click()
	dialog = opened_dialog(page)
	dialog.locator("[data-fieldname=note] textarea").fill("A stranger answered.")
	dialog.get_by_role("button", name="End all consent").click()
	expect(dialog).to_be_hidden()
	page.wait_for_function("() => cur_frm.doc.status === 'Opted Out'")
	page.get_by_role("button", name="Record Consent").click()
	dialog = opened_dialog(page)
	dialog.locator("[data-fieldname=wording] textarea").fill("Yes, call me.")
	dialog.get_by_role("button", name="Record", exact=True).click()
	expect(page.locator(".msgprint")).to_contain_text("opted out")
	assert statuses(phone) == {"Opted Out"}


def test_verify_says_what_renews_a_stale_consent_and_the_line_stands_above(page_as, phone):
	frappe.db.sql(
		"update `tabContact Consent` set granted_at = %s, last_verified_at = null where phone = %s",
		(clock.db_now() - timedelta(days=800), phone),
	)
	answer = LineAnswer(NOT_ASKED, "landline")
	record.write([record.Asked(phone, None, ("line_type_intelligence",), "twilio", answer, 0, clock.now())])
	frappe.db.commit()
	page = page_as("Dialer Agent")
	try:
		open_form(page, row(phone))
		expect(page.locator("[data-part=line]")).to_contain_text("No texts")
		expect(page.locator("[data-part=line]")).to_contain_text("Line: landline")
		page.get_by_role("button", name="Verify").click()
		dialog = opened_dialog(page)
		expect(dialog).to_contain_text("renewed by the person only")
		dialog.locator("[data-fieldname=note] textarea").fill("Asked the aunt.")
		dialog.get_by_role("button", name="Verified", exact=True).click()
		expect(page.locator(".msgprint")).to_contain_text("Record Consent")
		page.wait_for_function("() => cur_frm.doc.unconfirmed_days >= 799")
	finally:
		frappe.db.rollback()
		frappe.db.delete(record.DOCTYPE, {"phone": phone})
		frappe.db.commit()


def test_consent_at_enrolment_shows_counts_first(page_as, phone):
	page = page_as("Dialer Manager")
	page.goto("/app/contact-consent")
	press_in_group(page, "Consent", "Consent at Enrollment")
	dialog = opened_dialog(page)
	dialog.locator("[data-fieldname=audience_source] select").select_option("All contacts")
	page.wait_for_function("() => window.cur_dialog")
	page.evaluate("() => cur_dialog.set_value('given_at', '2026-01-05 09:00:00')")
	dialog.locator("[data-fieldname=wording] textarea").fill("Form 7: you may call this number.")
	dialog.get_by_role("button", name="Count").click()
	expect(dialog.locator("[data-fieldname=result]")).to_contain_text("To Record")
	expect(dialog.get_by_role("button", name="Record")).to_be_visible()


def test_the_list_keeps_what_an_agent_needs_in_sight(page_as):
	page = page_as("Dialer Agent")
	page.goto("/app/contact-consent")
	expect(page.get_by_role("button", name="Record Opt-out")).to_be_visible()
	expect(page.locator(".page-actions:visible .inner-group-button[data-label=Consent]")).to_have_count(0)


def test_no_one_gets_a_save_or_delete_button(page_as, phone):
	page = page_as("System Manager")
	name = frappe.db.get_value("Consent Event", {"phone": phone})
	page.goto(f"/app/consent-event/{name}")
	page.wait_for_function("name => window.cur_frm && cur_frm.doc.name === name", arg=name)
	assert page.evaluate("() => [cur_frm.perm[0].write, cur_frm.perm[0].delete, cur_frm.perm[0].create]") == [
		0,
		0,
		0,
	]
	expect(page.locator(".primary-action:visible")).to_have_count(0)
