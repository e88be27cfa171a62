"""The page that shows the whole history of a number."""

from collections.abc import Callable

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
	expect(page.locator(".page-container:visible")).to_contain_text("Type a number")
	typed.fill(f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}")
	typed.press("Enter")
	expect(page.locator(".dialer-story")).to_contain_text("Nothing has happened to this number so far.")
	assert phone[8:] not in page.url
	typed.fill("12")
	page.get_by_role("button", name="Show", exact=True).click()
	expect(dialog(page)).to_contain_text("not a telephone number")
