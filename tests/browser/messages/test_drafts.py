"""Drafts of translations: marked, compared, accepted by a person, and not said before."""

import secrets
from collections.abc import Callable, Iterator

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from school_dialer.messages import store
from tests.browser.conftest import STAFF
from tests.browser.kit import drafts
from tests.browser.kit.forms import open_record, save

SOURCE = {
	"voice": "The concert is at {{ next_event_time | default('six') }}.",
	"text": "The concert is at six.",
}
SPANISH = {
	"voice": "El concierto es a las {{ next_event_time | default('six') }}.",
	"text": "El concierto es a las seis.",
}
GRAVE = ("critical", "serious")


@pytest.fixture
def message(no_tours) -> Iterator[str]:
	"""Yield a message whose Spanish is still to be written, with a translator chosen."""
	rows = [{"language": "en", **SOURCE}, {"language": "es"}]
	values = {"template_name": f"Browser {secrets.token_hex(3)}", "purpose": "Event", "voice": 1, "text": 1}
	doc = frappe.get_doc({"doctype": store.TEMPLATE, **values, "translations": rows}).insert()
	frappe.db.commit()
	with drafts.translator_chosen():
		yield doc.name
	frappe.delete_doc(store.TEMPLATE, doc.name, force=True)
	frappe.db.commit()


def opened(page: Page, name: str) -> Page:
	drafts.answer(page, SPANISH, SOURCE, left=("six",))
	open_record(page, "dialer-message-template", name)
	page.locator(".dialer-composer").get_by_role("tab", name="Spanish").click()
	return page


def spanish(name: str):
	frappe.db.rollback()
	return next(row for row in frappe.get_doc(store.TEMPLATE, name).translations if row.language == "es")


def test_a_draft_waits_until_a_person_accepts_it(staff: Callable[[str], Page], message: str):
	page = opened(staff("manager"), message)
	page.get_by_role("button", name="Draft in Spanish").click()
	panel = drafts.panel(page)
	expect(panel).to_be_focused()
	expect(panel).to_contain_text("Not checked")
	expect(panel).to_contain_text("Draft in Spanish by LibreTranslate")
	expect(panel).to_contain_text("stands inside a field: “six”")
	expect(page.get_by_role("button", name="Draft in Spanish")).to_have_count(0)
	save(page)
	page.wait_for_function("() => !cur_frm.is_dirty()")
	assert spanish(message).draft and not spanish(message).voice
	assert [words.language for words in store.template(message).translations] == ["en"]
	drafts.accept(page)
	save(page)
	expect(page.locator("[data-part=accepted]")).to_contain_text("Drafted by LibreTranslate, accepted by")
	row = spanish(message)
	assert (row.voice, row.text, row.accepted_by) == (SPANISH["voice"], SPANISH["text"], STAFF["manager"])
	assert not row.draft


def test_a_draft_that_is_discarded_leaves_nothing(staff: Callable[[str], Page], message: str):
	page = opened(staff("manager"), message)
	page.get_by_role("button", name="Draft in Spanish").click()
	drafts.panel(page).get_by_role("button", name="Discard").click()
	expect(drafts.panel(page)).to_have_count(0)
	expect(page.locator(".dialer-composer").get_by_role("tab", name="Spanish")).to_have_count(0)
	assert page.evaluate("cur_frm.doc.translations.map((row) => row.language)") == ["en"]


def test_an_emergency_says_what_happens_meanwhile(staff: Callable[[str], Page], message: str):
	page = opened(staff("manager"), message)
	page.evaluate("cur_frm.set_value('purpose', 'Emergency')")
	expect(page.locator("[data-part=meanwhile]")).to_contain_text("Spanish")
	expect(page.locator("[data-part=meanwhile]")).to_contain_text("hear all of it in English")


@pytest.mark.parametrize("width", [390, 1400])
def test_it_is_accessible_at_any_width(staff: Callable[[str], Page], message: str, width: int):
	page = staff("manager")
	page.set_viewport_size({"width": width, "height": 844})
	opened(page, message)
	page.get_by_role("button", name="Draft in Spanish").press("Enter")
	expect(drafts.panel(page)).to_be_focused()
	drawn = {"include": [["[data-part=draft]"]], "exclude": [[".btn-primary"], [".indicator-pill"]]}
	found = [one for one in Axe().run(page, context=drawn).response["violations"] if one["impact"] in GRAVE]
	assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
	assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
