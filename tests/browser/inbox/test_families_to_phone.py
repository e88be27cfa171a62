"""A clerk phones families that no call reached: on a phone, with the keyboard, and with second thoughts."""

from collections.abc import Callable, Iterator

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dev.screenshots import camera
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.manual_calls import listing
from tests.browser.kit.forms import close_dialog, field, open_record, press_in_dialog
from tests.integration import factories as make

AGENT = "office@riverside.example"
GRAVE = ("critical", "serious")
SETTING = "phone_event"


@pytest.fixture
def families(draft: Callable[..., str]) -> Iterator[list[frappe._dict]]:
	"""Yield the families of a class that no call reached. They are the only ones on the list."""
	before = frappe.db.get_single_value("Dialer Settings", SETTING)
	frappe.db.set_single_value("Dialer Settings", SETTING, 1)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	frappe.db.sql("update `tabDialer Manual Call` set status = 'Done', claimed_by = null, done_at = null")
	name = draft()
	actions.start(name)
	frappe.db.commit()
	planner.run(name)
	frappe.db.sql(
		"update `tabDialer Recipient` set status = 'Not Reached' where campaign = %s and status = 'Pending'",
		name,
	)
	frappe.db.set_value("Dialer Campaign", name, "status", "Completed")
	listing.fill_soon(name)
	frappe.db.commit()
	fields = ["name", "phone", "person_name", "recipient"]
	yield frappe.get_all(listing.DOCTYPE, {"campaign": name, "status": "Waiting"}, fields, order_by="name")
	frappe.db.rollback()
	frappe.db.sql("update `tabDialer Manual Call` set status = 'Done', claimed_by = null")
	frappe.db.sql("update `tabDialer Recipient` set held_until = null where campaign = %s", name)
	frappe.db.set_single_value("Dialer Settings", SETTING, before)
	make.forget_own_number(AGENT)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def open_list(page: Page, width: int) -> None:
	page.set_viewport_size({"width": width, "height": 844})
	page.goto("/app/dialer-calls")
	expect(page.locator("#dialer-calls-waiting")).to_contain_text("wait for a call")


def speak_all(page: Page) -> None:
	for box in page.locator(".dialer-lang input").all():
		box.check()


def row(name: str) -> frappe._dict:
	frappe.db.rollback()
	return frappe.db.get_value(listing.DOCTYPE, name, ["*"], as_dict=True)


BOARD = """() => {
	const waits = (language, waiting) => ({ purpose: "Attendance", language, waiting, later: 0, claimed: 0 });
	const counts = [waits("en", 2), waits("es", 5)];
	const spoken = (code) => school_dialer.manual_calls.board({ counts }, (one) => one === code);
	return ["en", "es", "vi"].map((code) => $("<div>").html(spoken(code)).find("h5, [data-purpose]").text());
}"""
"""What the page says to who speaks the first, the second, or no language of those that wait."""


@pytest.mark.parametrize("width", [390, 1400])
def test_a_clerk_claims_calls_and_notes(staff: Callable[[str], Page], families, carrier, width: int):
	phone = make.own_number(AGENT, make.unlisted_phone())
	frappe.db.commit()
	talk = {"behaviour": "presses", "digits": "1", "talks": 20}
	carrier.control("people", {phone: talk, **{one.phone: {"behaviour": "answers"} for one in families}})
	page = staff("agent")
	open_list(page, width)
	assert page.evaluate(BOARD) == [
		"2 families wait for a call in a language you speak. In other languages: 5.Attendance: 2",
		"5 families wait for a call in a language you speak. In other languages: 2.Attendance: 5",
		"No family waits in a language you speak. In other languages: 7.",
	]
	speak_all(page)
	page.get_by_role("button", name="Next Family").click()
	card = page.locator("[data-part=card]")
	expect(card.locator("h4")).to_be_focused()
	(mine,) = frappe.get_all(listing.DOCTYPE, {"claimed_by": AGENT, "status": "Claimed"}, ["*"])
	expect(card.locator("h4")).to_have_text(mine.person_name)
	expect(card.locator("blockquote").first).not_to_be_empty()
	assert not [one for one in families if one.phone[2:] in page.content()]
	card.get_by_role("button", name="Call", exact=True).press("Enter")
	expect(card.get_by_role("status")).to_contain_text("The call is over")
	card.get_by_label("Note").fill("They <b>know</b>.")
	card.get_by_role("button", name="Reached").click()
	done = page.locator("[data-part=done]")
	expect(done).to_contain_text(mine.person_name)
	assert (row(mine.name).outcome, row(mine.name).note) == ("Reached", "They <b>know</b>.")
	assert frappe.db.get_value("Dialer Recipient", mine.recipient, "status") == "Reached"
	done.get_by_role("button", name="Undo").click()
	expect(card.locator("h4")).to_have_text(mine.person_name)
	card.get_by_role("button", name="No answer").click()
	expect(done).to_contain_text("No answer")
	assert row(mine.name).status == "Waiting"
	assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_a_manager_sees_who_works_on_what(staff: Callable[[str], Page], families):
	agent, manager = staff("agent"), staff("manager")
	open_list(agent, 390)
	speak_all(agent)
	agent.get_by_role("button", name="Next Family").click()
	expect(agent.locator("[data-part=card] h4")).to_be_visible()
	open_list(manager, 1400)
	working = manager.locator("[data-part=working]")
	expect(working).to_contain_text("until")
	working.get_by_role("button", name="Give back").click()
	expect(working).to_be_hidden()
	agent.reload()
	expect(agent.get_by_role("button", name="Next Family")).to_be_visible()


def test_what_harms_is_asked_once_more(staff: Callable[[str], Page], families):
	page = staff("agent")
	open_list(page, 390)
	speak_all(page)
	page.get_by_role("button", name="Next Family").click()
	card = page.locator("[data-part=card]")
	expect(card.locator("h4")).to_be_focused()
	(mine,) = frappe.get_all(listing.DOCTYPE, {"claimed_by": AGENT, "status": "Claimed"}, ["*"])
	card.get_by_role("button", name="Wrong number").click()
	dialog = page.locator(".modal.show")
	expect(dialog).to_contain_text("belong to someone else")
	press_in_dialog(page, "No")
	assert row(mine.name).status == "Claimed"
	card.get_by_role("button", name="Asked to stop").click()
	expect(dialog).to_contain_text("What they do not want")
	close_dialog(page)
	card.get_by_role("button", name="Call again later").click()
	expect(dialog).to_contain_text("Call again at")


def test_an_empty_list_says_so(staff: Callable[[str], Page], families):
	frappe.db.sql("update `tabDialer Manual Call` set status = 'Done'")
	frappe.db.commit()
	page = staff("agent")
	page.set_viewport_size({"width": 390, "height": 844})
	page.goto("/app/dialer-calls")
	expect(page.locator("#dialer-calls-waiting")).to_have_text("No family waits for a call.")
	expect(page.locator("[data-part=board]")).to_contain_text("appear here by themselves")


def test_a_screen_reader_finds_its_way(staff: Callable[[str], Page], families):
	page = staff("agent")
	open_list(page, 390)
	speak_all(page)
	page.get_by_role("button", name="Next Family").click()
	expect(page.locator("[data-part=card] h4")).to_be_focused()
	drawn = {"include": [[".dialer-calls"]], "exclude": [[".btn-primary"], [".indicator-pill"]]}
	found = Axe().run(page, context=drawn).response["violations"]
	grave = [one for one in found if one["impact"] in GRAVE]
	assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in grave] == []


def test_a_family_is_described_in_the_readers_language(staff: Callable[[str], Page], families):
	name = families[0].name
	frappe.db.set_value("Dialer Manual Call", name, "language", "en")
	frappe.db.commit()
	with camera.spoken(AGENT, "es"):
		page = staff("agent")
		open_record(page, "dialer-manual-call", name)
		expect(field(page, "purpose", ".control-value")).to_have_text("Evento")
		expect(field(page, "language", ".control-value")).to_have_text("inglés")
