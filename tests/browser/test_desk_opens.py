import re

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("role", ["Dialer Agent", "Dialer Manager", "System Manager"])
def test_the_desk_opens_without_script_errors(page_as, role):
	page = page_as(role)
	page.goto("/app")
	expect(page.locator(".navbar .navbar-brand, .desktop-wrapper").first).to_be_visible()
	expect(page).to_have_url(re.compile("/(app|desk)"))
	assert page.evaluate("frappe.session.user").endswith("@browser.test")
