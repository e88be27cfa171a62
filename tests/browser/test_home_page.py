"""A tile of the home page opens what it counts, and the address says so."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlparse

import frappe
import pytest
from playwright.sync_api import Page, expect

from school_dialer.campaigns import actions
from tests.browser.kit.forms import wait_for_answers

pytestmark = pytest.mark.usefixtures("no_tours")

PAGE = 20
"""Rows that a list of Frappe shows at first."""
NEEDS_YOU = {
	"Paused": ("Dialer Campaign", "Paused"),
	"Conversations": ("Dialer Conversation", "Waiting"),
	"To Phone": ("Dialer Manual Call", "Waiting"),
	"Absences": ("Dialer Absence Report", "Reported"),
	"Reviews": ("Dialer Review", "Open"),
	"Rule Runs": ("Dialer Rule Run", "Needs Review"),
}
"""Cards of *Needs You*: whose records they count, and in which status. Approvals has a test of its own."""
FILTERS = """() => window.cur_list?.filter_area?.get().map((one) => [one[1], one[2], one[3]])"""


def open_tile(page: Page, label: str) -> None:
	page.goto("/app/school-dialer")
	page.locator(".shortcut-widget-box", has_text=label).first.click()


def expect_narrowed(page: Page, doctype: str, fieldname: str, value: str) -> None:
	"""Wait for the list with one condition, which its address repeats, so that a reload keeps it."""
	page.wait_for_function(f"() => window.cur_list?.doctype === '{doctype}'")
	page.wait_for_function(
		"([field, value]) => cur_list.filter_area?.get().some((one) => one[1] === field && one[3] === value)",
		arg=[fieldname, value],
	)
	page.wait_for_function("() => location.search.length > 1")
	wait_for_answers(page)
	assert page.evaluate(FILTERS) == [[fieldname, "=", value]]
	assert parse_qs(urlparse(page.url).query) == {fieldname: [value]}


def test_approvals_opens_those_that_wait_and_no_others(
	staff: Callable[[str], Page], draft: Callable[..., str]
):
	other = draft()
	kind = {"emergency_type": "Weather closure", "emergency_reason": "Ice on the roads"}
	waiting = draft(purpose="Emergency", template="Emergency closure", **kind)
	actions.start(waiting)
	frappe.db.commit()
	page = staff("approver")
	open_tile(page, "Approvals")
	expect_narrowed(page, "Dialer Campaign", "status", "Awaiting Approval")
	expect(page.locator(f".list-row:visible a[href$='/{waiting}']").first).to_be_visible()
	expect(page.locator(f".list-row:visible a[href$='/{other}']")).to_have_count(0)
	page.reload()
	expect_narrowed(page, "Dialer Campaign", "status", "Awaiting Approval")


def test_blocked_people_lists_no_one_who_was_reached(staff: Callable[[str], Page]):
	page = staff("manager")
	open_tile(page, "Blocked People")
	expect_narrowed(page, "Dialer Recipient", "status", "Blocked")


@pytest.mark.parametrize("label", NEEDS_YOU)
def test_a_card_opens_exactly_what_waits(staff: Callable[[str], Page], label: str):
	doctype, status = NEEDS_YOU[label]
	page = staff("manager")
	open_tile(page, label)
	expect_narrowed(page, doctype, "status", status)
	waiting = frappe.db.count(doctype, {"status": status})
	assert page.evaluate("cur_list.data.map(({ status }) => status)") == [status] * min(waiting, PAGE)


def test_it_fits_a_phone(staff: Callable[[str], Page]):
	"""Also the first steps of a new site, as long as they are there."""
	page = staff("manager")
	page.set_viewport_size({"width": 390, "height": 844})
	page.goto("/app/school-dialer")
	expect(page.locator(".shortcut-widget-box", has_text="Settings").first).to_be_attached()
	wait_for_answers(page)
	assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
