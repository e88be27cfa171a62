"""Week at a Glance: from the home page to the list behind a figure, on a phone, on paper, and empty."""

import re
from collections.abc import Callable
from datetime import timedelta

import frappe
import pytest
from playwright.sync_api import Page, Route, expect

from school_dialer.base import clock
from school_dialer.reporting.reach import counting

pytestmark = pytest.mark.usefixtures("no_tours")

METHOD = "**/school_dialer.desk.figures.week*"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1400, "height": 900}
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
FILTERED = """(since) => {
	const report = frappe.query_report;
	return report?.filters?.length && report.get_filter_value("since") === since;
}"""
CONTRAST = """() => {
	const bar = getComputedStyle(document.querySelector(".dialer-bar i")).backgroundColor;
	return [bar, getComputedStyle(document.querySelector(".frappe-card.dialer-week")).backgroundColor];
}"""
COLUMNS = """() => Object.groupBy(
	[...document.querySelectorAll(".dialer-week table")].map((one) => ({
		columns: one.querySelectorAll("thead th").length,
		bar: Math.round(one.querySelector(".dialer-bar").getBoundingClientRect().width),
	})),
	({ columns }) => columns,
)"""
"""The widths of the bars, by the number of columns of their table."""
MARKER = "<img src=x onerror=document.title='run'>"


@pytest.fixture
def counted(school: None) -> None:
	counting.nightly()
	frappe.db.commit()


def tables(page: Page):
	return page.locator(".dialer-week table")


def first_day() -> str:
	"""Return the first of the seven days that end today."""
	return (clock.db_now().date() - timedelta(days=6)).isoformat()


def test_a_manager_opens_it_from_the_home_page_and_a_figure_opens_its_list(
	staff: Callable[[str], Page], counted: None
):
	page, earliest = staff("manager"), first_day()
	page.goto("/app/school-dialer")
	page.locator(".shortcut-widget-box", has_text="Week at a Glance").click()
	expect(tables(page).first).to_contain_text("All families")
	headings = tables(page).locator("caption").all_inner_texts()
	assert {"Reached and not reached", "Cost of calls and texts"} <= set(headings)
	expect(page.locator(".dialer-week")).to_contain_text("are one family")
	figure = tables(page).first.get_by_role("link", name=re.compile("^Not reached, Families: "))
	since = re.search(r"since=([\d-]+)", figure.get_attribute("href") or "")[1]
	# A day may have ended since the page was asked for.
	assert earliest <= since <= first_day()
	figure.click()
	page.wait_for_function(FILTERED, arg=since)


def test_the_bars_are_seen_in_both_themes_and_fit_a_phone(staff: Callable[[str], Page], counted: None):
	page = staff("approver")
	page.goto("/app/dialer-week")
	for size in (DESK, PHONE):
		page.set_viewport_size(size)
		expect(tables(page).first).to_be_visible()
		assert not page.evaluate(WIDE)
		for same in page.evaluate(COLUMNS).values():
			assert len({one["bar"] for one in same}) == 1, "bars of one table are longer than another's"
	for theme in ("light", "dark"):
		page.evaluate("(theme) => document.documentElement.setAttribute('data-theme', theme)", theme)
		bar, card = page.evaluate(CONTRAST)
		assert bar != card
	expect(page.get_by_role("link", name=re.compile("^This month so far"))).to_have_count(0)


def test_it_is_printed_on_a_sheet_of_its_own(staff: Callable[[str], Page], counted: None):
	page = staff("officer")
	page.goto("/app/dialer-week")
	expect(tables(page).first).to_be_visible()
	expect(tables(page).filter(has_text="By language")).to_be_visible()
	shown = tables(page).count()
	page.evaluate("cur_page.page.week.print()")
	sheet = page.frame_locator(".dialer-week-sheet")
	expect(sheet.locator("h1")).to_have_text("Week at a Glance")
	expect(sheet.locator("table")).to_have_count(shown)
	expect(sheet.locator(".page-head, .navbar")).to_have_count(0)


def test_a_new_school_a_name_like_markup_and_a_server_that_does_not_answer(staff: Callable[[str], Page]):
	nothing = {
		"since": "2026-01-01",
		"today": "2026-01-07",
		"counted_at": "2026-01-07 01:00:00",
		"students": True,
		"school": "",
		"schools": ["Ash", MARKER],
		"alone": False,
		"too_few": False,
		"whole": None,
		"lists": [],
		"why": [],
		"opt_outs": [{"from": "2026-01-01", "to": "2026-01-07", "families": 0}] * 2,
		"costs": [{"from": "2026-01-01", "to": "2026-01-07", "cost": 0, "shown": "$ 0.00"}] * 3,
		"trend": [{"from": "2026-01-01", "to": "2026-01-07", "families": 0, "reached": 0}] * 8,
		"reports": [],
	}
	row = {"key": MARKER, "name": MARKER, "families": 3, "reached": 1, "not_reached": 2, "unreachable": 1}
	named = {
		**nothing,
		"whole": row,
		"lists": [{"by": "Program", "rows": [row]}],
		"why": [{"key": MARKER, "name": MARKER, "families": 1}],
		"reports": ["Student Reach", "Reach by Group"],
	}
	page = staff("officer")
	page.route(METHOD, lambda route: route.fulfill(json={"message": nothing}))
	page.goto("/app/dialer-week")
	expect(page.locator(".dialer-week")).to_contain_text("No family is on record yet")
	expect(page.locator(".dialer-week")).to_contain_text("No campaign called or texted a family")
	expect(page.locator("#dialer-week-school option")).to_have_text(["All schools", "Ash", MARKER])

	def look_again(answer: Callable[[Route], None]) -> None:
		page.unroute(METHOD)
		page.route(METHOD, answer)
		page.evaluate("cur_page.page.week.look()")

	look_again(lambda route: route.fulfill(json={"message": named}))
	expect(tables(page).nth(1)).to_contain_text(MARKER)
	assert page.title() != "run" and not page.locator(".dialer-week img").count()
	look_again(lambda route: route.fulfill(status=500, content_type="application/json", body="{}"))
	expect(page.get_by_role("status").filter(has_text="The figures did not come")).to_be_visible()
