"""Tell families: from the home page to a started campaign in seven clicks and one sentence."""

from collections.abc import Callable, Iterator

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import GROUP, STAFF
from tests.browser.kit import drafts
from tests.browser.kit.clicks import clicks_of, count_clicks
from tests.browser.kit.forms import OFFERED, button, dialog, field, press_in_dialog, wait_for_answers

MOST_CLICKS = 7
WORDS = "Bring a board to the open hour on Thursday."
SPANISH = "Traigan un tablero a la hora libre del jueves."
OTHER_WORDS = "The open hour was moved to the gym."
TITLE = f"Event reminder: {GROUP}"
GRAVE = ("critical", "serious")
PHONE, DESK = 390, 1400
ABOVE_THE_BAR = """() => document.activeElement.getBoundingClientRect().bottom
	<= document.querySelector(".dialer-go").getBoundingClientRect().top"""


@pytest.fixture
def sent(no_tours) -> Iterator[Callable[[], frappe._dict]]:
	"""Yield a function that returns the campaign that the page made; at the end it is taken away."""
	before = set(names())

	def made() -> frappe._dict:
		frappe.db.rollback()
		(name,) = set(names()) - before
		return frappe.get_doc("Dialer Campaign", name)

	yield made
	frappe.db.rollback()
	for name in set(names()) - before:
		frappe.db.set_value("Dialer Campaign", name, {"status": "Cancelled", "title": f"Browser {name}"})
	frappe.db.commit()


@pytest.fixture
def spanish_family(no_tours) -> Iterator[None]:
	"""Have one guardian of the group speak Spanish."""
	students = frappe.get_all("Student Group Student", {"parent": GROUP, "active": 1}, pluck="student")
	of_them = {"parent": ("in", students), "parenttype": "Student"}
	guardian = frappe.get_all("Student Guardian", of_them, pluck="guardian", order_by="guardian")[0]
	before = frappe.db.get_value("Guardian", guardian, "dialer_language")
	frappe.db.set_value("Guardian", guardian, "dialer_language", "es")
	frappe.db.commit()
	yield
	frappe.db.set_value("Guardian", guardian, "dialer_language", before)
	frappe.db.commit()


def names() -> list[str]:
	own = {"owner": STAFF["manager"], "title": ("like", f"%: {GROUP}")}
	return frappe.get_all("Dialer Campaign", own, pluck="name", order_by="name")


def opened(page: Page, width: int) -> Page:
	page.set_viewport_size({"width": width, "height": 844})
	page.goto("/app/dialer-tell")
	expect(page.get_by_role("radio", name="Event", exact=True)).to_be_attached()
	return page


def choose_whom(page: Page) -> None:
	field(page, "audience_source", "select").select_option("Guardians of a Student Group")
	field(page, "audience_name", "input").fill(GROUP)
	page.locator(OFFERED, has_text=GROUP).first.click()
	wait_for_answers(page)


def topic(page: Page, name: str) -> None:
	page.locator(".dialer-tell label", has_text=name).first.click()


def own_box(page: Page):
	return page.get_by_label("One or two sentences")


def phone_of(page: Page, language: str):
	return page.locator(f".dialer-phone[data-language={language}]")


def is_accessible(page: Page) -> None:
	"""Check the page without Frappe's own buttons and fields, whose contrast and labels are its own."""
	drawn = {"include": [[".dialer-tell"]], "exclude": [[".btn-primary"], [".control-input"]]}
	found = Axe().run(page, context=drawn).response["violations"]
	grave = [one for one in found if one["impact"] in GRAVE]
	assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in grave] == []
	assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_seven_clicks_and_one_sentence(staff: Callable[[str], Page], sent):
	page = staff("manager")
	count_clicks(page)
	page.goto("/app/school-dialer")
	page.locator(".shortcut-widget-box", has_text="Tell Families").first.click()
	expect(page.get_by_role("radio", name="Event", exact=True)).to_be_attached()
	topic(page, "Event")
	choose_whom(page)
	own_box(page).fill(WORDS)
	expect(phone_of(page, "en")).to_contain_text(WORDS)
	page.get_by_role("button", name="Review and start").click()
	expect(dialog(page).locator("[data-part=tiles]")).to_be_visible()
	press_in_dialog(page, "Start")
	page.wait_for_function("window.cur_frm?.doctype === 'Dialer Campaign' && !cur_frm.is_new()")
	assert clicks_of(page) <= MOST_CLICKS
	campaign = sent()
	assert campaign.status in ("Preparing", "Running", "Completed")
	assert (campaign.title, campaign.channel, campaign.details) == (TITLE, "Voice", WORDS)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_it_is_usable_at_any_width(staff: Callable[[str], Page], sent, width: int):
	page = opened(staff("manager"), width)
	topic(page, "Event")
	choose_whom(page)
	expect(page.locator(".dialer-tell [data-part=count]")).to_contain_text("phone number")
	own_box(page).fill(WORDS)
	expect(phone_of(page, "en")).to_contain_text(WORDS)
	is_accessible(page)
	expect(page.get_by_role("button", name="Review and start")).to_be_in_viewport(ratio=1)


def test_by_keyboard_alone(staff: Callable[[str], Page], sent):
	page = staff("manager")
	count_clicks(page)
	opened(page, DESK)
	page.get_by_role("radio", name="Event", exact=True).focus()
	page.keyboard.press("Space")
	source = field(page, "audience_source", "select")
	source.focus()
	for _press in range(source.locator("option").count()):
		if source.input_value() == "Guardians of a Student Group":
			break
		page.keyboard.press("ArrowDown")
	field(page, "audience_name", "input").focus()
	page.keyboard.type(GROUP)
	expect(page.locator(OFFERED, has_text=GROUP).first).to_be_visible()
	page.keyboard.press("Enter")
	wait_for_answers(page)
	own_box(page).focus()
	page.keyboard.type(WORDS)
	expect(phone_of(page, "en")).to_contain_text(WORDS)
	page.get_by_role("button", name="Review and start").focus()
	page.keyboard.press("Enter")
	expect(dialog(page).get_by_role("button", name="Start", exact=True)).to_be_enabled()
	page.wait_for_function("document.activeElement.closest('.modal.show')")
	page.keyboard.press("Control+Enter")
	page.wait_for_function("window.cur_frm?.doctype === 'Dialer Campaign' && !cur_frm.is_new()")
	assert sent().status in ("Preparing", "Running", "Completed")
	assert page.evaluate("sessionStorage.getItem('pressed')") is None, "the mouse was not used"


def test_each_language_is_shown_as_it_is_written(staff: Callable[[str], Page], sent, spanish_family):
	page = opened(staff("manager"), DESK)
	topic(page, "Event")
	choose_whom(page)
	own_box(page).fill(WORDS)
	expect(phone_of(page, "es")).to_contain_text("There is no translation for this language")
	page.get_by_label("The same in Spanish").fill(SPANISH)
	expect(phone_of(page, "es")).to_contain_text(SPANISH)
	expect(phone_of(page, "es")).not_to_contain_text("There is no translation")
	page.locator(".dialer-tell label", has_text="then a text").click()
	expect(phone_of(page, "es")).to_contain_text("Text to families we couldn't reach")


def test_a_draft_is_sent_only_once_it_is_accepted(staff: Callable[[str], Page], sent, spanish_family):
	with drafts.translator_chosen():
		page = opened(staff("manager"), DESK)
		drafts.answer(page, {"details": SPANISH}, {"details": WORDS})
		topic(page, "Event")
		choose_whom(page)
		own_box(page).fill(WORDS)
		page.get_by_role("button", name="Draft in Spanish").click()
		expect(drafts.panel(page)).to_contain_text(SPANISH)
		drafts.panel(page).get_by_role("button", name="Discard").focus()
		assert page.evaluate(ABOVE_THE_BAR), "the button in focus is behind the bar at the bottom"
		expect(phone_of(page, "es")).to_contain_text("There is no translation for this language")
		drafts.accept(page)
		expect(phone_of(page, "es")).to_contain_text(SPANISH)
		page.get_by_role("button", name="Review and start").click()
		expect(dialog(page).locator("[data-part=tiles]")).to_be_visible()
	(row,) = sent().details_translations
	named = (row.details, row.drafted_by, row.accepted_by)
	assert named == (SPANISH, drafts.BY, STAFF["manager"])


def test_an_emergency_asks_what_happened_and_for_approval(staff: Callable[[str], Page], sent):
	page = opened(staff("manager"), DESK)
	topic(page, "Closure")
	choose_whom(page)
	page.get_by_role("button", name="Review and ask for approval").click()
	expect(page.get_by_label("What happened", exact=True)).to_be_focused()
	page.get_by_label("What happened", exact=True).fill("Ice on the roads")
	page.get_by_role("button", name="Review and ask for approval").click()
	press_in_dialog(page, "Ask for approval")
	page.wait_for_function("window.cur_frm?.doctype === 'Dialer Campaign' && !cur_frm.is_new()")
	campaign = sent()
	assert (campaign.status, campaign.emergency_type) == ("Awaiting Approval", "Weather closure")


def test_an_absence_goes_to_no_one_who_is_not_concerned(staff: Callable[[str], Page], sent, no_tours):
	"""Contacts are no students' families, so that they cannot be narrowed: all would get the message."""
	page = opened(staff("manager"), DESK)
	field(page, "audience_source", "select").select_option("All contacts")
	wait_for_answers(page)
	topic(page, "Absence")
	count = page.locator(".dialer-tell [data-part=count]")
	expect(count).to_contain_text("for some families only")
	page.get_by_role("button", name="Review and start").click()
	expect(page.locator(".desk-alert")).to_contain_text("for some families only")
	expect(page.locator(".modal.show")).to_have_count(0)


def test_closing_the_review_keeps_one_draft(staff: Callable[[str], Page], sent):
	page = opened(staff("manager"), DESK)
	topic(page, "Event")
	choose_whom(page)
	for words in (WORDS, OTHER_WORDS):
		own_box(page).fill(words)
		expect(phone_of(page, "en")).to_contain_text(words)
		page.get_by_role("button", name="Review and start").click()
		expect(dialog(page).locator("[data-part=tiles]")).to_be_visible()
		dialog(page).locator(".btn-modal-close").click()
		expect(page.locator(".modal.show")).to_have_count(0)
	draft = sent()
	assert (draft.status, draft.details) == ("Draft", OTHER_WORDS)


def test_the_list_of_campaigns_leads_there(staff: Callable[[str], Page], no_tours):
	page = staff("manager")
	page.goto("/app/dialer-campaign")
	button(page, "Tell Families").click()
	expect(page.get_by_role("radio", name="Event", exact=True)).to_be_attached()
