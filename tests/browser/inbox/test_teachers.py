"""A teacher writes to the families of a group, a manager approves it, and the teacher sees how it went."""

import secrets
from collections.abc import Callable, Iterator

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from frappe.utils.password import update_password
from playwright.sync_api import Page, expect

from school_dialer.base.roles import TEACHER
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.teachers import groups
from tests.browser.conftest import GROUP, STAFF
from tests.integration import factories as make

MANAGER = STAFF["manager"]
GRAVE = ("critical", "serious")
SETTINGS = {"teachers_need_approval": 1, "teachers_from": "00:00:00", "teachers_until": "23:59:59"}
ROWS = ("Employee", "Instructor", "Student Group Instructor")
TEMPLATE = "Event reminder"


@pytest.fixture
def teacher(no_tours) -> Iterator[tuple[str, str]]:
	"""Yield a teacher of the group as `(user, password)`; their messages need approval."""
	before = frappe.get_doc("Dialer Settings")
	set_settings(SETTINGS)
	name, user, password = secrets.token_hex(5), f"{secrets.token_hex(5)}@browser.test", secrets.token_hex(12)
	roles = [{"role": TEACHER}]
	values = {"email": user, "first_name": "Kim", "send_welcome_email": 0, "roles": roles}
	frappe.get_doc({"doctype": "User", **values}).insert()
	update_password(user, password)
	frappe.db.set_value(
		"User", user, "onboarding_status", frappe.db.get_value("User", MANAGER, "onboarding_status")
	)
	bare("Employee", name, first_name="Kim", user_id=user, status="Active")
	bare("Instructor", name, instructor_name="Kim", employee=name, status="Active")
	place = {"parent": GROUP, "parenttype": "Student Group", "parentfield": "instructors", "idx": 9}
	bare("Student Group Instructor", name, instructor=name, **place)
	frappe.db.set_value("Dialer Message Template", TEMPLATE, "teachers_may_use", 1)
	frappe.db.commit()
	yield user, password
	frappe.db.rollback()
	for campaign in frappe.get_all("Dialer Campaign", {"teacher": user}, pluck="name", order_by="name"):
		frappe.db.set_value("Dialer Campaign", campaign, "status", "Cancelled")
	for doctype in ROWS:
		frappe.db.delete(doctype, {"name": name})
	for contact in frappe.get_all("Contact", {"user": user}, pluck="name", order_by=None):
		frappe.delete_doc("Contact", contact, force=True)
	frappe.delete_doc("User", user, force=True)
	frappe.db.set_value("Dialer Message Template", TEMPLATE, "teachers_may_use", 0)
	set_settings({field: before.get(field) for field in SETTINGS})


def set_settings(values: dict) -> None:
	for field, value in values.items():
		frappe.db.set_single_value("Dialer Settings", field, value)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def bare(doctype: str, name: str, **values) -> None:
	frappe.get_doc({"doctype": doctype, "name": name, **values}).db_insert()


def opened(page: Page, width: int, part: str) -> Page:
	page.set_viewport_size({"width": width, "height": 844})
	page.goto("/app/dialer-teacher")
	expect(page.locator(f"#dialer-teacher-{part}")).to_be_visible()
	return page


def write(page: Page, details: str) -> None:
	page.get_by_label("Message", exact=True).select_option(TEMPLATE)
	page.get_by_label("Details", exact=True).fill(details)
	page.get_by_role("button", name="Preview").press("Enter")
	expect(page.locator("#dialer-teacher-preview")).to_be_focused()


def is_accessible(page: Page) -> None:
	"""Check the page without Frappe's own primary buttons, whose contrast is that of its theme."""
	drawn = {"include": [[".dialer-teacher"]], "exclude": [[".btn-primary"]]}
	found = Axe().run(page, context=drawn).response["violations"]
	grave = [one for one in found if one["impact"] in GRAVE]
	assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in grave] == []
	assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("width", [390, 1400])
def test_a_message_from_the_words_to_the_result(open_page, staff, teacher, width: int):
	page = opened(open_page(teacher), width, "write")
	write(page, "The bake sale is on Friday.")
	preview = page.locator("[data-part=preview]")
	expect(preview.locator("blockquote").first).to_contain_text("The bake sale is on Friday.")
	is_accessible(page)
	preview.get_by_role("button", name="Ask for Approval").press("Enter")
	mine = page.locator("[data-part=mine]")
	expect(mine).to_contain_text("Waits for a manager's approval")
	expect(page.locator("#dialer-teacher-mine")).to_be_focused()
	name = own(teacher[0])
	approve(opened(staff("manager"), width, "waiting"), "The bake sale is on Friday.")
	planner.run(name)
	recipients = make.recipients(name, "name", "phone")
	frappe.db.set_value("Dialer Recipient", recipients[0].name, "status", "Reached")
	frappe.db.commit()
	page = opened(page, width, "mine")
	expect(mine).to_contain_text("reached so far")
	mine.get_by_role("button", name="Students").press("Enter")
	expect(mine).to_contain_text("Family not reached yet")
	is_accessible(page)
	assert not [row for row in recipients if row.phone and row.phone[-7:] in page.content()]
	mine.get_by_role("button", name="Stop").click()
	page.get_by_role("button", name="Yes").click()
	expect(mine).to_contain_text("Cancelled")


def approve(page: Page, words: str) -> None:
	waiting = page.locator("[data-part=waiting]")
	expect(waiting.get_by_role("button", name="Approve")).to_be_disabled()
	waiting.locator("li", has_text=words).first.locator("input").check()
	is_accessible(page)
	waiting.get_by_role("button", name="Approve").click()
	page.get_by_role("button", name="Yes").click()
	expect(waiting).not_to_contain_text(words)


def own(user: str) -> str:
	frappe.db.rollback()
	(name,) = frappe.get_all("Dialer Campaign", {"teacher": user}, pluck="name")
	assert groups.find(user, GROUP)
	return name


def test_sent_back_and_written_again(open_page: Callable, staff: Callable, teacher):
	page = opened(open_page(teacher), 1400, "write")
	write(page, "Bring boots.")
	page.locator("[data-part=preview]").get_by_role("button", name="Ask for Approval").click()
	mine = page.locator("[data-part=mine]")
	expect(mine).to_contain_text("Waits for a manager's approval")
	boss = opened(staff("manager"), 1400, "waiting")
	boss.locator("[data-part=waiting] li", has_text="Bring boots.").first.locator("input").check()
	boss.locator("[data-part=waiting]").get_by_role("button", name="Send Back").click()
	boss.locator(".modal.show textarea").fill("Which day <i>is</i> it?")
	boss.locator(".modal.show").get_by_role("button", name="Send Back").click()
	expect(boss.locator("[data-part=waiting]")).not_to_contain_text("Bring boots.")
	page = opened(page, 1400, "mine")
	expect(mine).to_contain_text("Which day")
	mine.get_by_role("button", name="Use Again").click()
	expect(page.get_by_label("Details", exact=True)).to_have_value("Bring boots.")


def test_hostile_details_are_refused_in_words(open_page: Callable, teacher):
	page = opened(open_page(teacher), 1400, "write")
	page.get_by_label("Message", exact=True).select_option(TEMPLATE)
	page.get_by_label("Details", exact=True).fill("Bring <b>boots</b>")
	page.get_by_role("button", name="Preview").click()
	expect(page.locator(".modal.show")).to_contain_text("plain words")
	expect(page.locator("[data-part=preview]")).to_be_hidden()
