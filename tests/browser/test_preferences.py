"""The preference page on a phone, in a real browser without scripts, by keyboard, and under axe-core."""

import re

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link
from school_dialer.website import words
from tests.browser.kit.preferences import LEVEL_AA, NARROWEST, PHONE, about, link, number, visit

__all__ = ["link", "number", "visit"]


def stopped(phone: str) -> set[tuple[str, str | None, str]]:
	frappe.db.rollback()
	return {(each.scope, each.purpose, each.channel) for each in ledger.read([phone])[phone].opt_outs}


def test_one_tap_stops_one_thing_without_scripts(visit, link, number):
	page = visit(link)
	page.get_by_role("button", name=about("Stop", "Attendance, Phone calls")).tap()
	expect(page.get_by_role("status")).to_have_text("You won't get phone calls about attendance any more.")
	attendance = page.get_by_role("group", name="Attendance")
	expect(attendance).to_contain_text("Phone calls: ✕ Stopped")
	expect(attendance).to_contain_text("Text messages: ✓ On")
	assert stopped(number) == {("this purpose", "Attendance", "Voice")}
	page.reload()
	assert frappe.db.count("Consent Event", {"phone": number, "kind": "Opt Out"}) == 1


def test_all_is_stopped_and_comes_back_in_two_taps(visit, link, number):
	page = visit(link)
	page.get_by_role("button", name="Stop all calls and texts, except emergencies").tap()
	expect(page.get_by_role("group", name="Emergencies")).to_contain_text("Phone calls: ✓ On")
	assert {scope for scope, *_ in stopped(number)} == {"all non-emergency"}
	page.get_by_role("link", name=about("Turn on", "Attendance, Phone calls")).tap()
	expect(page.get_by_text("not a condition of any service")).to_be_visible()
	page.get_by_role("button", name="I agree").tap()
	expect(page.get_by_role("status")).to_have_text("You will get phone calls about attendance.")
	assert ("this purpose", "Attendance", "Voice") not in stopped(number)
	page.get_by_role("link", name="Allow again what I allowed before").tap()
	page.get_by_role("button", name="I agree").tap()
	expect(page.get_by_role("status")).to_have_text("Turned on.")
	assert stopped(number) == set()


def test_everything_and_the_wrong_number(visit, link, number):
	page = visit(link)
	page.get_by_role("button", name="Stop everything, even emergencies").tap()
	expect(page.get_by_role("button", name="Stop everything, even emergencies")).to_have_count(0)
	assert {scope for scope, *_ in stopped(number)} == {"everything"}
	page.get_by_role("link", name="This is the wrong number").tap()
	page.get_by_role("link", name="Go back, change nothing").tap()
	page.get_by_role("link", name="This is the wrong number").tap()
	page.get_by_role("button", name="This is the wrong number").tap()
	expect(page.get_by_role("status")).to_contain_text("We have stopped all calls and texts")
	page.goto(link)
	page.get_by_role("button", name="Undo: this is the right number").tap()
	expect(page.get_by_role("status")).to_contain_text("Undone.")
	assert {scope for scope, *_ in stopped(number)} == {"everything"}


def test_a_link_is_asked_for_by_number(visit, number):
	page = visit(preference_link.PATH)
	page.get_by_label("Phone number").fill("12")
	page.get_by_role("button", name="Send me the link").tap()
	field = page.get_by_label("Phone number")
	expect(field).to_have_attribute("aria-invalid", "true")
	expect(field).to_have_accessible_description(re.compile("not a complete phone number"))
	field.fill(f"({number[2:5]}) {number[5:8]}-{number[8:]}")
	page.get_by_role("button", name="Send me the link").tap()
	expect(page.get_by_role("status")).to_contain_text("If we have this number on record")
	assert number[2:] not in page.url
	frappe.db.rollback()
	assert frappe.db.count("Dialer Notice", {"phone": number, "kind": "Preference Link"}) == 1


def test_the_language_is_one_tap_away_and_arabic_reads_from_the_right(visit, link, number):
	page = visit(link)
	page.get_by_role("link", name="العربية").tap()
	expect(page.locator("html")).to_have_attribute("dir", "rtl")
	first = page.get_by_role("group", name=words.say("Attendance", "ar")).locator(".row").first
	text, button = first.locator("> span").bounding_box(), first.locator("button").bounding_box()
	assert text["x"] + text["width"] > PHONE["width"] - 60
	assert button["x"] <= text["x"] or button["y"] > text["y"]
	first.locator("button").tap()
	expect(page.get_by_role("status")).to_have_text(
		"لن تتلقى المكالمات الهاتفية بشأن الحضور والغياب بعد الآن."
	)
	assert stopped(number) == {("this purpose", "Attendance", "Voice")}


def test_a_parent_stops_calls_in_spanish_in_two_taps(visit, link, number):
	page = visit(link)
	page.get_by_role("link", name="Español").tap()
	page.get_by_role("button", name=about("Detener", "Asistencia, Llamadas")).tap()
	expect(page.get_by_role("status")).to_have_text("Ya no recibirá llamadas sobre asistencia.")
	assert stopped(number) == {("this purpose", "Attendance", "Voice")}


def test_a_member_of_staff_who_is_logged_in_can_use_it(page_as, link, number):
	page = page_as("Dialer Manager")
	page.goto(link)
	page.get_by_role("button", name=about("Stop", "Fees, Text messages")).click()
	expect(page.get_by_role("status")).to_have_text("You won't get text messages about fees any more.")
	assert stopped(number) == {("this purpose", "Fees", "Text")}


def test_the_keyboard_is_enough_and_shows_where_it_is(visit, link, number):
	page = visit(link, scripts=True, is_mobile=False, has_touch=False)
	names = []
	for _ in range(60):
		page.keyboard.press("Tab")
		focused = page.evaluate(
			"""() => {
				const element = document.activeElement;
				const style = getComputedStyle(element);
				return [element.textContent.trim(), element.tagName, style.outlineStyle,
					parseFloat(style.outlineWidth)];
			}"""
		)
		if focused[1] == "BODY":
			break
		assert focused[2] != "none" and focused[3] >= 2, focused
		names.append(focused[0])
		if focused[0] == "Stop: School events, Phone calls":
			page.keyboard.press("Enter")
			break
	expect(page.get_by_role("status")).to_have_text("You won't get phone calls about school events any more.")
	assert names[:5] == [table["language_name"] for table in words.tables().values()]
	assert stopped(number) == {("this purpose", "Event", "Voice")}


@pytest.mark.parametrize("viewport", [PHONE, NARROWEST], ids=["390", "320"])
@pytest.mark.parametrize("language", sorted(words.tables()))
def test_it_fits_a_telephone_and_a_thumb(visit, link, language, viewport):
	page = visit(f"{link}&lang={language}", scripts=True, viewport=viewport)
	assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
	for target in page.locator("button, a, input:not([type=hidden])").all():
		box = target.bounding_box()
		assert box["width"] >= 24 and box["height"] >= 24, target.text_content()


@pytest.mark.parametrize("language", sorted(words.tables()))
def test_axe_finds_nothing(visit, link, language):
	paths = {
		"asking": f"{preference_link.PATH}?lang={language}&done=done_asked",
		"choices": f"{link}&lang={language}&done=done_stopped&what=stop:Any:Event",
		"agreement": f"{link}&lang={language}&on=start:Text:Fundraising",
		"wrong number": f"{link}&lang={language}&on=wrong-number:Any:All",
		"refusal": f"{preference_link.PATH}?lang={language}&t=nothing",
	}
	for what, path in paths.items():
		page = visit(path, scripts=True)
		result = Axe().run(page, options=LEVEL_AA)
		assert result.violations_count == 0, f"{what}\n{result.generate_report()}"
		assert page.locator("html").get_attribute("lang") == language
		assert page.locator("h1").count() == 1


def test_the_served_page_is_private(address, browser, link):
	context = browser.new_context(base_url=address)
	for path in (link, preference_link.PATH):
		answer = context.request.get(path)
		assert answer.headers["cache-control"] == "no-store"
		assert answer.headers["referrer-policy"] == "no-referrer"
		assert "noindex" in answer.headers["x-robots-tag"]
	context.close()
