"""Narrowing down an audience: conditions and exceptions with live counts, and saved audiences."""

import re
import secrets
from collections.abc import Callable, Iterator

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import GROUP
from tests.browser.kit.forms import (
	OFFERED,
	choose,
	dialog,
	expect_status,
	field,
	open_new,
	opened_dialog,
	save,
	wait_for_answers,
)

ALL = "All guardians"
FRAPPE_SELECTS_A_NUMBER = "() => new Promise((done) => setTimeout(done, 300))"
"""A tenth of a second after a number field gets the focus, Frappe selects whatever has it by then.

A timer of the page that is due later ends later, however slow the machine is.
"""
COUNTED = re.compile(r"(\d+)\s+phone numbers? · (\d+)\s+people · (\d+)\s+students")


@pytest.fixture
def page(staff: Callable[[str], Page]) -> Page:
	page = staff("manager")
	open_new(page, "dialer-campaign")
	return page


@pytest.fixture
def audience_name(school: None) -> Iterator[str]:
	name = f"Browser {secrets.token_hex(4)}"
	yield name
	frappe.db.rollback()
	frappe.delete_doc("Dialer Audience", name, ignore_missing=True, force=True)
	frappe.db.commit()


def builder(page: Page, part: str) -> Locator:
	return page.locator(f".form-page:visible [data-part=audience] [data-part={part}]")


def press(page: Page, label: str) -> None:
	page.locator(".form-page:visible [data-fieldname=filters_html]").get_by_role(
		"button", name=label, exact=True
	).click()


def counts(page: Page) -> tuple[int, int, int]:
	"""Return the counts of households, people and students, once the form has counted them."""
	expect(builder(page, "count")).not_to_have_attribute("aria-busy", "true")
	expect(builder(page, "count")).to_contain_text(COUNTED)
	found = COUNTED.search(builder(page, "count").inner_text())
	return tuple(map(int, found.groups()))


def pick(page: Page, fieldname: str, value: str) -> None:
	box = opened_dialog(page).locator(f"[data-fieldname={fieldname}] input")
	box.click()
	box.press_sequentially(value)
	dialog(page).locator(OFFERED, has_text=value).first.click()
	dialog(page).locator(".modal-title").click()
	wait_for_answers(page)
	page.wait_for_function(
		"([name, value]) => JSON.stringify(cur_dialog?.get_value(name) ?? null).includes(value)",
		arg=[fieldname, value],
	)


def choose_in_dialog(page: Page, fieldname: str, value: str, /, **then: str) -> None:
	"""Choose in a Select, and wait until Frappe has taken it and set the fields that follow from it.

	Each choice sets the next field to a default of its own, some promises later.
	"""
	dialog(page).locator(f"[data-fieldname={fieldname}] select").select_option(value)
	page.wait_for_function(
		"(values) => Object.entries(values).every(([name, one]) => cur_dialog.get_field(name).value === one)",
		arg={fieldname: value, **then},
	)


def add(page: Page, way: str, kind: str, fill: Callable[[], None]) -> None:
	press(page, way)
	page.wait_for_function("cur_dialog && cur_dialog.display")
	dialog(page).locator("[data-fieldname=kind] select").select_option(kind)
	fill()
	dialog(page).get_by_role("button", name="Add", exact=True).click()
	expect(page.locator(".modal.show")).to_have_count(0)


def test_counts_follow_what_is_chosen(page: Page):
	expect(builder(page, "count")).to_contain_text("Choose the audience above")
	field(page, "audience_source", "select").select_option(ALL)
	whole = counts(page)
	assert whole[1] > 50 and builder(page, "count").get_attribute("aria-live") == "polite"
	add(page, "Only include …", "Student Group", lambda: pick(page, "names_student_group", GROUP))
	expect(builder(page, "conditions")).to_contain_text(f"students of {GROUP}")
	club = counts(page)
	assert 0 < club[1] < whole[1]
	press(page, f"Remove: Only students of {GROUP}")
	expect(builder(page, "conditions")).to_contain_text("Everyone in this audience")
	assert counts(page) == whole
	add(page, "Exclude …", "Student Group", lambda: pick(page, "names_student_group", GROUP))
	others = counts(page)
	assert club[2] + others[2] == whole[2]


def test_a_condition_by_a_field_and_a_campaign(page: Page):
	field(page, "audience_source", "select").select_option(ALL)
	whole = counts(page)

	def of_a_city() -> None:
		choose_in_dialog(page, "doctype", "Guardian", fieldname="guardian_name", operator="is")
		expect(dialog(page).locator("[data-fieldname=value_text] input")).to_be_visible()
		choose_in_dialog(page, "operator", "contains")
		dialog(page).locator("[data-fieldname=value_text] input").fill("zzzz")

	add(page, "Exclude …", "Field", of_a_city)
	assert counts(page) == whole
	add(page, "Only include …", "Field", of_a_city)
	expect(builder(page, "count")).to_contain_text("No one is left")


def test_what_is_typed_stays_when_the_choices_above_settle_late(page: Page):
	field(page, "audience_source", "select").select_option(ALL)
	counts(page)

	def of_a_city() -> None:
		choose_in_dialog(page, "doctype", "Guardian", fieldname="guardian_name", operator="is")
		choose_in_dialog(page, "operator", "contains")
		dialog(page).locator("[data-fieldname=value_text] input").press_sequentially("zzzz")
		page.evaluate(
			"for (const above of ['fieldname', 'operator']) cur_dialog.get_field(above).df.onchange()"
		)
		page.wait_for_function("cur_dialog.get_field('operator').value === 'contains'")

	add(page, "Only include …", "Field", of_a_city)
	expect(builder(page, "conditions")).to_contain_text("contains")
	expect(builder(page, "count")).to_contain_text("No one is left")


def test_an_audience_is_saved_and_used_again(page: Page, new_title: Callable[[], str], audience_name: str):
	field(page, "title", "input").fill(new_title())
	field(page, "purpose", "select").select_option("Event")
	field(page, "audience_source", "select").select_option("Guardians of a Student Group")
	expect(builder(page, "count")).to_contain_text("Choose the Student Group")
	choose(page, "audience_name", GROUP)

	def absent() -> None:
		dialog(page).locator("[data-fieldname=status] select").select_option("Absent")
		dialog(page).locator("[data-fieldname=days] input").fill("365")
		page.evaluate(FRAPPE_SELECTS_A_NUMBER)

	add(page, "Exclude …", "Attendance", absent)
	before = counts(page)
	press(page, "Save as audience")
	opened_dialog(page).locator("[data-fieldname=title] input").fill(audience_name)
	dialog(page).get_by_role("button", name="Save", exact=True).click()
	expect(page.locator(".modal.show")).to_have_count(0)
	expect(page.locator(".alert-container, #alert-container")).to_contain_text("Saved.")
	open_new(page, "dialer-campaign")
	press(page, "Use a saved audience")
	pick(page, "audience", audience_name)
	dialog(page).get_by_role("button", name="Use", exact=True).click()
	expect(builder(page, "conditions")).to_contain_text("students marked Absent")
	assert counts(page) == before
	field(page, "title", "input").fill(new_title())
	field(page, "purpose", "select").select_option("Event")
	choose(page, "template", "Event reminder")
	field(page, "details", "textarea").fill("Thursday at six.")
	save(page)
	expect_status(page, "Draft")
	frappe.db.rollback()
	words = frappe.db.get_value("Dialer Audience", audience_name, "filters_in_words")
	assert words.startswith("Not: students marked Absent")
	page.goto(f"/app/dialer-audience/{audience_name}")
	assert counts(page) == before


def test_a_condition_that_is_not_complete_is_told_in_its_dialog(page: Page):
	field(page, "audience_source", "select").select_option(ALL)
	counts(page)
	press(page, "Only include …")
	dialog(page).get_by_role("button", name="Add", exact=True).click()
	expect(dialog(page).get_by_role("alert")).to_have_text("Student group is missing.")
	dialog(page).locator("[data-fieldname=kind] select").select_option("Attendance")
	dialog(page).locator("[data-fieldname=period] select").select_option("between")
	for fieldname, day in (("from", "11-20-2026"), ("to", "11-01-2026")):
		dialog(page).locator(f"[data-fieldname={fieldname}] input").fill(day)
		dialog(page).locator(f"[data-fieldname={fieldname}] input").press("Tab")
	dialog(page).get_by_role("button", name="Add", exact=True).click()
	expect(dialog(page).get_by_role("alert")).to_contain_text("from one day to a later one")


def test_what_cannot_be_counted_says_why(page: Page):
	field(page, "audience_source", "select").select_option(ALL)
	counts(page)
	page.evaluate(
		"""cur_frm.set_value("audience_filters", """
		"""'{"only": [{"kind": "Student Group", "names": ["Nowhere"]}]}')
			.then(() => school_dialer.audience.show(cur_frm))"""
	)
	expect(builder(page, "count")).to_contain_text("There is no Student Group Nowhere")
	expect(page.locator(".modal.show")).to_have_count(0)


def test_another_audience_keeps_the_conditions_that_fit(page: Page):
	field(page, "audience_source", "select").select_option(ALL)
	add(page, "Only include …", "Student Group", lambda: pick(page, "names_student_group", GROUP))
	counts(page)
	field(page, "audience_source", "select").select_option("All contacts")
	expect(builder(page, "conditions")).to_contain_text("Everyone in this audience")


def test_by_keyboard_and_under_axe(page: Page):
	field(page, "audience_source", "select").select_option(ALL)
	counts(page)
	builder(page, "buttons").get_by_role("button", name="Only include …").focus()
	page.keyboard.press("Enter")
	select = dialog(page).locator("[data-fieldname=kind] select")
	expect(select).to_be_focused()
	select.select_option("Fees")
	dialog(page).get_by_role("button", name="Add", exact=True).press("Enter")
	expect(builder(page, "conditions")).to_contain_text("students with fees due")
	counts(page)
	remove = builder(page, "conditions").get_by_role("button")
	remove.focus()
	page.keyboard.press("Enter")
	expect(builder(page, "conditions")).to_be_focused()
	counts(page)
	found = Axe().run(page, context="[data-part=audience]", options={"resultTypes": ["violations"]})
	assert not [one["id"] for one in found.response["violations"] if one["impact"] in ("serious", "critical")]


def test_an_agent_reads_the_conditions(staff: Callable[[str], Page], draft: Callable[..., str]):
	conditions = '{"only": [{"kind": "Fees", "overdue": true, "over": 50}]}'
	name = draft(audience_source=ALL, audience_name=None, audience_filters=conditions)
	page = staff("agent")
	page.goto(f"/app/dialer-campaign/{name}")
	shown = page.locator("[data-fieldname=filters_html] [data-part=conditions]")
	expect(shown).to_contain_text("students with overdue fees of more than")
	expect(page.locator("[data-fieldname=filters_html] button")).to_have_count(0)
