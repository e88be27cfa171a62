"""A translator that is chosen, and whose answers a test gives."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from playwright.sync_api import Page, expect

from tests.browser.kit.forms import dialog

BY = "LibreTranslate"


@contextmanager
def translator_chosen() -> Iterator[None]:
	before = frappe.db.get_single_value("Dialer Settings", "translator")
	_choose("libretranslate")
	try:
		yield
	finally:
		frappe.db.rollback()
		_choose(before or "")


def _choose(name: str) -> None:
	frappe.db.set_single_value("Dialer Settings", "translator", name)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def answer(page: Page, words: dict[str, str], source: dict[str, str], left: tuple[str, ...] = ()) -> None:
	"""Answer requests for drafts with these words."""
	message = {"by": BY, "words": words, "from": source, "left": list(left)}
	page.route(
		"**/api/method/school_dialer.desk.templates.draft",
		lambda route: route.fulfill(content_type="application/json", body=json.dumps({"message": message})),
	)


def panel(page: Page):
	return page.locator("[data-part=draft]:visible")


def accept(page: Page) -> None:
	panel(page).get_by_role("button", name="Accept").click()
	expect(dialog(page)).to_contain_text("Have you read this draft")
	dialog(page).get_by_role("button", name="Yes", exact=True).click()
	expect(panel(page)).to_have_count(0)
