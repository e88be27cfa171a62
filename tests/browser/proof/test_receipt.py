"""The receipt of a change on a phone, in a real browser without scripts, and under axe-core."""

import re

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from school_dialer.base import clock
from school_dialer.consent import ledger, store
from school_dialer.consent.events import iso
from school_dialer.consent.receipts import receipt, signed
from school_dialer.website import receipt_page, words
from tests.browser.kit.preferences import LEVEL_AA, NARROWEST, about, link, number, visit

__all__ = ["link", "number", "visit"]


def newest_code(phone: str) -> str:
	frappe.db.rollback()
	names = frappe.get_all("Consent Event", {"phone": phone}, pluck="name", order_by="seq desc", limit=1)
	return receipt.code_of(names[0])


def test_a_family_follows_its_receipt_and_types_it_later(visit, link, number):
	page = visit(link)
	page.get_by_role("button", name=about("Stop", "Attendance, Phone calls")).tap()
	expect(page.get_by_role("status")).to_contain_text("any more")
	code = newest_code(number)
	page.get_by_role("link", name=code).tap()
	expect(page.get_by_role("heading", name=code)).to_be_visible()
	main = page.get_by_role("main")
	for said in ("Stopped", "Attendance", "Phone calls", f"ends in {number[-2:]}", "is as it was recorded"):
		expect(main).to_contain_text(said)
	page.get_by_role("link", name="Look up a receipt").tap()
	field = page.get_by_label("Receipt code")
	field.fill(code[:-1])
	page.get_by_role("button", name="Show the receipt").tap()
	expect(field).to_have_accessible_description(re.compile("not a complete code"))
	field.fill(code.lower().replace("-", " "))
	page.get_by_role("button", name="Show the receipt").tap()
	expect(page.get_by_role("heading", name=code)).to_be_visible()
	assert code not in page.url
	check = page.get_by_role("link", name="Check a proof")
	assert page.request.get(check.get_attribute("href")).ok


def lost_receipt(phone: str) -> str:
	"""Return the signed receipt of a stop that the site's ledger does not have, as after a restore."""
	words_of_it = ("Opt Out", "Any", "All", "all non-emergency", iso(clock.now()))
	return signed.line_of(signed.Statement(store.new_name(), *words_of_it, phone), receipt.signing_keys())


def test_a_family_pastes_its_signed_receipt_after_a_restore(visit, link, number):
	page = visit(receipt_page.PATH)
	page.get_by_label("Receipt code").fill(lost_receipt(number))
	page.get_by_role("button", name="Show the receipt").tap()
	expect(page.get_by_role("status")).to_contain_text("It is in force again from now on.")
	code = newest_code(number)
	expect(page.get_by_role("heading", name=code)).to_be_visible()
	assert {one.scope for one in ledger.read([number])[number].opt_outs} == {"all non-emergency"}
	saved = page.request.get(page.get_by_role("link", name="Save the signed receipt").get_attribute("href"))
	assert signed.read(saved.text(), receipt.signing_keys()).phone == number
	assert code in saved.headers["content-disposition"]


@pytest.mark.parametrize("language", sorted(words.tables()))
def test_axe_finds_nothing_and_it_fits_the_narrowest_phone(visit, number, language):
	paths = {
		"form": f"{receipt_page.PATH}?lang={language}",
		"receipt": f"{receipt_page.PATH}?lang={language}&c={newest_code(number)}",
		"refusal": f"{receipt_page.PATH}?lang={language}&c=nothing",
	}
	for what, path in paths.items():
		page = visit(path, scripts=True, viewport=NARROWEST)
		result = Axe().run(page, options=LEVEL_AA)
		assert result.violations_count == 0, f"{what}\n{result.generate_report()}"
		assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST["width"]
		assert page.locator("html").get_attribute("lang") == language
