"""The workspace and every report, as each role, on a desktop and on a phone, without console errors."""

import re
from collections.abc import Callable, Iterator

import frappe
import pytest
from playwright.sync_api import Browser, Page, expect

from dev.patience import MILLISECONDS
from dev.school import users
from dev.screenshots.browser import sign_in
from school_dialer.reporting import coverage
from school_dialer.reporting.reach import counting
from tests.browser.conftest import STAFF

CARDS = {"Campaigns Running": r"^\d", "Awaiting Approval": r"^\d", "Reached Today": r"^(\d.* % of \d.*|–)$"}
"""What each number card shows: "–" is a share of nothing."""
NOT_REACHED = "Not Reached This Term"
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
		"Student Reach",
		"Reach by Group",
	),
}
REPORTS["officer"] = REPORTS["manager"]
PARTS = tuple(REPORTS)
SIZES = ({"width": 1400, "height": 900}, {"width": 390, "height": 844})
NO_REALTIME = "socket.io"
"""The development site has no realtime server."""
CHART_TWICE = "removeChild"
"""Frappe runs a report twice when it opens, and its chart library then removes the first drawing twice."""


@pytest.fixture
def watched(
	school: None, browser: Browser, address: str
) -> Iterator[Callable[[str], tuple[Page, list[str]]]]:
	"""Yield a function that opens a page as a member of staff.

	It returns the page and a list that collects the errors that the page raises or its console shows.
	"""
	contexts = []

	def open_for(part: str) -> tuple[Page, list[str]]:
		context, errors = browser.new_context(base_url=address), []
		contexts.append(context)
		sign_in(context, STAFF[part], users.DEMO_PASSWORD)
		page = context.new_page()
		page.set_default_timeout(MILLISECONDS)

		def note(text: str) -> None:
			if NO_REALTIME not in text and CHART_TWICE not in text:
				errors.append(text)

		page.on("pageerror", lambda error: note(str(error)))
		page.on(
			"console",
			lambda message: (
				note(message.text + message.location.get("url", "")) if message.type == "error" else None
			),
		)
		return page, errors

	yield open_for
	for context in contexts:
		context.close()


@pytest.fixture
def counted(school: None) -> None:
	coverage.daily()
	counting.nightly()
	frappe.db.commit()


def resize(page: Page, size: dict) -> None:
	"""Resize the window on a blank page, since charts that were drawn twice fail when resized."""
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
		for card, shown in CARDS.items():
			box = page.locator(".number-widget-box", has_text=card)
			expect(box.locator(".number")).to_have_text(re.compile(shown))
		expect(page.locator(".dashboard-widget-box", has_text="Outcome by Campaign")).to_be_visible()
		settled(page)
		seen = page.locator(".number-widget-box", has_text="Consent Coverage").count()
		assert bool(seen) == (part != "agent")
		card = page.locator(".number-widget-box", has_text=NOT_REACHED)
		if part in ("manager", "officer"):
			expect(card.locator(".number")).to_have_text(re.compile(r"^\d.* of \d"))
		else:
			expect(card).to_have_count(0)
	assert not errors


@pytest.mark.parametrize("part", PARTS)
def test_each_report_opens(watched, counted: None, part: str):
	page, errors = watched(part)
	for size in SIZES:
		resize(page, size)
		for name in REPORTS[part]:
			page.goto(f"/app/query-report/{name}")
			expect(page.locator(".datatable").or_(page.get_by_text("Nothing to show")).first).to_be_visible()
			settled(page)
			expect(page.locator(".page-title:visible", has_text=name).first).to_be_visible()
	assert not errors
