"""Walks of a person who has not used the app before, with the clicks they take.

The others are elsewhere: an agent's opt-out in one click and a compliance officer's answer in `test_stories`,
a family found in two clicks in `test_number_page`, a rule in nine in `test_rule`, the first day's settings in
three in `test_settings`, and a parent's page in three languages in `test_preferences`.
"""

import re
from collections.abc import Callable, Iterator

import frappe
import pytest
from playwright.sync_api import Page, expect

from school_dialer.campaigns import actions
from tests.browser.conftest import GROUP
from tests.browser.kit.clicks import clicks_of, count_clicks
from tests.browser.kit.forms import (
	OFFERED,
	button,
	control,
	dialog,
	expect_saved,
	field,
	press_in_dialog,
	save,
	wait_for_answers,
)

pytestmark = pytest.mark.usefixtures("no_tours")

PHONE = {"width": 390, "height": 844}
MOST_TO_CALLING = 14
WORDS = "The chess evening is on Thursday at six."


@pytest.fixture
def message(new_title: Callable[[], str]) -> Iterator[str]:
	"""Yield the name of a message that the test writes, and delete the message at the end."""
	name = new_title()
	yield name
	frappe.db.rollback()
	frappe.db.set_value("Dialer Campaign", {"template": name}, "template", "Event reminder")
	frappe.delete_doc_if_exists("Dialer Message Template", name, force=True)
	frappe.db.commit()


def expect_calling(page: Page) -> None:
	"""Wait until the campaign has left the draft. Others test who is called then."""
	status = page.locator(".title-area .indicator-pill:visible")
	expect(status).to_have_text(re.compile("Preparing|Running|Completed"))


def test_from_nothing_to_calling(staff: Callable[[str], Page], message: str, new_title: Callable[[], str]):
	"""Write a message and call a class with it, from the home page on."""
	page, title = staff("manager"), new_title()
	count_clicks(page)
	page.goto("/app/school-dialer")
	page.locator(".shortcut-widget-box", has_text="Messages").first.click()
	page.get_by_role("button", name="Add Dialer Message Template").first.click()
	page.wait_for_function(
		"window.cur_frm && cur_frm.doctype === 'Dialer Message Template' && cur_frm.is_new()"
	)
	field(page, "template_name", "input").fill(message)
	field(page, "purpose", "select").select_option("Event")
	page.locator(".dialer-composer [data-editor=voice]").fill(WORDS)
	save(page)
	expect_saved(page)
	button(page, "Use in a campaign").click()
	page.wait_for_function("cur_frm.doctype === 'Dialer Campaign' && cur_frm.doc.template")
	wait_for_answers(page)
	field(page, "title", "input").fill(title)
	field(page, "audience_source", "select").select_option("Guardians of a Student Group")
	field(page, "audience_name", "input").fill(GROUP)
	page.locator(OFFERED, has_text=GROUP).first.click()
	wait_for_answers(page)
	save(page)
	expect_saved(page)
	button(page, "Start").click()
	press_in_dialog(page, "Start")
	expect_calling(page)
	assert clicks_of(page) <= MOST_TO_CALLING
	frappe.db.rollback()
	campaign = frappe.db.get_value("Dialer Campaign", {"title": title}, ["status", "template"])
	assert campaign in (("Preparing", message), ("Running", message), ("Completed", message))


def test_an_emergency_before_school_on_a_phone(staff: Callable[[str], Page], draft: Callable[..., str]):
	"""A principal opens the home page on a phone, finds what waits, and approves it in two taps."""
	kind = {"emergency_type": "Weather closure", "emergency_reason": "Ice on the roads"}
	name = draft(purpose="Emergency", template="Emergency closure", **kind)
	actions.start(name)
	frappe.db.commit()
	page = staff("approver")
	count_clicks(page)
	page.set_viewport_size(PHONE)
	page.goto("/app/school-dialer")
	page.locator(".shortcut-widget-box", has_text="Approvals").first.click()
	page.locator(f".list-row:visible a[href$='/{name}']").first.click()
	approve = control(page, "Approve and call")
	expect(approve).to_be_in_viewport(ratio=1)
	before = clicks_of(page)
	approve.click()
	press_in_dialog(page, "Approve and call")
	expect(dialog(page)).to_have_count(0)
	assert clicks_of(page) - before == 2
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Campaign", name, "approved_by") == "principal@riverside.example"


def test_a_campaign_by_keyboard_alone(staff: Callable[[str], Page], new_title: Callable[[], str]):
	page, title = staff("manager"), new_title()
	count_clicks(page)
	page.goto("/app/dialer-campaign/new")
	page.wait_for_function(
		"window.cur_frm && cur_frm.is_new() && "
		"cur_frm.form_wrapper.find('.form-layout :input:visible:first').is(':focus')"
	)
	expect(field(page, "title", "input")).to_be_focused()
	page.keyboard.type(title)
	field(page, "purpose", "select").focus()
	page.keyboard.type("Event")
	source = field(page, "audience_source", "select")
	source.focus()
	for _press in range(source.locator("option").count()):
		if source.input_value() == "Guardians of a Student Group":
			break
		page.keyboard.press("ArrowDown")
	page.wait_for_function("cur_frm.doc.audience_doctype === 'Student Group'")
	wait_for_answers(page)
	field(page, "audience_name", "input").focus()
	page.keyboard.type(GROUP)
	expect(page.locator(OFFERED, has_text=GROUP).first).to_be_visible()
	page.keyboard.press("Enter")
	wait_for_answers(page)
	field(page, "template", "input").focus()
	page.keyboard.type("Event reminder")
	expect(page.locator(OFFERED, has_text="Event reminder").first).to_be_visible()
	page.keyboard.press("Enter")
	wait_for_answers(page)
	field(page, "details", "textarea").focus()
	page.keyboard.type(WORDS)
	page.keyboard.press("Control+s")
	expect_saved(page)
	button(page, "Start").focus()
	page.keyboard.press("Enter")
	expect(dialog(page).get_by_role("button", name="Start", exact=True)).to_be_enabled()
	page.wait_for_function("document.activeElement.closest('.modal.show')")
	page.keyboard.press("Control+Enter")
	expect_calling(page)
	assert page.evaluate("sessionStorage.getItem('pressed')") is None, "the mouse was not used"
