"""Numbers of the home page, reports, and campaigns: what they count, whole, and under titles that fit."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from dev.screenshots import camera
from tests.browser.conftest import STAFF
from tests.browser.kit.forms import open_campaign, wait_for_answers

pytestmark = pytest.mark.usefixtures("no_tours")

DESK = {"width": 1400, "height": 900}
UNITS = {
	"Reached Today": "people, once for each campaign",
	"Consent Coverage": "of people",
	"Not Reached This Term": "students",
	"Opt-outs This Week": "requests",
	"Blocked in 30 Days": "people, once for each campaign",
}
CUT_OFF = """() => [...document.querySelectorAll(".widget .ellipsis, .widget .number")]
	.filter((one) => one.offsetParent && one.scrollWidth > one.clientWidth)
	.map((one) => one.textContent.trim())"""
AXIS = ".y.axis text"
CHARTED = {"labels": ["Monday"], "datasets": [{"name": "Consented", "values": [1200]}]}
DRAW = """(data) => {
	const parent = document.createElement("div");
	parent.id = "drawn";
	document.body.append(parent);
	const axisOptions = { shortenYAxisNumbers: 1, numberFormatter: frappe.utils.format_chart_axis_number };
	new frappe.Chart(parent, { type: "bar", animate: 0, axisOptions, data });
}"""
"""Draws a chart as Frappe draws that of a report."""
COVERAGE = ".dashboard-widget-box:has-text('Consent over Time')"
RESULTS = "Campaign Results"
COUNTS = {"Reached": 50, "Not Reached": 20, "Unknown": 2, "Blocked": 7, "Cancelled": 5}


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_title_of_the_home_page_is_cut_off(staff: Callable[[str], Page], language: str):
	page = staff("manager")
	page.set_viewport_size(DESK)
	with camera.spoken(STAFF["manager"], language):
		camera.open_desk(page, "/app/school-dialer", STAFF["manager"], language)
		expect(page.locator(".number-widget-box .number")).to_have_count(8)
		expect(page.locator(".shortcut-widget-box .indicator-pill")).not_to_have_count(0)
		wait_for_answers(page)
		assert page.evaluate(CUT_OFF) == []


def test_a_card_says_what_it_counts(staff: Callable[[str], Page]):
	page = staff("manager")
	page.goto("/app/school-dialer")
	for card, unit in UNITS.items():
		box = page.locator(".number-widget-box", has_text=card)
		expect(box.locator(".dialer-unit")).to_have_text(unit)


def test_the_charts_of_the_home_page_count_whole_people(staff: Callable[[str], Page]):
	page = staff("manager")
	page.route("**/school_dialer.desk.figures.consent_over_time*", answered(CHARTED))
	page.goto("/app/school-dialer")
	chart = page.locator(COVERAGE)
	expect(chart.locator(AXIS).last).to_have_text("2000")
	chart.locator("svg rect.bar").first.hover()
	expect(chart.locator(".graph-svg-tip")).to_contain_text("1200")
	expect(chart.locator(".graph-svg-tip")).not_to_contain_text("1,200.00")


def test_the_charts_of_reports_count_whole_people(staff: Callable[[str], Page]):
	page = staff("manager")
	page.goto(f"/app/query-report/{RESULTS}")
	page.wait_for_function("frappe.query_report?.report_doc")
	wait_for_answers(page)
	page.evaluate(DRAW, CHARTED)
	expect(page.locator(f"#drawn {AXIS}").last).to_have_text("2000")


def test_the_figures_of_a_campaign_add_up_to_everybody(
	staff: Callable[[str], Page], in_state: Callable[[str], str]
):
	name, page = in_state("Completed"), staff("manager")

	def ended(route: Route) -> None:
		answer = route.fetch()
		found = answer.json()
		found["message"] |= {"counts": COUNTS, "total": sum(COUNTS.values()), "outcomes": {"Voicemail": 9}}
		route.fulfill(response=answer, json=found)

	page.route("**/school_dialer.desk.campaigns.progress*", ended)
	open_campaign(page, name)
	tiles = page.locator("[data-fieldname=results_html] .row").first.locator("> div")
	expect(tiles.first).to_contain_text("reached")
	shown = [text.split()[0] for text in tiles.all_inner_texts()]
	assert shown[:5] == ["50", "20", "2", "7", "5"]


def answered(message: dict) -> Callable[[Route], None]:
	return lambda route: route.fulfill(json={"message": message})
