"""Dialer Settings as an administrator sees them: the checklist before Live mode, tests and openings."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

import frappe
import pytest
from playwright.sync_api import Page, expect

from dev.demo import stage
from dev.patience import eventually
from dev.site.layout import current
from school_dialer.compliance import policies
from tests.browser.kit.clicks import clicks_of, count_clicks

PHONE = {"width": 390, "height": 844}
ASKED = "these tests ask your own carrier account"
TESTED = ("account_tested_at", "webhooks_tested_at", "incoming_tested_at")


@pytest.fixture
def untested(school: None) -> Iterator[None]:
	frappe.db.rollback()
	forget()
	yield
	forget()


def forget() -> None:
	frappe.db.set_single_value("Dialer Settings", dict.fromkeys(TESTED))
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def open_settings(page: Page) -> None:
	page.goto("/app/dialer-settings")
	page.locator(".dialer-before-live").wait_for()
	page.locator(".dialer-openings").wait_for()


def line(page: Page, title: str):
	return page.locator(".dialer-before-live li").filter(has_text=title)


def close_message(page: Page, words: str) -> None:
	expect(page.locator(".msgprint:visible")).to_contain_text(words)
	shown = page.locator(".modal.show")
	# A dialog that is still sliding in ignores keys.
	eventually("The end of the message", lambda: not shown.count() or page.keyboard.press("Escape"))


def test_the_checklist_is_worked_off_by_keyboard(untested: None, staff: Callable[[str], Page]):
	page = staff("officer")
	open_settings(page)
	line(page, "Connection tested").get_by_role("button").focus()
	page.keyboard.press("Enter")
	close_message(page, "The carrier knows this account")
	expect(line(page, "Connection tested").get_by_role("button")).to_have_count(0)
	expect(line(page, "Connection tested")).to_contain_text("Done")
	address = line(page, "Public address").get_by_role("button", name="Enter: Public address")
	expect(address).to_be_focused()
	page.keyboard.press("Tab")
	expect(line(page, "Webhooks tested").get_by_role("button")).to_be_focused()
	page.keyboard.press("Enter")
	close_message(page, "The carrier can reach this site")
	expect(line(page, "Webhooks tested")).to_contain_text("Done")
	address.click()
	expect(page.locator("[data-fieldname=public_url] input:visible")).to_be_in_viewport()


def test_a_first_day_is_three_clicks(untested: None, no_tours: None, staff: Callable[[str], Page]):
	"""From the home page to a carrier that knows the account and reaches the site."""
	page = staff("officer")
	count_clicks(page)
	page.goto("/app/school-dialer")
	page.locator(".shortcut-widget-box", has_text="Settings").first.click()
	page.locator(".dialer-openings").wait_for()
	line(page, "Connection tested").get_by_role("button").click()
	close_message(page, "The carrier knows this account")
	expect(line(page, "Connection tested")).to_contain_text("Done")
	line(page, "Webhooks tested").get_by_role("button").click()
	close_message(page, "The carrier can reach this site")
	expect(line(page, "Webhooks tested")).to_contain_text("Done")
	assert clicks_of(page) == 3


def test_live_is_refused_with_everything_that_is_open(untested: None, staff: Callable[[str], Page]):
	frappe.db.sql("update `tabDialer Call Log` set ended_at = now() where ended_at is null")
	frappe.db.commit()
	page = staff("officer")
	open_settings(page)
	page.evaluate("cur_frm.set_value('mode', 'Live')")
	page.keyboard.press("Control+s")
	message = page.locator(".msgprint:visible")
	expect(message).to_contain_text("clock")
	said = [line for line in message.inner_text().splitlines() if line.strip()]
	assert len(said) == len(set(said)), "each error is said once"
	frappe.db.rollback()
	assert frappe.db.get_single_value("Dialer Settings", "mode") == "Simulated"


def test_what_is_said_first_is_read_and_heard(untested: None, staff: Callable[[str], Page]):
	page = staff("officer")
	page.add_init_script(
		"window.said = []; Object.defineProperty(window, 'speechSynthesis', "
		"{ value: { cancel() {}, speak(words) { window.said.push([words.lang, words.text]); } } });"
	)
	open_settings(page)
	spanish = page.locator(".dialer-openings tr").filter(has_text="oprima")
	expect(page.locator(".dialer-openings td[dir=rtl]").first).to_be_visible()
	spanish.get_by_role("button", name="Listen").click()
	assert [language for language, _text in page.evaluate("window.said")] == ["es", "es"]


def test_it_is_said_that_the_own_account_is_asked(untested: None, staff: Callable[[str], Page]):
	"""In Simulated mode without a test carrier. The answer is made up here, so that no carrier is asked."""
	page = staff("officer")
	page.route("**/*settings.test_incoming", lambda route: route.fulfill(json={"message": []}))
	with stage.site_config(current(), {stage.CARRIER_KEY: ""}):
		open_settings(page)
		expect(page.locator(".dialer-ready")).to_contain_text(ASKED)
		page.get_by_role("button", name="Test incoming").click()
		message = page.locator(".msgprint:visible")
		expect(message).to_contain_text("come to this site")
		expect(message).to_contain_text(ASKED)


def test_a_manager_reads_and_changes_nothing(untested: None, staff: Callable[[str], Page]):
	page = staff("manager")
	open_settings(page)
	expect(page.locator(".dialer-before-live button")).to_have_count(0)
	expect(page.get_by_role("button", name="Test connection")).to_have_count(0)


def test_it_fits_a_phone(untested: None, staff: Callable[[str], Page]):
	page = staff("officer")
	page.set_viewport_size(PHONE)
	open_settings(page)
	assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_to_paste_into_the_carriers_form(untested: None, staff: Callable[[str], Page]):
	page = staff("officer")
	open_settings(page)
	line(page, "Registration for texts").get_by_role("button").click()
	section = page.locator("[data-fieldname=registration_html]")
	expect(section).to_contain_text("Message and data rates may apply")
	copy = section.get_by_role("button", name="Copy: Answer to HELP")
	expect(copy).to_be_visible()
	copy.click()
	expect(page.locator(".desk-alert")).to_contain_text("Copied")


def test_settings_stand_under_their_task(untested: None, staff: Callable[[str], Page]):
	"""A page of all 170 fields was twenty screens long on a phone. What a line leads to opens its tab."""
	page = staff("officer")
	page.set_viewport_size(PHONE)
	open_settings(page)
	tabs = page.locator(".form-tabs .nav-link:visible")
	assert "Carrier and Numbers" in [one.strip() for one in tabs.all_inner_texts()]
	expect(page.locator(".frappe-control[data-fieldname=sending_numbers]").first).to_be_hidden()
	tabs.filter(has_text="Carrier and Numbers").click()
	expect(page.locator(".frappe-control[data-fieldname=sending_numbers]").first).to_be_visible()
	words = page.locator(".dialer-fallback pre")
	expect(words).to_be_hidden()
	page.locator(".dialer-fallback summary").press("Enter")
	expect(words).to_be_visible()


def test_a_number_without_an_attestation_says_so(untested: None, staff: Callable[[str], Page]):
	page = staff("officer")
	open_settings(page)
	row = page.locator("[data-fieldname=sending_numbers] .grid-body [data-fieldname=attestation]").first
	expect(row).to_contain_text("Not reported")


def test_a_policy_says_what_is_a_draft_and_what_its_rules_rest_on(staff: Callable[[str], Page]):
	page = staff("officer")
	policy = policies.load("US")
	page.goto(f"/app/dialer-policy/{quote(f'{policy.name} {policy.version}')}")
	summary = page.locator("[data-fieldname=summary_html]")
	draft = summary.locator("li").filter(has_text="PA: No calls or texts on Sundays")
	expect(draft).to_contain_text("A draft, not in force. It may come into force on")
	expect(draft).to_contain_text("Rests on a statute")
	expect(summary.locator("li").filter(has_text="Pennsylvania Senate Bill")).to_have_count(1)
	expect(summary.locator("li").filter(has_text="landlines called without consent")).to_contain_text(
		"Rests on a rule"
	)
