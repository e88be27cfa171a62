"""A campaign as staff see it: started, watched, stopped, and refused with a reason."""

import json
import re
from collections.abc import Callable, Iterator

import frappe
import pytest
from playwright.sync_api import Page, expect

from school_dialer.base import clock
from school_dialer.campaigns import actions
from tests.browser.conftest import GROUP
from tests.browser.kit.forms import (
	button,
	close_dialog,
	control,
	dialog,
	expect_status,
	field,
	open_campaign,
	press_in_dialog,
	save,
)
from tests.integration import factories as make


def test_a_started_campaign_is_paused_resumed_and_cancelled(
	staff: Callable[[str], Page], draft: Callable[..., str]
):
	page, name = staff("manager"), draft()
	open_campaign(page, name)
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
	open_campaign(page, name)
	button(page, "Start").click()
	press_in_dialog(page, "Start")
	expect(control(page, "Cancel campaign")).to_be_visible()
	page.set_viewport_size({"width": 390, "height": 844})
	open_campaign(page, name)
	page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
	for label in ("Pause", "Cancel campaign"):
		expect(control(page, label)).to_be_in_viewport(ratio=1)
	control(page, "Pause").click()
	expect(control(page, "Resume")).to_be_visible()


@pytest.fixture
def typed_above_one(school: None):
	"""Set the settings so that the number must be typed for two or more households."""
	set_single("confirm_above", 1)
	yield
	frappe.db.rollback()
	set_single("confirm_above", 500)


def test_a_large_campaign_starts_after_its_number_was_typed(
	staff: Callable[[str], Page], draft: Callable[..., str], typed_above_one: None
):
	page, name = staff("manager"), draft()
	open_campaign(page, name)
	button(page, "Start").click()
	typed = dialog(page).locator("[data-fieldname=typed] input")
	asked = dialog(page).locator(".frappe-control[data-fieldname=typed]")
	expect(asked).to_contain_text("Confirm count above")
	assert not re.search(r"\d", asked.inner_text()), "the number is read above, and not copied from here"
	typed.fill("1")
	press_in_dialog(page, "Start")
	expect(page.locator("#alert-container")).to_contain_text("That number doesn't match")
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Campaign", name, "status") == "Draft"
	called, waiting = dialog(page).locator("[data-part=tiles] > div").all_inner_texts()[:2]
	typed.fill(str(sum(int(re.search(r"\d+", tile).group()) for tile in (called, waiting))))
	press_in_dialog(page, "Start")
	expect(control(page, "Cancel campaign")).to_be_visible()
	page.wait_for_load_state("networkidle")


@pytest.fixture
def called(draft: Callable[..., str]) -> tuple[str, str]:
	"""Return a phone number with consent, and the draft campaign that calls only this number."""
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
	open_campaign(manager, name)
	page = staff("agent")
	open_campaign(page, name)
	for label in ("Start", "Send test to me", "Preview audience", "Save"):
		expect(button(page, label)).to_have_count(0)
	button(manager, "Start").click()
	press_in_dialog(manager, "Start")
	expect_status(manager, "Completed")
	open_campaign(page, name)
	for label in ("Pause", "Resume", "Cancel campaign"):
		expect(control(page, label)).to_have_count(0)
	frappe.db.rollback()
	recipient = make.recipients(name, "name", "last_call_log")[0]
	for path in (f"dialer-recipient/{recipient.name}", f"dialer-call-log/{recipient.last_call_log}"):
		page.goto(f"/app/{path}")
		expect(field(page, "why_html", ".dialer-why")).to_contain_text("Consent to calls of all kinds")
		assert number[-2:] in field(page, "phone_masked", ".control-value").inner_text()
		assert number not in page.content() and number not in page.evaluate("() => JSON.stringify(locals)")
	manager.goto(f"/app/dialer-recipient/{recipient.name}")
	expect(field(manager, "phone", ".control-value")).to_have_text(number)


def test_an_empty_audience_is_told_before_anything_starts(
	staff: Callable[[str], Page], draft: Callable[..., str]
):
	name = draft(audience_source="CSV file", audience_name=None, audience_file=make.csv_file([]))
	page = staff("manager")
	open_campaign(page, name)
	button(page, "Start").click()
	expect(dialog(page)).to_contain_text("This audience is empty")
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Campaign", name, "status") == "Draft"


@pytest.fixture
def no_identity(school: None):
	"""Set the settings so that the caller identity is empty."""
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
	open_campaign(page, name)
	button(page, "Start").click()
	expect(dialog(page)).to_contain_text("Dialer Settings are not complete")
	expect(dialog(page)).to_contain_text("Name said at the start of calls")
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Campaign", name, "status") == "Draft"
	page.goto("/app/dialer-settings")
	ready = field(page, "ready_html", ".dialer-ready")
	expect(ready).to_contain_text(re.compile(r"Calls(, Texts)?: not yet\."))
	shown = ready.locator("ul ul").all_inner_texts()
	lines = [line for part in shown for line in part.splitlines() if "Name said at the start" in line]
	assert len(lines) == 1, "what calls and texts lack alike is said once"


def test_the_carrier_is_asked_for_the_account(staff: Callable[[str], Page]):
	page = staff("officer")
	page.goto("/app/dialer-settings")
	expect(field(page, "ready_html", ".dialer-ready")).to_contain_text("Calls: ready.")
	button(page, "Test connection").click()
	expect(dialog(page)).to_contain_text("The carrier knows this account as")


@pytest.fixture
def ended(draft: Callable[..., str]) -> str:
	"""Return a campaign with an audience condition that was canceled."""
	condition = {"kind": "Attendance", "status": "Absent", "at_least": 1, "days": 7}
	name = draft(audience_filters=json.dumps({"except": [condition]}))
	actions.cancel(name)
	frappe.db.commit()
	return name


def test_an_ended_campaign_is_duplicated(
	staff: Callable[[str], Page], ended: str, new_title: Callable[[], str]
):
	"""Check that the copy has the same audience and message, but no trace of the first campaign's outcome."""
	page, title = staff("manager"), new_title()
	open_campaign(page, ended)
	again(page, "Duplicate")
	expect_status(page, "Not Saved")
	field(page, "title", "input").fill(title)
	save(page)
	expect_status(page, "Draft")
	frappe.db.rollback()
	copy, first = (frappe.get_doc("Dialer Campaign", name) for name in ({"title": title}, ended))
	for kept in ("purpose", "channel", "template", "details", "audience_name", "audience_filters"):
		assert copy.get(kept) == first.get(kept)
	assert (copy.status, first.status) == ("Draft", "Cancelled")
	assert not copy.ended_at and not copy.requested_by


def test_a_campaign_is_repeated_by_a_rule(staff: Callable[[str], Page], ended: str):
	"""Check that the rule has the same audience and message, and is disabled."""
	page = staff("manager")
	open_campaign(page, ended)
	again(page, "Repeat regularly")
	page.wait_for_function("window.cur_frm && cur_frm.doctype === 'Dialer Rule' && cur_frm.is_new()")
	rule = page.evaluate("cur_frm.doc")
	assert (rule["kind"], rule["template"], rule["audience_name"]) == ("Recurring", "Event reminder", GROUP)
	assert (rule["details"], rule.get("enabled")) == ("The chess evening is on Thursday at six.", 0)
	assert "Attendance" in rule["audience_filters"]
	expect(field(page, "filters_html", "[data-part=conditions]")).to_contain_text("marked Absent")


def test_a_draft_is_checked_and_started_on_a_phone(staff: Callable[[str], Page], draft: Callable[..., str]):
	"""Frappe keeps the page's buttons behind "..." there. A check holds after the page was loaded again.

	Nothing has to be scrolled to: neither the preview, nor the start, nor the button that confirms it.
	"""
	page = staff("manager")
	page.set_viewport_size({"width": 390, "height": 844})
	name = draft()
	open_campaign(page, name)
	strip = page.locator(".dialer-strip:visible")
	expect(strip.get_by_role("button", name="Start")).to_be_in_viewport(ratio=1)
	check = strip.get_by_role("button", name="Check")
	expect(check).to_be_in_viewport(ratio=1)
	check.click()
	expect(dialog(page).locator("[data-part=tiles]")).to_be_visible()
	close_dialog(page)
	expect(strip.locator("[aria-current=step]")).to_contain_text("Start")
	open_campaign(page, name)
	expect(strip.locator("[aria-current=step]")).to_contain_text("Start")
	strip.get_by_role("button", name="Start").click()
	start = dialog(page).get_by_role("button", name="Start", exact=True)
	expect(start).to_be_in_viewport(ratio=1)
	start.click()
	expect(control(page, "Cancel campaign")).to_be_in_viewport(ratio=1)


def again(page: Page, item: str) -> None:
	page.locator(".page-actions:visible").get_by_role("button", name="Use Again").click()
	page.locator(".dropdown-menu:visible").get_by_text(item, exact=True).click()


def test_a_sample_is_heard_in_its_language(staff: Callable[[str], Page], draft: Callable[..., str]):
	"""Check that the browser's own voice gets the text that is shown."""
	page = staff("manager")
	open_campaign(page, draft())
	page.evaluate(
		"window.heard = []; speechSynthesis.speak = (said) => heard.push([said.lang, said.text]); null"
	)
	button(page, "Preview audience").click()
	sample = dialog(page).locator("[data-sample]").first
	shown = sample.locator("xpath=../following-sibling::div[1]")
	sample.click()
	((language, words),) = page.evaluate("heard")
	assert words == shown.inner_text() and language == shown.get_attribute("lang")
	assert "The chess evening is on Thursday at six." in words


def test_a_language_without_the_details_is_a_red_line_and_mended_from_it(
	staff: Callable[[str], Page], draft: Callable[..., str]
):
	page, name = staff("manager"), draft()
	open_campaign(page, name)
	button(page, "Preview audience").click()
	gaps = dialog(page).locator("[data-part=language-gaps]")
	expect(gaps).to_contain_text("who speak Spanish get this message in English")
	expect(gaps).to_contain_text("The details are not written in Spanish.")
	gaps.get_by_role("button", name="Write them: Spanish").click()
	page.wait_for_function("() => !document.body.classList.contains('modal-open')")
	words = page.locator("[data-fieldname=details_translations] .grid-row textarea:focus")
	expect(words).to_have_count(1)
	words.fill("La noche de ajedrez es el jueves a las seis.")
	words.blur()
	save(page)
	page.wait_for_function("() => !cur_frm.is_dirty()")
	button(page, "Preview audience").click()
	expect(dialog(page)).to_contain_text("La noche de ajedrez es el jueves")
	expect(dialog(page).locator("[data-part=language-gaps]")).to_have_count(0)


def test_a_number_that_was_not_entered_looks_empty(staff: Callable[[str], Page], draft: Callable[..., str]):
	page = staff("manager")
	open_campaign(page, draft(max_attempts=0, spend_limit=0, most_at_once=7))
	for fieldname, shown in (("max_attempts", ""), ("spend_limit", ""), ("most_at_once", "7")):
		expect(page.locator(f"[data-fieldname={fieldname}] input")).to_have_value(shown)


def test_an_emergency_is_approved_in_two_taps_on_a_phone(
	staff: Callable[[str], Page], draft: Callable[..., str]
):
	kind = {"emergency_type": "Weather closure", "emergency_reason": "Ice on the roads"}
	name = draft(purpose="Emergency", template="Emergency closure", **kind)
	actions.start(name)
	frappe.db.commit()
	page = staff("approver")
	page.set_viewport_size({"width": 390, "height": 844})
	open_campaign(page, name)
	expect(page.locator(".form-message:visible")).to_contain_text("waits for your approval")
	for fieldname, shown in (("channel", "Phone call"), ("max_attempts", ""), ("most_at_once", "")):
		expect(page.locator(f"[data-fieldname={fieldname}] .control-value")).to_have_text(shown)
	expect(page.locator("[data-fieldname=audience_source] .control-value")).to_contain_text("Families in")
	expect(control(page, "Reject")).to_be_in_viewport(ratio=1)
	expect(control(page, "Approve and call")).to_be_in_viewport(ratio=1)
	control(page, "Approve and call").click()
	approve = dialog(page).get_by_role("button", name="Approve and call", exact=True)
	expect(approve).to_be_in_viewport(ratio=1)
	approve.click()
	expect(page.locator(".modal.show")).to_have_count(0)
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Campaign", name, "approved_by") == "principal@riverside.example"


@pytest.fixture
def finished(draft: Callable[..., str]) -> Iterator[str]:
	"""Yield a completed campaign that reached one person and missed two."""
	name = draft()
	for state in ("Reached", "Not Reached", "Not Reached"):
		row = {"doctype": "Dialer Recipient", "campaign": name, "phone": make.phone()}
		make.consent(row["phone"])
		recipient = frappe.get_doc(row).insert().name
		frappe.db.set_value("Dialer Recipient", recipient, {"status": state, "outcome": "no-answer"})
	times = dict.fromkeys(("started_at", "planned_at", "ended_at"), clock.db_now())
	frappe.db.set_value("Dialer Campaign", name, {"status": "Completed", **times})
	frappe.db.commit()
	yield name
	frappe.db.rollback()
	frappe.db.delete("Dialer Recipient", {"campaign": name})
	frappe.db.commit()


@pytest.mark.parametrize("width", [1400, 390])
def test_those_not_reached_are_tried_again_by_another_way(
	staff: Callable[[str], Page], finished: str, width: int
):
	"""By keyboard: how many families and why, the way, and the same review as before any start."""
	page = staff("manager")
	page.set_viewport_size({"width": width, "height": 844})
	open_campaign(page, finished)
	leads = page.locator("[data-part=next]")
	expect(leads).to_contain_text("2 people were not reached.")
	leads.get_by_role("button", name="Try again those not reached").press("Enter")
	expect(dialog(page)).to_contain_text("2 families were not reached.")
	expect(dialog(page).get_by_role("row", name="No answer")).to_contain_text("2")
	expect(dialog(page).locator("[data-fieldname=way] select")).to_have_value("Text")
	dialog(page).get_by_role("button", name="Review", exact=True).press("Enter")
	review = page.locator(".modal.show").filter(has_text="Review before you start")
	expect(review.locator("[data-part=tiles]")).to_contain_text("get a text")
	expect(review.get_by_role("button", name="Start", exact=True)).to_be_visible()
	new = page.evaluate("cur_frm.doc")
	assert (new["status"], new["channel"], new["resends"]) == ("Draft", "Text", finished)
	assert (new["template"], new["audience_source"]) == (
		"Event reminder",
		"Those another campaign did not reach",
	)
	frappe.db.rollback()
	frappe.delete_doc("Dialer Campaign", new["name"])
	frappe.db.commit()


def test_correct_this_says_how_many_heard_it_and_what_they_are_told(staff, finished: str):
	heard = frappe.db.get_value(
		"Dialer Recipient", {"campaign": finished, "status": "Reached"}, ["name", "phone"], as_dict=True
	)
	log = {"recipient": heard.name, "phone": heard.phone, "campaign": finished, "direction": "Outbound"}
	ended = {
		"channel": "Voice",
		"status": "completed",
		"status_rank": 90,
		"content": "Full",
		"verdict": "ALLOW",
	}
	doc = frappe.get_doc({"doctype": "Dialer Call Log", **log, **ended, "placed_at": clock.db_now()})
	doc.db_insert()
	frappe.db.commit()
	page = staff("manager")
	open_campaign(page, finished)
	page.locator("[data-part=next]").get_by_role("button", name="Correct this").click()
	dialog = page.locator(".modal.show")
	expect(dialog).to_contain_text("1 person heard this or may have heard it.")
	words = dialog.locator("[data-fieldname=words_en] textarea")
	assert "was sent by mistake. Please ignore it." in words.input_value()
	expect(dialog.get_by_role("button", name="Stop it and correct")).to_be_visible()
	frappe.db.delete("Dialer Call Log", {"name": doc.name})
	frappe.db.commit()


def test_the_list_says_why_each_was_not_reached(staff: Callable[[str], Page], finished: str):
	page = staff("manager")
	open_campaign(page, finished)
	page.locator("[data-part=next]").get_by_role("link", name="List for a person to call").click()
	rows = page.locator(".frappe-list .list-row:visible")
	expect(rows).to_have_count(2)
	expect(rows.first).to_contain_text("No answer")
