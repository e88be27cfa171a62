"""The page that tells the whole story of a number."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.forms import dialog
from tests.integration import factories as make


def test_a_number_is_typed_and_posted(staff: Callable[[str], Page]):
	"""Without a story there is a sentence; what is no number is said; the number does not get into the address."""
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
