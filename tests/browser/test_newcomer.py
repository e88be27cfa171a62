"""The first walk of a newcomer: blank settings, no carrier account, no terminal, and no phone that rings."""

from collections.abc import Callable, Iterator

import frappe
import pytest
from frappe.utils.password import update_password
from playwright.sync_api import Locator, Page, Route, expect

from dev.demo import stage
from dev.patience import eventually
from dev.site.layout import current
from tests.browser.conftest import GROUP, TITLE, age_earlier_calls, mark_tours
from tests.browser.kit.clicks import clicks_of, count_clicks
from tests.browser.kit.forms import (
	OFFERED,
	button,
	dialog,
	field,
	press_in_dialog,
	save,
	wait_for_answers,
)

pytestmark = pytest.mark.usefixtures("no_tours")

SETTINGS = "Dialer Settings"
ROLES = ("System Manager", "Dialer Manager", "Dialer Compliance Officer", "Academics User")
SCHOOL = "Riverside School District"
OFFICE = "+1 312 555 0147"
WORDS = "Bring a board to the open hour on Thursday."
MOST_TO_READY = 5
"""The tile, the tab, a row for the number, its first cell, and Save."""
MOST_TO_RESULTS = MOST_TO_READY + 6
"""The tile, the topic, the kind of audience, which one, Review, and Start."""


@pytest.fixture
def blank(school: None) -> Iterator[None]:
	"""Take all that was entered from Dialer Settings, and the test carrier from the site."""
	frappe.db.rollback()
	age_earlier_calls()
	before = {table: rows(table, where) for table, where in kept().items()}
	clear()
	with stage.site_config(current(), {stage.CARRIER_KEY: ""}):
		yield
	frappe.db.rollback()
	clear()
	for table, found in before.items():
		for row in found:
			into = ", ".join(f"`{column}`" for column in row)
			places = ", ".join(["%s"] * len(row))
			frappe.db.sql(f"insert into `{table}` ({into}) values ({places})", tuple(row.values()))
	forget()


def kept() -> dict[str, str]:
	"""Return the tables that hold the settings, each with the column that names them."""
	rows_of = {one.options for one in frappe.get_meta(SETTINGS).get_table_fields()}
	return {
		"tabSingles": "doctype",
		"__Auth": "doctype",
		**{f"tab{one}": "parent" for one in sorted(rows_of)},
	}


def rows(table: str, where: str) -> list[dict]:
	return frappe.db.sql(f"select * from `{table}` where `{where}` = %s", SETTINGS, as_dict=True)


def clear() -> None:
	for table, where in kept().items():
		frappe.db.sql(f"delete from `{table}` where `{where}` = %s", SETTINGS)
	forget()


def forget() -> None:
	frappe.db.commit()
	frappe.clear_document_cache(SETTINGS, SETTINGS)


@pytest.fixture
def newcomer(blank: None) -> Iterator[tuple[str, str]]:
	"""Yield one who administers the site and its dialer, as `(user name, password)`."""
	email, password = "newcomer@browser.test", frappe.generate_hash(length=24)
	if frappe.db.exists("User", email):
		frappe.delete_doc("User", email, force=True)
	user = frappe.new_doc("User")
	user.update({"email": email, "first_name": "Newcomer", "send_welcome_email": 0})
	user.update({"roles": [{"role": role} for role in ROLES if frappe.db.exists("Role", role)]})
	user.insert()
	update_password(email, password)
	mark_tours(email)
	frappe.db.commit()
	yield email, password
	frappe.db.rollback()
	for name in frappe.get_all("Dialer Campaign", {"owner": email}, pluck="name", order_by="name"):
		frappe.db.set_value("Dialer Campaign", name, {"status": "Cancelled", "title": f"{TITLE} {name}"})
	frappe.delete_doc("User", email, force=True)
	frappe.db.commit()


def state_of(page: Page, title: str) -> Locator:
	return page.locator(".dialer-ready li").filter(has_text=title).first


def said(page: Page) -> Locator:
	"""Return what a save says about calls, on whichever tab."""
	return page.locator(".desk-alert", has_text="Calls: ")


def fill_in(page: Page) -> None:
	"""Enter what calls need while no phone rings. The number is entered in the row that Frappe adds."""
	field(page, "school_name", "input").fill(SCHOOL)
	field(page, "caller_identity", "input").fill(SCHOOL)
	field(page, "call_back_number", "input").fill(OFFICE)
	page.locator(".form-tabs .nav-link:visible", has_text="Carrier and Numbers").click()
	numbers = page.locator("[data-fieldname=sending_numbers]:visible").first
	numbers.get_by_role("button", name="Add Row").click()
	cell = numbers.locator(".grid-body [data-fieldname=phone_number]").last
	cell.click()
	cell.locator("input").fill(OFFICE)
	cell.locator("input").press("Tab")
	expect(cell.locator("input")).to_have_value(OFFICE)


def test_a_first_campaign_without_a_terminal(
	newcomer: tuple[str, str], open_page: Callable[[tuple[str, str]], Page], worker: None
):
	page = open_page(newcomer)
	count_clicks(page)
	page.goto("/app/school-dialer")
	page.locator(".shortcut-widget-box", has_text="Settings").first.click()
	expect(state_of(page, "Calls")).to_contain_text("not yet")
	fill_in(page)
	save(page)
	expect(said(page)).to_contain_text("Calls: ready.")
	assert clicks_of(page) <= MOST_TO_READY
	page.goto("/app/school-dialer")
	page.locator(".shortcut-widget-box", has_text="Tell Families").first.click()
	page.locator(".dialer-tell label", has_text="Event").first.click()
	field(page, "audience_source", "select").select_option("Guardians of a Student Group")
	field(page, "audience_name", "input").fill(GROUP)
	page.locator(OFFERED, has_text=GROUP).first.click()
	wait_for_answers(page)
	page.get_by_label("One or two sentences").fill(WORDS)
	expect(page.locator(".dialer-phone[data-language=en]")).to_contain_text(WORDS)
	page.get_by_role("button", name="Review and start").click()
	expect(dialog(page)).to_contain_text("Pretend carrier: no phone rings.")
	press_in_dialog(page, "Start")
	expect(field(page, "results_html", "[data-part=results]")).to_contain_text("Reached")
	assert clicks_of(page) <= MOST_TO_RESULTS
	frappe.db.rollback()
	(campaign,) = frappe.get_all("Dialer Campaign", {"owner": newcomer[0]}, pluck="name", order_by="name")
	logs = frappe.get_all(
		"Dialer Call Log", {"campaign": campaign}, ["status", "carrier_sid"], order_by="name"
	)
	assert "completed" in {log.status for log in logs}
	assert {log.carrier_sid[:2] for log in logs if log.carrier_sid} == {"PX"}, "only the pretend carrier"


def test_what_is_missing_is_said_where_the_form_was_saved(
	newcomer: tuple[str, str], open_page: Callable[[tuple[str, str]], Page]
):
	page = open_page(newcomer)
	page.goto("/app/dialer-settings")
	expect(state_of(page, "Calls")).to_contain_text("not yet")
	field(page, "school_name", "input").fill(SCHOOL)
	page.locator(".form-tabs .nav-link:visible", has_text="Families").click()
	save(page)
	expect(said(page)).to_contain_text("Calls: not yet. Add a number to call from")


def test_a_late_answer_does_not_hide_what_was_saved(
	newcomer: tuple[str, str], open_page: Callable[[tuple[str, str]], Page]
):
	"""The state that was asked for before the save arrives after the one that was asked for by it."""
	page, held = open_page(newcomer), []
	page.goto("/app/dialer-settings")
	expect(state_of(page, "Calls")).to_contain_text("not yet")

	def hold(route: Route) -> None:
		if held:
			route.continue_()
		else:
			held.append((route, route.fetch()))

	page.route("**/*desk.settings.readiness*", hold)
	page.evaluate("cur_frm.refresh()")
	eventually("The first question", lambda: page.evaluate("1") and held)
	fill_in(page)
	page.keyboard.press("Control+s")
	page.wait_for_function("!cur_frm.is_dirty()")
	page.locator(".form-tabs .nav-link:visible", has_text="Set Up").click()
	expect(state_of(page, "Calls")).to_contain_text("ready")
	((route, answer),) = held
	route.fulfill(response=answer)
	wait_for_answers(page)
	expect(state_of(page, "Calls")).to_contain_text("ready")


@pytest.mark.parametrize("test", ["Test connection", "Test incoming"])
def test_there_is_nothing_to_test_yet(
	newcomer: tuple[str, str], open_page: Callable[[tuple[str, str]], Page], test: str
):
	page = open_page(newcomer)
	page.goto("/app/dialer-settings")
	expect(state_of(page, "Calls")).to_contain_text("not yet")
	button(page, test).click()
	expect(page.locator(".msgprint:visible")).to_contain_text("There is no carrier account to test yet.")
	assert "school_dialer_" not in dialog(page).inner_text()
