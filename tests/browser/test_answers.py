"""A poll as staff see it: the question in the preview; after the calls, the results.

The results are the counts, the people who gave an answer, and the report.
"""

from collections.abc import Callable

import frappe
from playwright.sync_api import Page, expect

from dev.carrier import server as carrier_server
from tests.browser.kit.forms import (
	button,
	close_dialog,
	dialog,
	expect_status,
	field,
	open_campaign,
	press_in_dialog,
)
from tests.integration import factories as make


def test_a_poll_is_asked_counted_and_listed(
	staff: Callable[[str], Page],
	worker: None,
	draft: Callable[..., str],
	carrier: carrier_server.Handle,
):
	numbers = [make.phone() for _ in range(3)]
	for number, choice in zip(numbers, (0, 0, 2), strict=True):
		make.consent(number)
		carrier.control("people", {number: {"behaviour": "follows", "choice": choice}})
	people = [(f"Person {index}", number) for index, number in enumerate(numbers)]
	name = draft(
		template="Event poll",
		audience_source="CSV file",
		audience_name=None,
		audience_file=make.csv_file(people),
	)
	page = staff("manager")
	open_campaign(page, name)
	button(page, "Preview audience").click()
	expect(dialog(page)).to_contain_text("Will you attend?")
	expect(dialog(page)).to_contain_text("Press 1.")
	close_dialog(page)
	button(page, "Start").click()
	press_in_dialog(page, "Start")
	expect_status(page, "Completed")
	answers = field(page, "answers_html", ".row")
	expect(answers.locator("tr", has_text="1. Yes")).to_contain_text("2")
	expect(answers.locator("tr", has_text="3. Not sure yet")).to_contain_text("1")
	expect(answers.locator("[data-part=answer-chart] svg")).to_be_visible()
	answers.get_by_role("link", name="1. Yes").click()
	expect(page.locator(".list-row-container:visible")).to_have_count(2)
	page.goto(f"/app/query-report/Campaign Answers?campaign={name}")
	expect(page.locator(".dt-row", has_text="Not sure yet").first).to_be_visible()
	assert not any(number in page.content() for number in numbers)
	frappe.db.rollback()
	assert frappe.db.count("Dialer Answer", {"campaign": name}) == 3


def test_staff_make_a_pin_that_is_shown_once(staff: Callable[[str], Page], school: None):
	guardian = frappe.get_all("Guardian", pluck="name", order_by="name", limit=1)[0]
	page = staff("agent")
	page.goto(f"/app/guardian/{guardian}")
	page.locator(".page-actions:visible").get_by_role("button", name="Calls").click()
	page.locator(".dropdown-menu:visible").get_by_text("New PIN").click()
	press_in_dialog(page, "Yes")
	expect(dialog(page)).to_contain_text("It is shown only now")
	pin = dialog(page).locator("p.h3").inner_text()
	assert len(pin) == 6 and pin.isdecimal()
	frappe.db.rollback()
	assert frappe.db.exists("Dialer PIN", {"person_doctype": "Guardian", "person": guardian})
