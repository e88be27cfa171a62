"""The form of a message template: pick a field, preview the text while typing, explain a mistake."""

import secrets
from collections.abc import Iterator

import frappe
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.kit.forms import OFFERED, open_new, opened_dialog


@pytest.fixture(scope="module", autouse=True)
def named_school(school: None) -> Iterator[None]:
	"""Set the settings that every message needs, and restore the school's own at the end."""
	wanted = {
		"school_name": "Riverside School",
		"caller_identity": "Riverside School",
		"call_back_number": "+18005550142",
		"default_language": "en",
	}
	before = frappe.db.get_singles_dict("Dialer Settings")
	frappe.db.set_single_value("Dialer Settings", wanted)
	frappe.db.commit()
	yield
	frappe.db.rollback()
	frappe.db.set_single_value("Dialer Settings", {name: before.get(name) or "" for name in wanted})
	frappe.db.commit()


@pytest.fixture
def template_name(people: dict) -> Iterator[str]:
	"""Yield an unused name, and delete a template saved under it afterwards."""
	name = f"Browser {secrets.token_hex(3)}"
	yield name
	frappe.db.rollback()
	frappe.delete_doc_if_exists("Dialer Message Template", name, force=True)
	frappe.db.commit()


def fill(page: Page, name: str, words: dict, purpose: str = "Attendance") -> None:
	"""Set the form's values through its own model, as typing would."""
	page.wait_for_function(
		"() => cur_frm && cur_frm.doctype === 'Dialer Message Template' && !cur_frm.loading"
	)
	page.evaluate(
		"""async ([name, words, purpose]) => {
			await cur_frm.set_value({ template_name: name, purpose, voice: 1, text: 1 });
			cur_frm.clear_table("translations");
			const row = cur_frm.add_child("translations", words);
			cur_frm.refresh_field("translations");
			cur_frm.refresh();
		}""",
		[name, words, purpose],
	)


def box(page: Page, variant: str):
	"""Return the box of a script in the open language, as text."""
	as_text = page.locator(".dialer-composer [data-act=as-text]")
	if as_text.get_attribute("aria-pressed") == "false":
		as_text.click()
	return page.locator(f".dialer-composer textarea[name={variant}]:visible")


def script(page: Page, variant: str):
	"""Return the box of a script in the open language, with chips."""
	return page.locator(f".dialer-composer [data-editor={variant}]:visible")


def stored(page: Page, variant: str = "voice") -> str:
	return page.evaluate("name => cur_frm.doc.translations[0][name]", variant)


def tab(page: Page, language: str):
	return page.locator(".dialer-composer").get_by_role("tab", name=language)


def preview_of(page: Page):
	return page.locator(".dialer-preview")


def test_a_template_is_written_previewed_and_saved(page_as, template_name):
	page = page_as("Dialer Manager")
	open_new(page, "dialer-message-template")
	fill(page, template_name, {"language": "en", "voice": "We missed", "text": "Please call us."})
	page.locator("[data-box=voice] [data-act=field]").click()
	dialog = opened_dialog(page)
	expect(dialog.locator("tr[data-name=absent_names]")).to_contain_text("Student Attendance.student")
	expect(dialog.locator("tr[data-name=absent_names]")).to_contain_text("educational")
	dialog.locator("[data-fieldname=search] input").fill("absent today")
	expect(dialog.locator("tr[data-name=school_name]")).to_be_hidden()
	dialog.locator("tr[data-name=absent_names] input").check()
	dialog.locator("[data-fieldname=fallback] input").fill("your child")
	dialog.get_by_role("button", name="Insert", exact=True).click()
	expected = 'We missed {{ absent_names | default("your child") }}'
	page.wait_for_function("words => cur_frm.doc.translations[0].voice === words", arg=expected)
	preview = preview_of(page)
	expect(preview).to_contain_text("press 1")
	expect(preview).to_contain_text("We missed Ana")
	expect(preview).to_contain_text("1 text message")
	expect(preview).to_contain_text("seconds, about")
	page.evaluate("() => cur_frm.save()")
	page.wait_for_function("() => !cur_frm.is_new() && !cur_frm.is_dirty()")
	assert page.evaluate("() => [cur_frm.doc.sensitivity, cur_frm.doc.version]") == ["educational", 1]


def test_a_new_message_begins_without_an_error(page_as):
	page = page_as("Dialer Manager")
	open_new(page, "dialer-message-template")
	expect(preview_of(page)).to_contain_text("Write the message to see how it sounds and reads.")
	expect(preview_of(page)).not_to_contain_text("There are no words")


def test_the_preview_follows_what_is_typed_before_anything_is_saved(page_as, template_name):
	page = page_as("Dialer Manager")
	open_new(page, "dialer-message-template")
	fill(page, template_name, {"language": "en", "voice": "Hello.", "text": "Hello."}, "Event")
	preview = preview_of(page)
	expect(preview).to_contain_text("Hello.")
	box(page, "text").fill("See you — 🎉")
	expect(preview).to_contain_text("See you — 🎉")
	expect(preview).to_contain_text("1 text message")
	assert page.evaluate("() => cur_frm.is_new()")
	box(page, "text").fill("Dear\n{{ gaurdian_name }}")
	wrong = page.locator("[data-box=text] [data-part=findings]")
	expect(wrong).to_contain_text('Line 2: There is no field "gaurdian_name".')
	expect(tab(page, "English")).to_contain_text("has an error")
	wrong.get_by_role("button", name="Write guardian_name").click()
	expect(box(page, "text")).to_have_value("Dear\n{{ guardian_name }}")
	expect(preview).to_contain_text("Dear\nMaria Lopez")
	expect(wrong).to_be_empty()


def test_each_language_has_a_tab_and_fields_are_at_hand(page_as, template_name):
	page = page_as("Dialer Manager")
	open_new(page, "dialer-message-template")
	expect(tab(page, "English")).to_have_attribute("aria-selected", "true")
	page.evaluate(
		"name => cur_frm.set_value({ template_name: name, purpose: 'Event', text: 1 })", template_name
	)
	box(page, "voice").fill("The concert of ")
	page.locator("[data-box=voice] [data-chip=student_names]").click()
	expect(box(page, "voice")).to_have_value("The concert of {{ student_names }}")
	expect(box(page, "voice")).to_be_focused()
	box(page, "text").fill("The concert is on Thursday.")
	page.locator(".dialer-composer [data-act=add]").click()
	asked = opened_dialog(page)
	asked.locator("[data-fieldname=language] input").press_sequentially("Spanish")
	asked.locator(OFFERED, has_text="Español").first.click()
	asked.get_by_role("button", name="Add", exact=True).click()
	expect(tab(page, "Spanish")).to_have_attribute("aria-selected", "true")
	expect(tab(page, "Spanish")).to_contain_text("not written yet")
	expect(page.locator("[data-box=voice] [data-part=original]")).to_contain_text(
		"In English: The concert of"
	)
	box(page, "voice").fill("El concierto de {{ student_names }}.")
	box(page, "text").fill("El concierto es el jueves.")
	expect(preview_of(page)).to_contain_text("El concierto de Ana")
	tab(page, "Spanish").press("ArrowLeft")
	expect(tab(page, "English")).to_be_focused()
	expect(box(page, "text")).to_have_value("The concert is on Thursday.")
	page.evaluate("() => cur_frm.save()")
	page.wait_for_function("() => !cur_frm.is_new() && !cur_frm.is_dirty()")
	frappe.db.rollback()
	saved = {
		row.language: row for row in frappe.get_doc("Dialer Message Template", template_name).translations
	}
	assert saved["es"].text == "El concierto es el jueves." and saved["en"].voice.endswith(
		"{{ student_names }}"
	)


SENTENCES = "Hello {{ recipient_name }}{% if student_names %} of {{ student_names }}{% endif %}.\nSee you."


def test_fields_are_chips_and_conditions_sentences(page_as, template_name):
	"""Nothing with braces is seen, and nothing that was not touched is rewritten."""
	page = page_as("Dialer Manager")
	open_new(page, "dialer-message-template")
	fill(page, template_name, {"language": "en", "voice": SENTENCES, "text": "x"}, "Event")
	shown = script(page, "voice")
	expect(shown).to_contain_text("Only if there is")
	expect(shown).not_to_contain_text("{")
	assert (
		page.evaluate("school_dialer.chips.read(document.querySelector('[data-editor=voice]'))") == SENTENCES
	)
	shown.press("Control+End")
	page.keyboard.type(" Bring a coat.")
	assert stored(page) == f"{SENTENCES} Bring a coat."
	page.keyboard.press("Enter")
	page.keyboard.type("Thank you.")
	assert stored(page) == f"{SENTENCES} Bring a coat.\nThank you."
	page.locator(".dialer-composer [data-act=as-text]").press("Enter")
	expect(box(page, "voice")).to_have_value(f"{SENTENCES} Bring a coat.\nThank you.")


def test_a_chip_is_inserted_at_the_cursor_and_removed_by_a_key(page_as, template_name):
	page = page_as("Dialer Manager")
	open_new(page, "dialer-message-template")
	fill(page, template_name, {"language": "en", "voice": "The concert of", "text": "x"}, "Event")
	shown = script(page, "voice")
	shown.press("Control+End")
	page.locator("[data-box=voice] [data-chip=student_names]").click()
	expect(shown).to_be_focused()
	expect(shown.locator(".dialer-chip")).to_have_count(1)
	assert stored(page) == "The concert of {{ student_names }}"
	page.keyboard.type(" begins.")
	assert stored(page) == "The concert of {{ student_names }} begins."
	for _letter in range(len(" begins.") + 1):
		page.keyboard.press("Backspace")
	expect(shown.locator(".dialer-chip")).to_have_count(0)
	assert stored(page).strip() == "The concert of"


def test_a_field_that_is_typed_becomes_a_chip(page_as, template_name):
	page = page_as("Dialer Manager")
	open_new(page, "dialer-message-template")
	fill(page, template_name, {"language": "en", "voice": "", "text": "x"}, "Event")
	script(page, "voice").focus()
	page.keyboard.type("Dear {{ guardian_name }}, hello.")
	expect(script(page, "voice").locator(".dialer-chip")).to_have_count(1)
	assert stored(page) == "Dear {{ guardian_name }}, hello."


def test_a_language_is_added_while_the_server_still_checks_it(page_as, template_name):
	"""A button pressed while Frappe asks the server about a record said that the record was missing."""
	page = page_as("Dialer Manager")
	open_new(page, "dialer-message-template")
	held: list[Route] = []
	page.route("**/api/method/frappe.client.validate_link*", lambda route: held.append(route), times=1)
	page.locator(".dialer-composer [data-act=add]").click()
	asked = opened_dialog(page)
	asked.locator("[data-fieldname=language] input").press_sequentially("Spanish")
	with page.expect_request("**/api/method/frappe.client.validate_link*"):
		asked.locator(OFFERED, has_text="Español").first.click()
	add = asked.get_by_role("button", name="Add", exact=True)
	add.click()
	expect(add).to_be_disabled()
	for route in held:
		route.continue_()
	expect(tab(page, "Spanish")).to_have_attribute("aria-selected", "true")


def test_what_anyone_may_read_offers_no_record(page_as, template_name):
	page = page_as("Dialer Manager")
	open_new(page, "dialer-message-template")
	fill(
		page, template_name, {"language": "en", "voice": "We missed {{ absent_names }}.", "text": "Call us."}
	)
	expect(page.locator("[data-box=voice] [data-chip=absent_names]")).to_be_visible()
	expect(page.locator("[data-box=text] [data-chip=recipient_name]")).to_be_visible()
	expect(page.locator("[data-box=text] [data-chip=absent_names]")).to_have_count(0)


def test_an_agent_reads_the_scripts(page_as, people):
	page = page_as("Dialer Agent")
	page.goto("/app/dialer-message-template/Event reminder")
	expect(script(page, "voice")).to_contain_text("Only if there is")
	expect(script(page, "voice")).to_have_attribute("contenteditable", "false")
	expect(page.locator(".dialer-composer [data-act]")).to_have_count(0)
	expect(page.locator("[data-fieldname=fields_used] .control-value")).to_contain_text("Details of the")


def test_a_language_without_a_translation_is_shown_and_what_is_sensitive_is_not_said(page_as, template_name):
	page = page_as("Dialer Manager")
	open_new(page, "dialer-message-template")
	fill(page, template_name, {"language": "en", "voice": "{{ absent_names }}", "text": "Please call."})
	preview = preview_of(page)
	expect(preview).to_contain_text("After the person has pressed 1:")
	page.locator(".dialer-preview-for [data-fieldname=language] input").press_sequentially("Vietnamese")
	page.locator(OFFERED, has_text="Việt").first.click()
	expect(preview).to_contain_text("What is sensitive is not said in another one")
	expect(preview).to_contain_text("There is no translation for this language; it is in English.")
	expect(preview).not_to_contain_text("After the person has pressed 1:")


def test_a_preview_is_for_somebody_the_user_may_read(staff, template_name):
	page = staff("manager")
	open_new(page, "dialer-message-template")
	words = {
		"language": "en",
		"voice": "Dear {{ recipient_name }}: {{ student_names | default('all') }}.",
		"text": "x",
	}
	fill(page, template_name, words, "Event")
	expect(preview_of(page)).to_contain_text("Dear Maria Lopez: Ana and Luis.")
	page.locator(".dialer-preview-for [data-fieldname=person_doctype] select").select_option("Guardian")
	page.wait_for_function("() => cur_frm.preview.group.get_value('person')")
	person = page.evaluate("() => cur_frm.preview.group.get_value('person')")
	name = frappe.db.get_value("Guardian", person, "guardian_name")
	expect(preview_of(page)).to_contain_text(f"Dear {name}")
	expect(preview_of(page)).not_to_contain_text("Ana and Luis")
	assert page.evaluate("() => cur_frm.is_new()")


def test_a_mistake_is_explained_with_its_line(page_as, template_name):
	page = page_as("Dialer Manager")
	open_new(page, "dialer-message-template")
	fill(page, template_name, {"language": "en", "voice": "Dear\n{{ gaurdian_name }}", "text": "x"})
	page.evaluate("() => cur_frm.save().catch(() => null)")
	message = page.locator(".modal.show .msgprint")
	expect(message).to_contain_text("en voice, line 2")
	expect(message).to_contain_text("{{ guardian_name }}")
