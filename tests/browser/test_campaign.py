"""A campaign as staff see it: built, checked, started, watched, approved, and refused with a reason."""

import re
from collections import Counter
from collections.abc import Callable

import frappe
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.integration import factories as make

GROUP = "Chess Club"
DONE = 60_000


@pytest.fixture
def draft(new_title: Callable[[], str]) -> Callable[..., str]:
	"""Makes saved drafts to the guardians of a class, and returns their names."""

	def make_one(**values) -> str:
		doc = {
			"doctype": "Dialer Campaign",
			"title": new_title(),
			"purpose": "Event",
			"channel": "Voice",
			"template": "Event reminder",
			"audience_source": "Guardians of a Student Group",
			"audience_name": GROUP,
			"details": "The chess evening is on Thursday at six.",
			**values,
		}
		name = frappe.get_doc(doc).insert().name
		frappe.db.commit()
		return name

	return make_one


def open_form(page: Page, name: str) -> None:
	page.goto(f"/app/dialer-campaign/{name}")
	page.wait_for_function("name => cur_frm && cur_frm.doc.name === name && !cur_frm.loading", arg=name)


def button(page: Page, label: str) -> Locator:
	return page.locator(".page-actions:visible").get_by_role("button", name=label, exact=True)


def control(page: Page, label: str) -> Locator:
	"""Pause, Resume and Cancel, in the strip above the form."""
	return page.locator(".dialer-strip:visible").get_by_role("button", name=label, exact=True)


def dialog(page: Page) -> Locator:
	return page.locator(".modal.show").last


def press_in_dialog(page: Page, label: str) -> None:
	dialog(page).get_by_role("button", name=label, exact=True).click()


def close_dialog(page: Page) -> None:
	count = page.locator(".modal.show").count()
	dialog(page).locator(".btn-modal-close").click()
	expect(page.locator(".modal.show")).to_have_count(count - 1)


def rehearse(page: Page) -> None:
	button(page, "Rehearse").click()
	expect(dialog(page).locator("[data-part=rehearsed]")).to_contain_text("Nobody was called", timeout=DONE)
	expect(dialog(page)).to_contain_text("Will be called")
	close_dialog(page)
	expect(page.locator(".dialer-strip [aria-current=step]")).to_contain_text("Start")


def expect_status(page: Page, status: str, timeout: float = 20_000) -> None:
	expect(page.locator(".title-area .indicator-pill:visible")).to_have_text(status, timeout=timeout)


def save(page: Page) -> None:
	"""Leave the last field and let the form answer for it: a press while a link is checked is lost."""
	page.evaluate("document.activeElement.blur()")
	page.wait_for_function("!frappe.request.ajax_count")
	button(page, "Save").click()


def field(page: Page, name: str, control: str) -> Locator:
	return page.locator(f".frappe-control[data-fieldname={name}] {control}:visible")


def choose(page: Page, fieldname: str, value: str) -> None:
	"""Pick a record in a link field, by typing its name."""
	field(page, fieldname, "input").fill(value)
	page.locator(".awesomplete li:visible", has_text=value).first.click()
	field(page, fieldname, "input").blur()


def test_a_manager_builds_checks_and_runs_a_campaign(
	staff: Callable[[str], Page], worker: None, new_title: Callable[[], str]
):
	page, name = staff("manager"), new_title()
	page.goto("/app/dialer-campaign/new")
	field(page, "title", "input").fill(name)
	field(page, "purpose", "select").select_option("Event")
	field(page, "audience_source", "select").select_option("Guardians of a Student Group")
	choose(page, "audience_name", GROUP)
	choose(page, "template", "Event reminder")
	field(page, "details", "textarea").fill("The chess evening is on Thursday at six.")
	save(page)
	expect_status(page, "Draft")
	button(page, "Preview audience").click()
	expect(dialog(page)).to_contain_text("households in this audience")
	expect(dialog(page)).to_contain_text("Has not consented")
	expect(dialog(page)).to_contain_text("The chess evening is on Thursday at six.")
	dialog(page).get_by_role("button", name=re.compile("households: Has not consented")).click()
	expect(dialog(page).locator("tbody tr").first).to_contain_text("Has not consented")
	expect(dialog(page).locator("tbody a").first).to_have_attribute("href", re.compile("/app/guardian/"))
	close_dialog(page)
	close_dialog(page)
	rehearse(page)
	button(page, "Start").click()
	press_in_dialog(page, "Start")
	expect_status(page, "Completed", DONE)
	expect(page.get_by_role("tab", name="Results")).to_have_class(re.compile("active"))
	results = field(page, "results_html", "[data-part=results]")
	expect(results).to_contain_text("Reached")
	expect(results).to_contain_text("Has not consented")
	frappe.db.rollback()
	campaign = frappe.db.get_value("Dialer Campaign", {"title": name})
	states = Counter(row.status for row in make.recipients(campaign))
	logs = frappe.db.count("Dialer Call Log", {"campaign": campaign, "status": "completed"})
	assert states["Reached"] == logs > 5
	assert states["Reached"] + states["Blocked"] + states["Not Reached"] == sum(states.values())
	expect(results.locator("tr", has_text="Reached").first).to_contain_text(str(states["Reached"]))


def test_a_started_campaign_is_paused_resumed_and_cancelled(
	staff: Callable[[str], Page], draft: Callable[..., str]
):
	page, name = staff("manager"), draft()
	open_form(page, name)
	button(page, "Start").click()
	press_in_dialog(page, "Start")
	expect(control(page, "Cancel campaign")).to_be_visible()
	control(page, "Pause").click()
	expect_status(page, "Paused")
	expect(control(page, "Resume")).to_be_visible()
	expect(button(page, "Start")).to_have_count(0)
	control(page, "Cancel campaign").click()
	press_in_dialog(page, "Yes")
	expect_status(page, "Cancelled")
	expect(button(page, "Save")).to_have_count(0)


def test_pause_and_cancel_are_in_sight_on_a_phone(staff: Callable[[str], Page], draft: Callable[..., str]):
	page, name = staff("manager"), draft()
	open_form(page, name)
	button(page, "Start").click()
	press_in_dialog(page, "Start")
	expect(control(page, "Cancel campaign")).to_be_visible()
	page.set_viewport_size({"width": 390, "height": 844})
	page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
	for label in ("Pause", "Cancel campaign"):
		expect(control(page, label)).to_be_in_viewport(ratio=1)
	control(page, "Pause").click()
	expect(control(page, "Resume")).to_be_visible()


@pytest.fixture
def typed_above_one(school: None):
	"""Settings in which the number is typed from two households on."""
	set_single("confirm_above", 1)
	yield
	frappe.db.rollback()
	set_single("confirm_above", 500)


def test_a_large_campaign_starts_after_its_number_was_typed(
	staff: Callable[[str], Page], draft: Callable[..., str], typed_above_one: None
):
	page, name = staff("manager"), draft()
	open_form(page, name)
	button(page, "Start").click()
	typed = dialog(page).locator("[data-fieldname=typed] input")
	label = dialog(page).locator("[data-fieldname=typed] .control-label").inner_text()
	typed.fill("1")
	press_in_dialog(page, "Start")
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Campaign", name, "status") == "Draft"
	typed.fill(re.search(r"\d+", label).group())
	press_in_dialog(page, "Start")
	expect(control(page, "Cancel campaign")).to_be_visible()
	page.wait_for_load_state("networkidle")


def test_a_second_person_approves_an_emergency(staff: Callable[[str], Page], draft: Callable[..., str]):
	name = draft(
		purpose="Emergency",
		template="Emergency closure",
		emergency_type="Weather closure",
		emergency_reason="Ice on the roads",
	)
	manager = staff("manager")
	open_form(manager, name)
	button(manager, "Ask for approval").click()
	press_in_dialog(manager, "Ask for approval")
	expect_status(manager, "Awaiting Approval")
	expect(button(manager, "Approve and call")).to_have_count(0)
	approver = staff("approver")
	open_form(approver, name)
	button(approver, "Approve and call").click()
	expect(dialog(approver)).to_contain_text("at any hour, with or without consent")
	expect(dialog(approver)).to_contain_text("America/Chicago")
	expect(dialog(approver).locator("[data-part=emergency]")).to_contain_text("Ice on the roads")
	expect(dialog(approver)).to_contain_text("Will be called")
	expect(dialog(approver).get_by_role("button", name="Reject", exact=True)).to_be_visible()
	press_in_dialog(approver, "Approve and call")
	expect(approver.locator(".title-area .indicator-pill:visible")).not_to_have_text("Awaiting Approval")
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Campaign", name, "approved_by") == "principal@riverside.example"


@pytest.fixture
def called(draft: Callable[..., str]) -> tuple[str, str]:
	"""A number that is called in a campaign of one, and the campaign."""
	number = make.phone()
	make.consent(number)
	name = draft(
		audience_source="CSV file", audience_name=None, audience_file=make.csv_file([("Ana Lima", number)])
	)
	return number, name


def test_an_agent_starts_nothing_and_sees_masked_numbers(
	staff: Callable[[str], Page], worker: None, called: tuple[str, str]
):
	number, name = called
	manager = staff("manager")
	open_form(manager, name)
	page = staff("agent")
	open_form(page, name)
	for label in ("Start", "Send test to me", "Preview audience", "Save"):
		expect(button(page, label)).to_have_count(0)
	button(manager, "Start").click()
	press_in_dialog(manager, "Start")
	expect_status(manager, "Completed", DONE)
	open_form(page, name)
	for label in ("Pause", "Resume", "Cancel campaign"):
		expect(control(page, label)).to_have_count(0)
	frappe.db.rollback()
	recipient = make.recipients(name, "name", "last_call_log")[0]
	for path in (f"dialer-recipient/{recipient.name}", f"dialer-call-log/{recipient.last_call_log}"):
		page.goto(f"/app/{path}")
		expect(field(page, "why_html", ".dialer-why")).to_contain_text("Consent to Voice for All")
		assert number[-2:] in field(page, "phone_masked", ".control-value").inner_text()
		assert number not in page.content() and number not in page.evaluate("() => JSON.stringify(locals)")
	manager.goto(f"/app/dialer-recipient/{recipient.name}")
	expect(field(manager, "phone", ".control-value")).to_have_text(number)


def test_an_empty_audience_is_told_before_anything_starts(
	staff: Callable[[str], Page], draft: Callable[..., str]
):
	name = draft(audience_source="CSV file", audience_name=None, audience_file=make.csv_file([]))
	page = staff("manager")
	open_form(page, name)
	button(page, "Start").click()
	expect(dialog(page)).to_contain_text("Nobody is in this audience")
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Campaign", name, "status") == "Draft"


@pytest.fixture
def no_identity(school: None):
	"""Settings in which nobody said who is calling."""
	before = frappe.db.get_single_value("Dialer Settings", "caller_identity")
	set_identity("")
	yield
	frappe.db.rollback()
	set_identity(before)


def set_identity(value: str) -> None:
	set_single("caller_identity", value)


def set_single(fieldname: str, value: str | int) -> None:
	frappe.db.set_single_value("Dialer Settings", fieldname, value)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def test_missing_settings_are_named(
	staff: Callable[[str], Page], draft: Callable[..., str], no_identity: None
):
	name = draft()
	page = staff("manager")
	open_form(page, name)
	button(page, "Start").click()
	expect(dialog(page)).to_contain_text("Dialer Settings are not complete")
	expect(dialog(page)).to_contain_text("Spoken caller identity")
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Campaign", name, "status") == "Draft"
	page.goto("/app/dialer-settings")
	ready = field(page, "ready_html", ".dialer-ready")
	expect(ready).to_contain_text("Calls: not yet.")
	expect(ready).to_contain_text("Spoken caller identity")


def test_the_carrier_is_asked_for_the_account(staff: Callable[[str], Page]):
	page = staff("officer")
	page.goto("/app/dialer-settings")
	expect(field(page, "ready_html", ".dialer-ready")).to_contain_text("Calls: ready.")
	button(page, "Test connection").click()
	expect(dialog(page)).to_contain_text("The carrier knows this account as")
