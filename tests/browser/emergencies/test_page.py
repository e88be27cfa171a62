"""An emergency is started from a phone in three taps, and once only on a bad connection."""

import json
import secrets
from collections.abc import Iterator

import frappe
import pytest
from playwright.sync_api import Page, expect

from dev.school import users
from school_dialer.emergency_kit import item_seal, starting
from tests.browser.conftest import GROUP, STAFF, TITLE
from tests.browser.kit.accessible import is_accessible
from tests.integration import factories as make

WORDS = "There is a fire at the school. Everyone is safe."
API = "**/api/method/school_dialer.desk.emergency_kit.starts."


@pytest.fixture
def item(no_tours) -> Iterator[str]:
	"""Yield the title of an approved item to the families of a group."""
	users.create()
	title = f"{TITLE} {secrets.token_hex(4)}"
	values = {"emergency_type": "Fire", "channel": "Text", "audience_name": GROUP, "position": 0}
	said = {"text": WORDS + ' {{ campaign_details | default("Please wait.") }}'}
	doc = frappe.get_doc(
		{
			"doctype": item_seal.DOCTYPE,
			"title": title,
			"audience_source": "Guardians of a Student Group",
			"template": make.template("Emergency", said=said),
			**values,
		}
	).insert()
	frappe.set_user(STAFF["approver"])
	item_seal.approve(doc.name, item_seal.digest_of(doc))
	frappe.set_user("Administrator")
	frappe.db.commit()
	yield title
	frappe.db.rollback()
	for start in starts(doc.name):
		frappe.db.set_value("Dialer Campaign", start.campaign, {"status": "Cancelled", "kit_start": None})
	frappe.db.delete(starting.DOCTYPE, {"item": doc.name})
	frappe.delete_doc(item_seal.DOCTYPE, doc.name, force=True)
	frappe.db.commit()


def starts(item: str) -> list:
	frappe.db.rollback()
	return frappe.get_all(starting.DOCTYPE, {"item": item}, ["name", "campaign"], order_by="creation")


def of_title(title: str) -> list:
	frappe.db.rollback()
	return frappe.get_all("Dialer Campaign", {"title": title}, ["name", "status", "details"])


def opened(page: Page, width: int = 390) -> Page:
	page.set_viewport_size({"width": width, "height": 844})
	page.goto("/app/dialer-emergency")
	expect(page.locator("#dialer-emergency-pick")).to_be_visible()
	return page


def start_tapped(page: Page, title: str) -> None:
	page.get_by_role("button", name=title).click()
	page.locator(".dialer-sure").click()
	page.get_by_role("button", name="Start", exact=True).click()


@pytest.mark.parametrize("width", [390, 1400])
def test_three_taps(staff, item, width):
	page = opened(staff("agent"), width)
	assert "A manager prepares" in page.evaluate("school_dialer.emergency.items([])")
	is_accessible(page, ".dialer-emergency")
	page.get_by_role("button", name=item).click()
	confirm = page.locator("[data-part=confirm]")
	expect(confirm.locator("blockquote")).to_contain_text(WORDS)
	expect(confirm.locator("blockquote")).to_contain_text("Please wait.")
	expect(confirm).to_contain_text("phone number")
	expect(confirm.get_by_role("button", name="Start", exact=True)).to_be_disabled()
	is_accessible(page, ".dialer-emergency")
	confirm.get_by_label("Details").fill("Gate B is open.")
	page.locator(".dialer-sure").click()
	confirm.get_by_role("button", name="Start", exact=True).click()
	sent = page.locator("[data-part=sent]")
	expect(sent).to_contain_text("Received at")
	expect(sent).to_contain_text("Waiting for the second person.")
	is_accessible(page, ".dialer-emergency")
	(campaign,) = of_title(item)
	assert (campaign.status, campaign.details) == ("Awaiting Approval", "Gate B is open.")
	assert page.evaluate("localStorage.getItem(`dialer_emergency:${frappe.session.user}`)") is None


def test_pressed_offline_it_is_sent_once_when_the_line_is_back(staff, item):
	page = opened(staff("agent"))
	page.context.set_offline(True)
	start_tapped(page, item)
	sent = page.locator("[data-part=sent]")
	expect(sent).to_contain_text("Not received by the server yet.")
	assert not of_title(item)
	page.context.set_offline(False)
	expect(sent).to_contain_text("Received at")
	assert len(of_title(item)) == 1


def test_who_may_prepare_the_kit_is_led_there(staff):
	page = staff("manager")
	page.goto("/app/dialer-emergency")
	expect(page.locator("#dialer-emergency-pick")).to_be_visible()
	assert "/dialer-emergency-kit-item" in page.evaluate("school_dialer.emergency.items([])")


def test_an_answer_that_was_lost_starts_nothing_twice(staff, item):
	page, lost = opened(staff("agent")), []

	def lose(route) -> None:
		if lost:
			return route.continue_()
		lost.append(route.fetch())
		return route.abort()

	page.route(API + "start", lose)
	start_tapped(page, item)
	expect(page.locator("[data-part=sent]")).to_contain_text("Received at")
	assert lost and lost[0].ok and len(of_title(item)) == 1


def test_a_closed_page_sends_what_it_kept(staff, item):
	page = opened(staff("agent"))
	page.route(API + "start", lambda route: route.abort())
	start_tapped(page, item)
	expect(page.locator("[data-part=sent]")).to_contain_text("Not received")
	page.unroute(API + "start")
	page.goto("/app/dialer-emergency")
	expect(page.locator("[data-part=sent]")).to_contain_text("Received at")
	assert len(of_title(item)) == 1


def test_an_old_request_asks_again(staff, item):
	page = opened(staff("agent"))
	page.route(API + "start", lambda route: route.abort())
	start_tapped(page, item)
	expect(page.locator("[data-part=sent]")).to_contain_text("Not received")
	place = page.evaluate("`dialer_emergency:${frappe.session.user}`")
	# The page tries again by itself, so another one makes the request old.
	page.goto("/dialer-receipt")
	kept = json.loads(page.evaluate("place => localStorage.getItem(place)", place))
	kept["pressed"] -= 16 * 60 * 1000
	page.evaluate("([place, kept]) => localStorage.setItem(place, kept)", [place, json.dumps(kept)])
	page.unroute(API + "start")
	page.goto("/app/dialer-emergency")
	sent = page.locator("[data-part=sent]")
	expect(sent).to_contain_text("Is it still meant?")
	assert not of_title(item)
	sent.get_by_role("button", name="Yes, start it now").click()
	expect(sent).to_contain_text("Received at")
	assert len(of_title(item)) == 1


def test_what_the_server_refuses_is_said(staff, item):
	page = opened(staff("agent"))
	page.get_by_role("button", name=item).click()
	page.get_by_label("Details").fill("Call 312 555 0142 <b>now</b>")
	page.locator(".dialer-sure").click()
	page.get_by_role("button", name="Start", exact=True).click()
	expect(page.locator("[data-part=sent]")).to_contain_text("Not started.")
	assert not of_title(item)
	page.get_by_role("button", name="Back", exact=True).click()
	expect(page.locator("#dialer-emergency-pick")).to_be_visible()


def test_a_drill_is_asked_apart_and_says_so(staff, item):
	page = opened(staff("agent"))
	page.get_by_role("button", name=item).click()
	page.get_by_role("button", name="Start a drill instead").click()
	confirm = page.locator("[data-part=confirm]")
	expect(confirm.locator("blockquote")).to_contain_text("This was a DRILL.")
	expect(confirm.locator("blockquote")).not_to_contain_text(WORDS)
	is_accessible(page, ".dialer-emergency")
	page.locator(".dialer-sure").click()
	confirm.get_by_role("button", name="Start the drill").click()
	sent = page.locator("[data-part=sent]")
	agree = sent.get_by_role("button", name="Yes, start the drill")
	expect(agree.or_(sent.get_by_text("Received at"))).to_be_visible()
	if agree.is_visible():
		assert not of_title(f"Drill: {item}")
		agree.click()
	expect(sent).to_contain_text("Received at")
	(campaign,) = of_title(f"Drill: {item}")
	assert campaign.status != "Awaiting Approval" and not of_title(item)


def test_the_starter_sees_that_no_one_is_on_call(staff, item):
	frappe.db.delete("Dialer On-call Person", {"parent": "Dialer Settings"})
	frappe.db.commit()
	page = opened(staff("agent"))
	start_tapped(page, item)
	expect(page.locator("[data-part=sent]")).to_contain_text("No one is on call.")


def test_an_approver_chooses_a_pin(staff, item):
	page = opened(staff("approver"))
	own = page.locator("[data-part=own]")
	expect(own).to_contain_text("You have no PIN yet.")
	is_accessible(page, ".dialer-emergency")
	own.get_by_role("button", name="Choose a PIN").click()
	page.locator(".modal.show input[type=password]").fill("48291")
	page.locator(".modal.show").get_by_role("button", name="Save").click()
	expect(own).to_contain_text("You have a PIN for approvals by call.")
	frappe.db.rollback()
	frappe.db.delete("Dialer PIN", {"person_doctype": "User", "person": STAFF["approver"]})
	frappe.db.commit()


def test_the_form_of_an_item_and_its_approval(staff, item):
	name = frappe.db.get_value(item_seal.DOCTYPE, {"title": item})
	frappe.db.set_value(item_seal.DOCTYPE, name, dict(item_seal.NOTHING_APPROVED))
	frappe.db.commit()
	page = staff("approver")
	page.goto(f"/app/dialer-emergency-kit-item/{name}")
	expect(page.locator(".indicator-pill", has_text="Not Approved").first).to_be_visible()
	page.get_by_role("button", name="Approve", exact=True).click()
	page.locator(".modal.show").get_by_role("button", name="Yes").click()
	expect(page.locator(".indicator-pill", has_text="Approved").first).not_to_contain_text("Not")
	frappe.db.rollback()
	assert item_seal.is_approved(frappe.get_doc(item_seal.DOCTYPE, name))
