"""Lists and reports on a phone: a title beside its state, and filters and figures two by two."""

from collections.abc import Callable

import frappe
import pytest
from playwright.sync_api import Locator, Page, expect

from dev.screenshots import camera
from school_dialer.reporting.reach import counting
from tests.browser.conftest import STAFF

pytestmark = pytest.mark.usefixtures("no_tours")

PHONE = {"width": 390, "height": 844}
HALF = PHONE["width"] * 0.45


def test_a_long_state_leaves_room_for_the_title(staff: Callable[[str], Page], draft: Callable[..., str]):
	name = draft()
	frappe.db.set_value("Dialer Campaign", name, "status", "Awaiting Approval")
	frappe.db.commit()
	page = staff("manager")
	page.set_viewport_size(PHONE)
	with camera.spoken(STAFF["manager"], "es"):
		camera.open_desk(page, f"/app/dialer-campaign?name={name}", STAFF["manager"], "es")
		row = page.locator(".list-row-container .list-row:visible")
		title, state = row.locator(".level-left").bounding_box(), row.locator(".level-right").bounding_box()
		assert title["width"] > HALF and title["x"] + title["width"] <= state["x"] + 1
		dot = row.locator(".visible-xs .indicator")
		assert dot.evaluate("one => one.getBoundingClientRect().left") >= state["x"]


@pytest.fixture
def counted(school: None) -> None:
	counting.nightly()
	frappe.db.commit()


def test_filters_and_figures_of_a_report_stand_two_by_two(staff: Callable[[str], Page], counted: None):
	page = staff("officer")
	page.set_viewport_size(PHONE)
	page.goto("/app/query-report/Student Reach")
	for parts in (page.locator(".page-form:visible > .frappe-control"), page.locator(".summary-item")):
		expect(parts.nth(1)).to_be_visible()
		first, second = boxes(parts)
		assert first["y"] == second["y"] and first["width"] < PHONE["width"] / 2
	expect(page.locator(".dt-cell--header-1")).to_have_text("Name")


def boxes(parts: Locator) -> list[dict]:
	return [parts.nth(place).bounding_box() for place in (0, 1)]
