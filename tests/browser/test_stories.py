"""Stories of the people who use the app and of those it calls, from the first screen to the outcome.

A teacher may not start a campaign. A manager builds, rehearses and runs one, and sees its results. An
approver approves an emergency. An agent logs an opt-out from an issue while a campaign runs, and a compliance
officer finds out why that family was not called. A parent turns off calls about events on a phone, and the
next campaign honors it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace

import frappe
import pytest
from frappe.utils.password import update_password
from playwright.sync_api import Browser, Page, expect

from dev.carrier import server as carrier_server
from dev.patience import MILLISECONDS, eventually
from dev.site import services
from school_dialer import scheduler
from school_dialer.base import clock
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.consent import corrections
from school_dialer.consent.choices import preference_link
from tests.browser.conftest import GROUP, STAFF
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
	open_campaign,
	open_new,
	open_record,
	press_in_dialog,
	rehearse,
	save,
)
from tests.integration import factories as make

PHONE = {"width": 390, "height": 844}
TEACHERS_ROLES = ("Academics User", "Desk User")


@pytest.fixture
def teacher(school: None) -> Iterator[tuple[str, str]]:
	"""Yield a teacher without a role of the dialer, as `(user name, password)`."""
	roles = [{"role": role} for role in TEACHERS_ROLES if frappe.db.exists("Role", role)]
	email, password = f"{frappe.generate_hash(length=8)}@riverside.example", frappe.generate_hash(length=24)
	user = {
		"doctype": "User",
		"email": email,
		"first_name": "Teacher",
		"send_welcome_email": 0,
		"roles": roles,
	}
	frappe.get_doc(user).insert()
	update_password(email, password)
	frappe.db.commit()
	yield email, password
	frappe.db.rollback()
	frappe.delete_doc("User", email, force=True)
	frappe.db.commit()


def test_a_teacher_starts_no_campaign(
	open_page: Callable[[tuple[str, str]], Page], teacher: tuple[str, str], draft: Callable[..., str]
):
	"""Check that neither an existing nor a new form opens, and that the method refuses a direct request."""
	name, page = draft(), open_page(teacher)
	page.goto("/app/student-group")
	expect(page.locator(".list-row:visible").first).to_be_visible()
	for path in (f"dialer-campaign/{name}", "dialer-campaign/new", "school-dialer"):
		page.goto(f"/app/{path}")
		expect(
			page.get_by_text(re.compile("Not permitted|not found|not have enough permissions")).first
		).to_be_visible()
		expect(button(page, "Start")).to_have_count(0)
	token = page.evaluate("frappe.csrf_token")
	answer = page.request.post(
		"/api/method/school_dialer.desk.campaigns.start",
		form={"campaign": name},
		headers={"X-Frappe-CSRF-Token": token},
	)
	assert answer.status == 403
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Campaign", name, "status") == "Draft"


@pytest.mark.story
def test_a_manager_builds_checks_and_runs_a_campaign(
	staff: Callable[[str], Page], worker: None, new_title: Callable[[], str]
):
	page, name = staff("manager"), new_title()
	open_new(page, "dialer-campaign")
	field(page, "title", "input").fill(name)
	field(page, "purpose", "select").select_option("Event")
	field(page, "audience_source", "select").select_option("Guardians of a Student Group")
	choose(page, "audience_name", GROUP)
	choose(page, "template", "Event reminder")
	field(page, "details", "textarea").fill("The chess evening is on Thursday at six.")
	save(page)
	expect_saved(page)
	expect_status(page, "Draft")
	button(page, "Preview audience").click()
	expect(dialog(page)).to_contain_text("people in this audience")
	expect(dialog(page)).to_contain_text("No consent on file")
	expect(dialog(page)).to_contain_text("The chess evening is on Thursday at six.")
	dialog(page).get_by_role("button", name=re.compile("people: No consent on file")).click()
	expect(dialog(page).locator("tbody tr").first).to_contain_text("No consent on file")
	expect(dialog(page).locator("tbody a").first).to_have_attribute(
		"href", re.compile("/(app|desk)/guardian/")
	)
	close_dialog(page)
	close_dialog(page)
	rehearse(page)
	button(page, "Start").click()
	press_in_dialog(page, "Start")
	expect_status(page, "Completed")
	expect(page.get_by_role("tab", name="Results")).to_have_class(re.compile("active"))
	results = field(page, "results_html", "[data-part=results]")
	expect(results).to_contain_text("Reached")
	expect(results).to_contain_text("No consent on file")
	frappe.db.rollback()
	campaign = frappe.db.get_value("Dialer Campaign", {"title": name})
	states = Counter(row.status for row in make.recipients(campaign))
	logs = frappe.db.count("Dialer Call Log", {"campaign": campaign, "status": "completed"})
	assert states["Reached"] == logs > 5
	assert states["Reached"] + states["Blocked"] + states["Not Reached"] == sum(states.values())
	expect(results.locator("tr", has_text="Reached").first).to_contain_text(str(states["Reached"]))


def test_a_second_person_approves_an_emergency(staff: Callable[[str], Page], draft: Callable[..., str]):
	name = draft(
		purpose="Emergency",
		template="Emergency closure",
		emergency_type="Weather closure",
		emergency_reason="Ice on the roads",
	)
	manager = staff("manager")
	open_campaign(manager, name)
	button(manager, "Ask for approval").click()
	press_in_dialog(manager, "Ask for approval")
	expect_status(manager, "Awaiting Approval")
	expect(control(manager, "Approve and call")).to_have_count(0)
	approver = staff("approver")
	open_campaign(approver, name)
	control(approver, "Approve and call").click()
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
def family(new_title: Callable[[], str]) -> Iterator[SimpleNamespace]:
	"""Make two families in a running campaign without a worker that dials. One of them wrote an issue."""
	stops, stays = make.phone("312"), make.phone("312")
	make.consents([stops, stays])
	email = f"{frappe.generate_hash(length=8)}@family.example"
	guardian = frappe.get_doc(
		{"doctype": "Guardian", "guardian_name": "Rosa Diaz", "email_address": email, "mobile_number": stops}
	).insert()
	issue = frappe.get_doc(
		{"doctype": "Issue", "subject": "Too many calls", "raised_by": email, "description": "Please help"}
	).insert()
	frappe.share.add("Issue", issue.name, STAFF["agent"], read=1)
	campaign = make.campaign([stops, stays], title=new_title())
	actions.start(campaign.name)
	frappe.db.commit()
	planner.run(campaign.name)
	yield SimpleNamespace(
		stops=stops, stays=stays, issue=issue.name, campaign=campaign.name, guardian=guardian.name
	)
	frappe.db.rollback()
	frappe.delete_doc("Issue", issue.name, force=True)
	frappe.delete_doc("Guardian", guardian.name, force=True)
	frappe.db.commit()


def status_of(family: SimpleNamespace, phone: str) -> str:
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Recipient", {"campaign": family.campaign, "phone": phone}, "status")


def test_an_opt_out_from_an_issue_and_why_it_was_blocked(
	staff: Callable[[str], Page], family, carrier, monkeypatch
):
	page = staff("agent")
	count_clicks(page)
	open_record(page, "issue", family.issue)
	assert frappe.db.get_value("Dialer Campaign", family.campaign, "status") == "Running"
	page.keyboard.press("Alt+Shift+O")
	expect(dialog(page)).to_contain_text("Log Opt-out")
	expect(dialog(page).locator("[data-fieldname=known] select")).to_be_focused()
	expect(dialog(page)).to_contain_text(f"••{family.stops[-2:]}")
	assert family.stops not in page.content()
	words = dialog(page).locator("[data-fieldname=wording] textarea")
	expect(words).not_to_have_value("")
	words.fill("Please stop calling us.")
	dialog(page).get_by_role("button", name="Stop:").click()
	expect(page.locator(".modal.show")).to_have_count(0)
	expect(page.locator("[data-part=opted-out]")).to_contain_text("opted out, except for emergencies")
	expect(page.locator(".new-timeline")).to_contain_text("Logged an opt-out for")
	assert clicks_of(page) == 1
	assert status_of(family, family.stops) == "Blocked"
	(process,) = services.start_worker()
	try:
		eventually("The other family is reached", lambda: status_of(family, family.stays) == "Reached")
	finally:
		process.stop()
	open_campaign(page, family.campaign)
	shown = page.locator(".title-area .indicator-pill:visible")
	expect(shown).to_have_text("Running")
	can_no_longer_be_undone(monkeypatch)
	expect(shown).to_have_text("Completed")
	assert not frappe.db.count("Dialer Call Log", {"phone": family.stops, "channel": "Voice"})
	why_it_was_blocked(staff("officer"), family)


def can_no_longer_be_undone(monkeypatch) -> None:
	"""Let the tick look again after the minute in which the agent may undo the opt-out."""
	later = clock.now() + corrections.IN_TIME + timedelta(seconds=1)
	with monkeypatch.context() as patched:
		patched.setattr(clock, "now", lambda: later)
		scheduler.complete()
	frappe.db.commit()


def why_it_was_blocked(page: Page, family) -> None:
	"""Open the recipient as a compliance officer, read the reason, and open the history by keyboard."""
	recipient = frappe.db.get_value("Dialer Recipient", {"campaign": family.campaign, "phone": family.stops})
	open_record(page, "dialer-recipient", recipient)
	why = page.locator(".dialer-why")
	expect(why).to_contain_text("Opted out")
	expect(why).to_contain_text("What would change it: Only the person can undo this")
	expect(why).to_contain_text("47 CFR 64.1200(a)(10)")
	page.get_by_role("button", name="Call History").focus()
	page.keyboard.press("Enter")
	told = page.locator(".dialer-story")
	expect(told).to_contain_text("No more calls and texts, but for emergencies. How: Ticket.")
	expect(told).to_contain_text("Please stop calling us.")
	expect(told).to_contain_text("Not called by the campaign")
	assert family.stops[2:] not in page.url and page.url.endswith(recipient)
	page.get_by_role("button", name="Can we call now?").click()
	expect(page.locator(".dialer-answer")).to_contain_text("Blocked")


def link_texted_to(phone: str, carrier: carrier_server.Handle) -> str:
	"""Wait until a worker has texted a link to this number, and return the link."""

	def link() -> str | None:
		for entry in carrier.log("message"):
			if entry["to"] == phone and (found := re.search(r"https?://\S+", entry["params"]["Body"])):
				return found.group()
		return None

	return eventually("A text with a link", link)


def test_a_parent_turns_off_calls_about_events_on_a_telephone(
	browser: Browser,
	address: str,
	staff: Callable[[str], Page],
	draft: Callable[..., str],
	worker: None,
	carrier: carrier_server.Handle,
):
	"""Check the opt-out by the link in a text message.

	The school's next campaign calls the other family, and shows why it did not call this one.
	"""
	parent, other = make.phone("312"), make.phone("312")
	make.consents([parent, other])
	name = draft(
		audience_source="CSV file",
		audience_name=None,
		audience_file=make.csv_file([("Rosa Diaz", parent), ("Ana Lima", other)]),
	)
	with browser.new_context(base_url=address, viewport=PHONE, has_touch=True, is_mobile=True) as telephone:
		page = telephone.new_page()
		page.set_default_timeout(MILLISECONDS)
		page.goto(preference_link.PATH)
		page.get_by_label("Phone number").fill(f"({parent[2:5]}) {parent[5:8]}-{parent[8:]}")
		page.get_by_role("button", name="Send me the link").tap()
		page.goto(link_texted_to(parent, carrier))
		page.get_by_role("button", name=re.compile("^Stop ?: School events, Phone calls$")).tap()
		expect(page.get_by_role("status")).to_have_text(
			"You won't get phone calls about school events any more."
		)
		assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
	manager = staff("manager")
	open_campaign(manager, name)
	button(manager, "Start").click()
	press_in_dialog(manager, "Start")
	expect_status(manager, "Completed")
	frappe.db.rollback()
	states = {row.phone: row.status for row in make.recipients(name, "phone", "status")}
	assert states == {parent: "Blocked", other: "Reached"}
	assert not frappe.db.count("Dialer Call Log", {"phone": parent, "channel": "Voice"})
	expect(field(manager, "results_html", "[data-part=results]")).to_contain_text("Opted out")
