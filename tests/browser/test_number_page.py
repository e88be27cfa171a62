"""The page that shows the whole history of a number."""

from collections import Counter
from collections.abc import Callable

import frappe
from playwright.sync_api import Page, expect

from tests.browser.kit.forms import dialog
from tests.integration import factories as make


def test_a_number_is_typed_and_posted(staff: Callable[[str], Page]):
	"""Check the sentence for an empty history, the error for an invalid number, and that the URL stays clean.

	The number must not get into the URL.
	"""
	page, phone = staff("officer"), make.phone()
	page.goto("/app/dialer-number")
	typed = page.locator("[data-fieldname=phone] input:visible")
	expect(page.locator(".page-container:visible")).to_contain_text("Type a name or a number")
	typed.fill(f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}")
	typed.press("Enter")
	expect(page.locator(".dialer-story")).to_contain_text("Nothing has happened to this number so far.")
	assert phone[8:] not in page.url
	typed.fill("12")
	page.get_by_role("button", name="Show", exact=True).click()
	expect(dialog(page)).to_contain_text("not a telephone number")


def test_a_family_is_found_by_name(staff: Callable[[str], Page]):
	guardians = frappe.get_all("Guardian", ["name", "guardian_name"], order_by="name", limit=400)
	shared = Counter(row.guardian_name.split()[-1] for row in guardians)
	surname, _count = shared.most_common(1)[0]
	page = staff("officer")
	page.goto("/app/dialer-number")
	typed = page.locator("[data-fieldname=phone] input:visible")
	typed.fill(surname)
	typed.press("Enter")
	people = page.locator("[data-part=people] button")
	expect(people.first).to_be_focused()
	expect(people.first).to_contain_text(surname)
	expect(people.filter(has_text="Guardian of").first).to_be_visible()
	people.first.press("Enter")
	expect(page.locator(".dialer-number").first).to_contain_text("•")
	page.goto("/app/dialer-number")
	typed = page.locator("[data-fieldname=phone] input:visible")
	typed.fill("Zzyzx")
	typed.press("Enter")
	expect(page.locator(".page-container:visible")).to_contain_text("No one whose record you may read")
