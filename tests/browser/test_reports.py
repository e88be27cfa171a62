"""The workspace and every report, as each role, on a desk and on a phone, without an error in the console."""

import re
from collections.abc import Callable

import frappe
import pytest
from playwright.sync_api import Page, expect

from school_dialer.reporting import coverage

CARDS = ("Campaigns Running", "Awaiting Approval", "Reached Today")
REPORTS = {
	"agent": ("Campaign Results", "Blocked Calls by Reason", "Bad Numbers"),
	"approver": ("Campaign Results", "Blocked Calls by Reason"),
	"manager": (
		"Campaign Results",
		"Blocked Calls by Reason",
		"Bad Numbers",
		"Consent Coverage",
		"Opt-out Log and Latency",
		"Call Costs",
		"Agent Activity",
	),
}
REPORTS["officer"] = REPORTS["manager"]
PARTS = tuple(REPORTS)
SIZES = ({"width": 1400, "height": 900}, {"width": 390, "height": 844})
SLOW = 40_000
NO_REALTIME = "socket.io"
"""The development site has no server for it."""


@pytest.fixture
def watched(staff: Callable[[str], Page]) -> Callable[[str], tuple[Page, list[str]]]:
	"""A page of somebody, and the errors its console shows."""

	def open_for(part: str) -> tuple[Page, list[str]]:
		page, errors = staff(part), []

		def note(message) -> None:
			if message.type == "error" and NO_REALTIME not in message.text + message.location.get("url", ""):
				errors.append(message.text)

		page.on("console", note)
		return page, errors

	return open_for


@pytest.fixture
def counted(school: None) -> None:
	coverage.daily()
	frappe.db.commit()


def resize(page: Page, size: dict) -> None:
	"""Between pages: charts that were drawn twice do not bear it."""
	page.goto("about:blank")
	page.set_viewport_size(size)


def settled(page: Page) -> None:
	page.wait_for_load_state("networkidle")
	page.wait_for_function("!frappe.request.ajax_count")
	expect(page.locator(".msgprint-dialog.show")).to_have_count(0)


@pytest.mark.parametrize("part", PARTS)
def test_the_workspace_of_each_role(watched, counted: None, part: str):
	page, errors = watched(part)
	for size in SIZES:
		resize(page, size)
		page.goto("/app/school-dialer")
		for card in CARDS:
			box = page.locator(".number-widget-box", has_text=card)
			expect(box.locator(".number")).to_have_text(re.compile(r"\d"), timeout=SLOW)
		expect(page.locator(".dashboard-widget-box", has_text="Outcome by Campaign")).to_be_visible(
			timeout=SLOW
		)
		settled(page)
		seen = page.locator(".number-widget-box", has_text="Consent Coverage").count()
		assert bool(seen) == (part != "agent")
	assert not errors


@pytest.mark.parametrize("part", PARTS)
def test_each_report_opens(watched, counted: None, part: str):
	page, errors = watched(part)
	for size in SIZES:
		resize(page, size)
		for name in REPORTS[part]:
			page.goto(f"/app/query-report/{name}")
			expect(page.locator(".datatable").or_(page.get_by_text("Nothing to show")).first).to_be_visible(
				timeout=SLOW
			)
			settled(page)
			expect(page.locator(".page-title:visible", has_text=name).first).to_be_visible()
	assert not errors
