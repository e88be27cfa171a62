"""A parent reports an absence on a phone, without JavaScript, and staff find it among the reports."""

from collections.abc import Callable, Iterator

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from school_dialer.base import clock
from school_dialer.consent.choices import preference_link
from school_dialer.website import absence_page
from tests.browser.kit.preferences import LEVEL_AA, visit
from tests.integration.with_carrier.rules import School

pytestmark = pytest.mark.dates

__all__ = ["visit"]

AWAY = """() => {
	const on = (timeZone) => new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date());
	const today = frappe.datetime.get_today();
	const zone = ["Pacific/Kiritimati", "Pacific/Niue"].find((one) => on(one) !== today);
	frappe.boot.school_dialer.time_zone = zone;
	return on(zone);
}"""
"""As if the user's school were where it is another day than on the site. The two zones never share one."""
DAY_ASKED = """(day) => {
	const report = frappe.query_report;
	return report?.filters?.length && report.get_filter_value("day") === day;
}"""


@pytest.fixture
def family(school: None) -> Iterator[School]:
	"""Yield a class of one family with Ana and Luis. It is deleted at the end."""
	made = School()
	made.family("Ana", "Luis")
	made.opens()
	frappe.db.commit()
	yield made
	made.remove()
	frappe.db.delete("Dialer Absence Report", {"student": ("like", f"{made.tag}-%")})
	frappe.db.commit()


@pytest.fixture
def link(family: School) -> str:
	(phone,) = family.phones.values()
	name = preference_link.issue(phone)
	frappe.db.commit()
	return preference_link.PATH + "?" + preference_link.url(name).partition("?")[2]


def prove(page: Page) -> None:
	page.get_by_label("Birth date of one of your children").fill("2016-05-01")
	page.get_by_role("button", name="Go on").click()


def test_a_parent_reports_an_absence_without_scripts(visit, link, family: School):
	page = visit(link)
	page.get_by_role("link", name="Report an absence").tap()
	expect(page.locator("body")).not_to_contain_text("Luis")
	prove(page)
	page.get_by_label("Luis").check()
	page.get_by_label("Reason").select_option("Illness")
	page.get_by_label("More, if you like").fill("A fever since last night")
	page.get_by_role("button", name="Report", exact=True).tap()
	expect(page.get_by_role("status")).to_have_text("Thank you. Your report is with the school.")
	own = page.get_by_role("region", name="Your reports")
	expect(own).to_contain_text(f"Luis {family.tag}: Absent")
	frappe.db.rollback()
	found = frappe.db.get_value(
		"Dialer Absence Report",
		{"student": f"{family.tag}-Luis"},
		["status", "reason", "from_day"],
		as_dict=True,
	)
	assert (found.status, found.reason, found.from_day) == ("Reported", "Illness", clock.db_now().date())
	own.get_by_role("button", name="Take back").tap()
	expect(page.get_by_role("status")).to_have_text("The report is taken back.")
	expect(page.get_by_role("region", name="Your reports")).to_contain_text("There are none")


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
@pytest.mark.parametrize("width", [320, 390, 1400])
def test_it_fits_and_a_screen_reader_finds_its_way(visit, link, language: str, width: int):
	path = link.replace(preference_link.PATH, absence_page.PATH) + f"&lang={language}"
	page = visit(path, scripts=True, viewport={"width": width, "height": 844})
	for _step in ("proof", "form"):
		assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
		assert Axe().run(page, options=LEVEL_AA).response["violations"] == []
		if page.locator("#born").count():
			page.locator("#born").fill("2016-05-01")
			page.locator("main button").first.click()
			expect(page.locator("#first")).to_be_visible()


def test_staff_find_it_and_withdraw_it(staff: Callable[[str], Page], visit, link, family: School):
	page = visit(link.replace(preference_link.PATH, absence_page.PATH))
	prove(page)
	page.get_by_label("Ana").check()
	page.get_by_role("button", name="Report", exact=True).tap()
	desk = staff("agent")
	frappe.db.rollback()
	name = frappe.db.get_value("Dialer Absence Report", {"student": f"{family.tag}-Ana"})
	desk.goto(f"/app/dialer-absence-report/{name}")
	expect(desk.locator(".title-text").first).to_contain_text("Ana")
	desk.get_by_role("button", name="Withdraw").click()
	desk.get_by_role("button", name="Yes").click()
	expect(desk.locator(".indicator-pill").first).to_contain_text("Withdrawn")


def test_absences_to_check_and_a_new_report_begin_with_the_schools_day(staff: Callable[[str], Page]):
	page = staff("agent")
	page.goto("/app/dialer-absence-report")
	day = page.evaluate(AWAY)
	page.locator(".page-actions:visible").get_by_role("button", name="New Report").click()
	page.wait_for_function("(day) => cur_dialog?.get_value('first_day') === day", arg=day)
	page.evaluate("cur_dialog.hide()")
	page.locator(".page-actions:visible").get_by_role("button", name="Absences to Check").click()
	page.wait_for_function(DAY_ASKED, arg=day)
