"""The form of a message template: a field is picked, the words are previewed, a mistake is explained."""

import secrets
from collections.abc import Iterator

import frappe
import pytest
from playwright.sync_api import Page, expect

FORM = "/app/dialer-message-template/new"


@pytest.fixture
def template_name(people: dict) -> Iterator[str]:
	"""A free name; a template saved under it is deleted afterwards."""
	name = f"Browser {secrets.token_hex(3)}"
	yield name
	frappe.db.rollback()
	frappe.delete_doc_if_exists("Dialer Message Template", name, force=True)
	frappe.db.commit()


def fill(page: Page, name: str, words: dict) -> None:
	"""The form's values through its own model, as typing would set them."""
	page.wait_for_function(
		"() => cur_frm && cur_frm.doctype === 'Dialer Message Template' && !cur_frm.loading"
	)
	page.evaluate(
		"""async ([name, words]) => {
			await cur_frm.set_value({ template_name: name, purpose: "Attendance", voice: 1, text: 1 });
			cur_frm.clear_table("translations");
			const row = cur_frm.add_child("translations", words);
			cur_frm.refresh_field("translations");
			cur_frm.refresh();
		}""",
		[name, words],
	)


def test_a_template_is_written_previewed_and_saved(page_as, template_name):
	page = page_as("Dialer Manager")
	page.goto(FORM)
	fill(page, template_name, {"language": "en", "voice": "We missed", "text": "Please call us."})
	page.get_by_role("button", name="Insert field").click()
	dialog = page.locator(".modal.show")
	dialog.locator("[data-fieldname=field] input").fill("absent_names")
	dialog.locator("[data-fieldname=fallback] input").fill("your child")
	dialog.get_by_role("button", name="Insert", exact=True).click()
	expected = 'We missed {{ absent_names | default("your child") }}'
	page.wait_for_function("words => cur_frm.doc.translations[0].voice === words", arg=expected)
	page.get_by_role("button", name="Preview", exact=True).click()
	preview = page.locator(".dialer-preview")
	expect(preview).to_contain_text("press 1")
	expect(preview).to_contain_text("We missed Ana")
	expect(preview).to_contain_text("1 segment, GSM-7")
	page.locator(".modal.show .btn-modal-close").click()
	expect(preview).to_be_hidden()
	page.evaluate("() => cur_frm.save()")
	page.wait_for_function("() => !cur_frm.is_new() && !cur_frm.is_dirty()")
	assert page.evaluate("() => [cur_frm.doc.sensitivity, cur_frm.doc.version]") == ["educational", 1]


def test_a_mistake_is_explained_with_its_line(page_as, template_name):
	page = page_as("Dialer Manager")
	page.goto(FORM)
	fill(page, template_name, {"language": "en", "voice": "Dear\n{{ gaurdian_name }}", "text": "x"})
	page.evaluate("() => cur_frm.save().catch(() => null)")
	message = page.locator(".modal.show .msgprint")
	expect(message).to_contain_text("en voice, line 2")
	expect(message).to_contain_text("{{ guardian_name }}")
