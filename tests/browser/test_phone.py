"""The Desk on a phone: what a list is for, the state of each row, and whose form it is."""

from collections.abc import Callable, Iterator

import frappe
import pytest
from playwright.sync_api import Locator, Page, expect

from dev.screenshots import camera
from school_dialer.campaigns import actions
from tests.browser.conftest import STAFF
from tests.browser.kit.forms import button, open_campaign, open_record

pytestmark = pytest.mark.usefixtures("no_tours")

PHONE = {"width": 390, "height": 844}
LEGIBLE = 120
"""Pixels of a title, which is about two words."""
CUT = """(ones) => ones
	.filter((one) => one.scrollWidth > one.clientWidth)
	.map((one) => one.textContent.trim())"""
STATE = """(one) => getComputedStyle(one, "::after").content"""


@pytest.fixture
def emergency(draft: Callable[..., str]) -> str:
	"""Return a campaign with the longest state, which waits for a second person."""
	kind = {"emergency_type": "Weather closure", "emergency_reason": "Ice on the roads"}
	name = draft(purpose="Emergency", template="Emergency closure", **kind)
	actions.start(name)
	frappe.db.commit()
	return name


@pytest.fixture
def phone(staff: Callable[[str], Page]) -> Callable[..., Page]:
	def on_a_phone(part: str) -> Page:
		page = staff(part)
		page.set_viewport_size(PHONE)
		return page

	return on_a_phone


@pytest.fixture
def spanish() -> Iterator[None]:
	with camera.spoken(STAFF["approver"], "es"):
		yield


@pytest.fixture
def spanish_agent() -> Iterator[None]:
	with camera.spoken(STAFF["agent"], "es"):
		yield


@pytest.fixture
def review(school: None) -> Iterator[str]:
	"""Yield an open review."""
	doc = frappe.get_doc({"doctype": "Dialer Review", "status": "Open", "reason": "Unsure words"})
	doc.set_new_name()
	doc.db_insert()
	frappe.db.commit()
	yield doc.name
	frappe.db.rollback()
	frappe.db.delete("Dialer Review", {"name": doc.name})
	frappe.db.commit()


def row(page: Page, name: str) -> Locator:
	return page.locator(".list-row:visible").filter(has=page.locator(f"a[href$='/{name}']"))


def fits(page: Page) -> bool:
	return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_list_of_campaigns_says_states_and_offers_to_tell_families(
	phone: Callable[[str], Page], draft: Callable[..., str], emergency: str
):
	name, page = draft(), phone("manager")
	# Frappe opens a list as its user left it, which another test may have with a filter.
	page.goto("/app/dialer-campaign?docstatus=0")
	for one, state in ((name, "Draft"), (emergency, "Awaiting Approval")):
		dot = row(page, one).locator(".visible-xs .indicator")
		expect(dot).to_be_visible()
		assert dot.evaluate(STATE) == f'"{state}"'
	tell = page.locator(".page-container:visible").get_by_role("button", name="Tell Families", exact=True)
	expect(tell).to_be_in_viewport(ratio=1)
	assert fits(page)
	tell.click()
	expect(page.get_by_role("radio", name="Event", exact=True)).to_be_attached()


def test_a_wide_screen_has_that_button_once(staff: Callable[[str], Page]):
	page = staff("manager")
	page.goto("/app/dialer-campaign")
	tell = page.locator(".page-container:visible").get_by_role("button", name="Tell Families", exact=True)
	expect(tell).to_have_count(1)


def test_a_draft_is_checked_and_started_without_a_menu(
	phone: Callable[[str], Page], draft: Callable[..., str]
):
	page = phone("manager")
	open_campaign(page, draft())
	strip = page.locator(".dialer-strip:visible")
	for label in ("Check", "Start"):
		expect(strip.get_by_role("button", name=label)).to_be_in_viewport(ratio=1)
	for label in ("Preview audience", "Send test to me"):
		expect(button(page, label)).to_be_in_viewport(ratio=1)
	assert fits(page)


def test_what_a_form_is_opened_for_is_in_sight(phone: Callable[[str], Page], review: str):
	page = phone("agent")
	open_record(page, "dialer-review", review)
	expect(button(page, "Mark as looked at")).to_be_in_viewport(ratio=1)
	expect(page.locator(".form-layout:visible").first).to_be_in_viewport()
	assert fits(page)


def test_whose_form_it_is_can_be_read_beside_its_longest_state(
	phone: Callable[[str], Page], emergency: str, spanish: None
):
	page = phone("approver")
	open_campaign(page, emergency)
	title = page.locator(".page-head:visible .title-text")
	expect(page.locator(".page-head:visible .indicator-pill:visible")).to_have_text("En espera de aprobación")
	assert title.bounding_box()["width"] >= LEGIBLE
	assert fits(page)


def test_a_title_stays_beside_the_buttons_of_its_page(phone: Callable[[str], Page]):
	"""Frappe laid it above them, half behind the bar at the top."""
	page = phone("agent")
	page.goto("/app/dialer-calls")
	title = page.locator(".page-head:visible .title-text").bounding_box()
	action = page.locator(".page-head:visible").get_by_role("button", name="Next Family").bounding_box()
	assert title["x"] + title["width"] <= action["x"]
	assert abs(title["y"] + title["height"] / 2 - action["y"] - action["height"] / 2) < title["height"]
	assert fits(page)


@pytest.mark.parametrize(
	("path", "title"),
	[
		("/app/dialer-calls", "Familias por llamar"),
		("/app/dialer-conversation", "Conversación con una familia"),
	],
)
def test_the_title_of_a_page_is_read_whole_beside_its_buttons(
	phone: Callable[[str], Page], spanish_agent: None, path: str, title: str
):
	"""A page and a list have no state and no record by which they could be known."""
	page = phone("agent")
	page.goto(path)
	titles = page.locator(".page-head:visible .title-text")
	expect(titles).to_have_text(title)
	assert titles.evaluate_all(CUT) == []
	assert fits(page)


def test_what_the_figures_above_a_report_count_is_read_whole(
	phone: Callable[[str], Page], spanish_agent: None
):
	page = phone("agent")
	page.goto("/app/query-report/Absences to Check")
	figures = page.locator(".report-summary .summary-label")
	expect(figures.first).to_be_visible()
	assert figures.evaluate_all(CUT) == []
	assert fits(page)
