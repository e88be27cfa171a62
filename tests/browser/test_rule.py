"""A rule as staff see it: written, read as a sentence, tried, enabled and disabled.

A mass audience asks a person for review.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta

import frappe
import pytest
from playwright.sync_api import Page, expect

from school_dialer.automation import run
from school_dialer.automation.kind import kind_of
from school_dialer.automation.scheduler import due_runs
from school_dialer.base import clock
from tests.browser.kit.clicks import clicks_of, count_clicks
from tests.browser.kit.forms import (
	button,
	choose,
	close_dialog,
	control,
	dialog,
	expect_saved,
	expect_status,
	field,
	open_new,
	opened_dialog,
	press_in_dialog,
	save,
)

MOST_TO_A_RULE = 9
CUT_OFF = """() => [...document.querySelectorAll(".modal.show .table-responsive td")]
	.flatMap((cell) => [cell, ...cell.querySelectorAll("*")])
	.filter((one) => {
		const edge = one.closest(".table-responsive").getBoundingClientRect().right;
		return one.getBoundingClientRect().right > edge + 1;
	})
	.map((one) => one.textContent)"""
"""What of the cells lies to the right of what is in sight."""


@pytest.fixture
def title() -> Iterator[str]:
	"""Yield the title of a rule, and delete the rule with its cases and runs at the end."""
	made = f"Browser rule {secrets.token_hex(4)}"
	yield made
	frappe.db.rollback()
	for name in frappe.get_all("Dialer Rule", {"title": made}, pluck="name", order_by="name"):
		for doctype in ("Dialer Rule Case", "Dialer Rule Run"):
			frappe.db.delete(doctype, {"rule": name})
		frappe.db.delete("Dialer Rule", {"name": name})
	frappe.db.commit()


def test_a_manager_writes_tries_and_switches_on_a_rule(staff: Callable[[str], Page], title: str):
	page = staff("manager")
	count_clicks(page)
	open_new(page, "dialer-rule")
	field(page, "title", "input").fill(title)
	field(page, "kind", "select").select_option("Absence")
	expect(field(page, "grace_minutes", "input")).to_be_visible()
	expect(page.locator("[data-fieldname=cron]:visible")).to_have_count(0)
	choose(page, "template", "Attendance notice")
	expect(page.locator("[data-part=sentence]")).to_contain_text("wait 30 minutes, then call the guardians")
	save(page)
	expect_saved(page)
	expect_status(page, "Off")
	button(page, "Test this rule").click()
	day = str(clock.db_now().date())
	expect(dialog(page)).to_contain_text("Nothing is queued or saved")
	dialog(page).locator("[data-fieldname=day] input").fill(frappe.format(day, "Date"))
	dialog(page).locator("[data-fieldname=day] input").blur()
	press_in_dialog(page, "Try this day")
	expect(dialog(page).locator("[data-part=would]")).to_contain_text("families would be called")
	expect(dialog(page)).to_contain_text("Leave is approved.")
	close_dialog(page)
	button(page, "Switch on").click()
	expect(dialog(page)).to_contain_text("From now on it calls by itself")
	press_in_dialog(page, "Switch on")
	expect_status(page, "On")
	assert clicks_of(page) <= MOST_TO_A_RULE
	frappe.db.rollback()
	rule = frappe.get_doc("Dialer Rule", {"title": title})
	assert (rule.enabled, rule.switched_on_by) == (1, "communications@riverside.example")
	assert not frappe.db.exists("Dialer Rule Run", {"rule": rule.name})
	button(page, "Switch off").click()
	press_in_dialog(page, "Yes")
	expect_status(page, "Off")
	page.goto("/app/dialer-rule")
	expect(
		page.locator(".list-row", has_text="wait 30 minutes, then call the guardians").first
	).to_be_visible()


def test_each_decision_of_a_try_is_in_sight_on_a_phone(staff: Callable[[str], Page], title: str):
	doc = frappe.get_doc(
		{
			"doctype": "Dialer Rule",
			"title": title,
			"kind": "Absence",
			"purpose": "Attendance",
			"channel": "Voice",
			"template": "Attendance notice",
		}
	).insert()
	frappe.db.commit()
	page = staff("manager")
	page.set_viewport_size({"width": 390, "height": 844})
	page.goto(f"/app/dialer-rule/{doc.name}")
	page.evaluate("cur_frm.custom_buttons[__('Test this rule')].click()")
	expect(dialog(page).locator("[data-part=would]")).to_be_visible()
	decisions = dialog(page).locator("table").first.locator("tbody td:last-child")
	expect(decisions.first).to_contain_text(re.compile("called|waits"))
	assert page.evaluate(CUT_OFF) == []


def test_a_mass_is_looked_at_and_dropped(staff: Callable[[str], Page], title: str):
	doc = frappe.get_doc(
		{
			"doctype": "Dialer Rule",
			"title": title,
			"kind": "Absence",
			"purpose": "Attendance",
			"channel": "Voice",
			"template": "Attendance notice",
			"most_percent": 1,
			"most_number": 1,
			"latest_minutes": 2000,
		}
	).insert()
	(due,) = due_runs(doc, kind_of(doc))
	name = run.open_run(doc, due)
	run.find_triggers(doc, kind_of(doc), name)
	run.advance(doc, name)
	frappe.db.commit()
	assert frappe.db.get_value("Dialer Rule Run", name, "status") == "Needs Review"
	page = staff("manager")
	page.set_viewport_size({"width": 390, "height": 844})
	page.goto(f"/app/dialer-rule-run/{name}")
	expect(page.locator(".form-message:visible")).to_contain_text("more than usual")
	expect(control(page, "Approve and call")).to_be_in_viewport(ratio=1)
	control(page, "Approve and call").click()
	opened_dialog(page).locator("[data-fieldname=typed] input").fill("1")
	press_in_dialog(page, "Approve and call")
	expect(dialog(page)).to_contain_text("on the list")
	page.reload()
	control(page, "Don't call").click()
	opened_dialog(page).locator("textarea").fill("The register of another day was submitted.")
	press_in_dialog(page, "Don't call")
	expect_status(page, "Dropped")
	frappe.db.rollback()
	assert not frappe.db.exists("Dialer Campaign", {"rule": doc.name})
	expect(page.locator("[data-fieldname=review_reason]")).to_contain_text("another day")


def test_a_schedule_on_a_holiday_says_why_it_does_not_run(staff: Callable[[str], Page], title: str):
	today = clock.db_now().date()
	days = [today - timedelta(days=1), today]
	holidays = frappe.get_doc(
		{
			"doctype": "Holiday List",
			"holiday_list_name": title,
			"from_date": days[0],
			"to_date": days[1],
			"holidays": [{"holiday_date": day, "description": "<p>Founders' Day</p>"} for day in days],
		}
	).insert()
	rule = frappe.get_doc(
		{
			"doctype": "Dialer Rule",
			"title": title,
			"kind": "Recurring",
			"purpose": "General",
			"channel": "Voice",
			"template": "General message",
			"cron": "0 18 * * *",
			"holiday_list": holidays.name,
			"audience_source": "Guardians of a Student Group",
			"audience_name": "Chess Club",
		}
	).insert()
	frappe.db.commit()
	page = staff("manager")
	page.goto(f"/app/dialer-rule/{rule.name}")
	expect(page.locator("[data-part=sentence]")).to_contain_text(f"holidays of “{title}”")
	button(page, "Switch on").click()
	expect(dialog(page).locator("[data-part=closed]")).to_contain_text(
		f"Founders' Day, a holiday of {title}."
	)
	frappe.db.delete("Dialer Rule", {"name": rule.name})
	frappe.delete_doc("Holiday List", holidays.name)
	frappe.db.commit()


def test_a_schedule_is_chosen_by_weekdays_and_a_time(staff: Callable[[str], Page]):
	page = staff("manager")
	open_new(page, "dialer-rule")
	kind = field(page, "kind", "select")
	expect(kind.locator("option[value=Recurring]")).to_have_count(1)
	kind.select_option("Recurring")
	schedule = page.locator("[data-part=schedule]")
	expect(schedule.get_by_role("button", name="Friday")).to_have_attribute("aria-pressed", "true")
	expect(page.locator("[data-fieldname=cron]:visible")).to_have_count(0)
	schedule.get_by_role("button", name="Monday").click()
	schedule.locator("input[type=time]").fill("07:30")
	page.wait_for_function("cur_frm.doc.cron === '30 7 * * 1,5'")
	expect(page.locator("[data-part=sentence]")).to_contain_text("Each Monday, Friday at 07:30")
	for day in ("Monday", "Friday"):
		schedule.get_by_role("button", name=day).click()
	expect(schedule.get_by_role("button", name="Friday")).to_have_attribute("aria-pressed", "true")
	schedule.get_by_role("button", name="Enter a cron expression").click()
	expect(page.locator("[data-fieldname=cron] input:visible")).to_have_value("30 7 * * 5")
	page.locator("[data-fieldname=cron] input:visible").fill("0 8 1 * *")
	page.get_by_role("button", name="Choose weekdays and a time").click()
	expect(schedule.get_by_role("button", name="Friday")).to_have_attribute("aria-pressed", "true")
