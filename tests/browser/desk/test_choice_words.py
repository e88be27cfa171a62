"""Choices, audiences, policies, and what the carrier said, as staff read them in forms and lists."""

import frappe
import pytest
from playwright.sync_api import expect

from tests.browser.kit.forms import open_record, path_of, said

CALL = {"direction": "Outbound", "channel": "Voice", "status": "completed", "answered_by": "human"}
LISTED = {
	"Dialer Recording": ({"label": "Snow day", "source": "Phone", "status": "Ready"}, "source", "Phone"),
	"Dialer Preference Link": ({"sent_by": "Text", "phone_masked": "•••-0142"}, "sent_by", "Text message"),
	"Dialer Audience": (
		{"audience_source": "Guardians of a Student Group"},
		"audience_source",
		"Families in a class or group",
	),
}


@pytest.mark.parametrize("doctype", LISTED)
def test_a_list_says_a_choice_in_words_that_narrow_it_to_what_is_stored(staff, stored, doctype):
	values, fieldname, words = LISTED[doctype]
	name = stored(doctype, **values)
	page = staff("officer" if doctype != "Dialer Audience" else "manager")
	page.goto(f"/app/{path_of(doctype)}?name={name}")
	cell = page.locator(f".list-row-col:visible [data-filter^='{fieldname},']")
	expect(cell).to_have_text(words)
	expect(cell).to_have_attribute("data-filter", f"{fieldname},=,{values[fieldname]}")


def test_a_call_log_says_in_words_what_the_carrier_said(staff, stored):
	name = stored("Dialer Call Log", result="hung up early", **CALL)
	page = staff("agent")
	open_record(page, "dialer-call-log", name)
	for fieldname, words in (
		("status", "Answered"),
		("answered_by", "A person"),
		("result", "Hung up early"),
		("direction", "Outbound"),
	):
		expect(said(page, fieldname)).to_have_text(words)
	assert page.evaluate("cur_frm.doc.answered_by") == "human"


def test_a_recipient_says_in_words_who_answered(staff, stored):
	of_campaign = {"title": "Snow day", "purpose": "General", "status": "Completed"}
	campaign = stored("Dialer Campaign", channel="Voice", **of_campaign)
	about = {"campaign": campaign, "channel": "Voice", "status": "Not Reached"}
	name = stored("Dialer Recipient", outcome="machine_end_beep", **about)
	page = staff("agent")
	open_record(page, "dialer-recipient", name)
	expect(said(page, "outcome")).to_have_text("Voicemail")


def test_a_policy_names_its_countries_in_its_list_and_form(staff):
	page = staff("officer")
	(policy,) = frappe.get_all("Dialer Policy", {"policy_name": "gb", "enabled": 1}, pluck="name", limit=1)
	page.goto(f"/app/dialer-policy?name={policy}")
	row = page.locator(".list-row:visible")
	expect(row.locator(".list-subject a:visible")).to_have_text("United Kingdom")
	row.locator(".list-subject a:visible").click()
	page.wait_for_function("name => window.cur_frm?.docname === name", arg=policy)
	expect(said(page, "jurisdiction")).to_have_text("United Kingdom")
	assert page.evaluate("cur_frm.doc.jurisdiction") == "GB"


def test_a_run_is_named_by_its_rule(staff, stored):
	rule = stored("Dialer Rule", title="Late for class", enabled=0)
	name = stored("Dialer Rule Run", rule=rule, day="2020-02-03", status="Done")
	page = staff("manager")
	page.goto(f"/app/dialer-rule-run?name={name}")
	link = page.locator(".list-row:visible .list-subject a:visible")
	expect(link).to_have_text("Late for class")
	link.click()
	page.wait_for_function("name => window.cur_frm?.docname === name", arg=name)
	title = page.locator(".page-title .title-text:visible, .title-text-form:visible")
	expect(title).to_contain_text("Late for class")


def test_a_list_shows_no_id_that_says_nothing(staff, stored):
	name = stored("Dialer Preference Link", sent_by="Text", phone_masked="•••-0142")
	page = staff("officer")
	page.goto(f"/app/dialer-preference-link?name={name}")
	row = page.locator(".list-row:visible")
	expect(row).to_contain_text("•••-0142")
	expect(row).not_to_contain_text(name)


def test_a_message_names_whom_its_words_are_about(staff):
	page = staff("manager")
	page.goto("/app/dialer-message-template")
	pill = page.locator(".list-row:visible .indicator-pill[data-filter^='sensitivity,=,public']").first
	expect(pill).to_have_text("Public")
