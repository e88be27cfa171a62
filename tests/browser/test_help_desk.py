"""At the help desk: an opt-out from an issue while a campaign runs, and why a number was blocked."""

import os
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import frappe
import pytest
from playwright.sync_api import Locator, Page, expect

from dev.site import services
from school_dialer.dialing import campaign as actions
from school_dialer.dialing import plan
from tests.browser.conftest import STAFF
from tests.browser.test_campaign import open_form as open_campaign
from tests.integration import factories as make

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1400, "height": 900}


def shot(page: Page, name: str) -> None:
	if folder := os.environ.get("SHOTS"):
		for size, end in ((PHONE, "-390"), (DESK, "")):
			page.set_viewport_size(size)
			page.wait_for_timeout(400)
			page.screenshot(path=f"{folder}/{name}{end}.png")


def dialog(page: Page) -> Locator:
	return page.locator(".modal.show").last


def open_form(page: Page, path: str, name: str) -> None:
	page.goto(f"/app/{path}/{name}")
	page.wait_for_function(
		"name => window.cur_frm && cur_frm.doc.name === name && !cur_frm.loading", arg=name
	)


@pytest.fixture
def family(new_title: Callable[[], str]) -> Iterator[SimpleNamespace]:
	"""Somebody who wrote an issue, and somebody else, in a campaign that runs while no worker dials."""
	stops, stays = make.phone("312"), make.phone("312")
	make.consents([stops, stays])
	email = f"{frappe.generate_hash(length=8)}@family.example"
	guardian = frappe.get_doc(
		{"doctype": "Guardian", "guardian_name": "Rosa Diaz", "email_address": email, "mobile_number": stops}
	).insert()
	issue = frappe.get_doc(
		{"doctype": "Issue", "subject": "Too many calls", "raised_by": email, "description": "Please help"}
	).insert()
	frappe.share.add("Issue", issue.name, STAFF["agent"], read=1)
	campaign = make.campaign([stops, stays], title=new_title())
	actions.start(campaign.name)
	frappe.db.commit()
	plan.run(campaign.name)
	yield SimpleNamespace(
		stops=stops, stays=stays, issue=issue.name, campaign=campaign.name, guardian=guardian.name
	)
	frappe.db.rollback()
	frappe.delete_doc("Issue", issue.name, force=True)
	frappe.delete_doc("Guardian", guardian.name, force=True)
	frappe.db.commit()


def status_of(family: SimpleNamespace, phone: str) -> str:
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Recipient", {"campaign": family.campaign, "phone": phone}, "status")


def test_an_opt_out_from_an_issue_and_why_it_was_blocked(staff: Callable[[str], Page], family, carrier):
	page = staff("agent")
	open_form(page, "issue", family.issue)
	assert frappe.db.get_value("Dialer Campaign", family.campaign, "status") == "Running"
	page.keyboard.press("Alt+Shift+O")
	expect(dialog(page)).to_contain_text("Log Opt-out")
	expect(dialog(page).locator("[data-fieldname=known] select")).to_be_focused()
	expect(dialog(page)).to_contain_text(f"••{family.stops[-2:]}")
	assert family.stops not in page.content()
	dialog(page).locator("[data-fieldname=wording] textarea").fill("Please stop calling us.")
	shot(page, "log-opt-out")
	dialog(page).get_by_role("button", name="Stop", exact=True).click()
	expect(page.locator(".modal.show")).to_have_count(0)
	assert status_of(family, family.stops) == "Blocked"
	(process,) = services.start_worker()
	try:
		open_campaign(page, family.campaign)
		expect(page.locator(".title-area .indicator-pill:visible")).to_have_text("Completed", timeout=60_000)
	finally:
		process.stop()
	assert status_of(family, family.stays) == "Reached"
	assert not frappe.db.count("Dialer Call Log", {"phone": family.stops, "channel": "Voice"})
	why_it_was_blocked(staff("officer"), family)


def why_it_was_blocked(page: Page, family) -> None:
	"""A compliance officer opens the recipient, reads the reason, and goes on to the whole story by keyboard."""
	recipient = frappe.db.get_value("Dialer Recipient", {"campaign": family.campaign, "phone": family.stops})
	open_form(page, "dialer-recipient", recipient)
	why = page.locator(".dialer-why")
	expect(why).to_contain_text("Opted out")
	expect(why).to_contain_text("What would change it: Only the person can undo this")
	expect(why).to_contain_text("47 CFR 64.1200(a)(10)")
	shot(page, "why")
	page.get_by_role("button", name="Story of the Number").focus()
	page.keyboard.press("Enter")
	told = page.locator(".dialer-story")
	expect(told).to_contain_text("Opt Out, ")
	expect(told).to_contain_text("Please stop calling us.")
	expect(told).to_contain_text("Not called by the campaign")
	assert family.stops[2:] not in page.url and page.url.endswith(recipient)
	page.get_by_role("button", name="May it be called now?").click()
	expect(page.locator(".dialer-answer")).to_contain_text("Blocked")
	shot(page, "story")


def test_a_number_is_typed_and_posted(staff: Callable[[str], Page]):
	"""Without a story there is a sentence; what is no number is said; the number does not get into the address."""
	page, phone = staff("officer"), make.phone()
	page.goto("/app/dialer-number")
	typed = page.locator("[data-fieldname=phone] input:visible")
	expect(page.locator(".page-container:visible")).to_contain_text("Type a number")
	typed.fill(f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}")
	typed.press("Enter")
	expect(page.locator(".dialer-story")).to_contain_text("Nothing has happened to this number so far.")
	assert phone[8:] not in page.url
	shot(page, "story-empty")
	typed.fill("12")
	page.get_by_role("button", name="Show", exact=True).click()
	expect(dialog(page)).to_contain_text("not a telephone number")
