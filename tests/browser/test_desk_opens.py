import re
import time

import pytest
from playwright.sync_api import Browser, expect

from dev.screenshots.browser import SHIFT


@pytest.mark.parametrize("role", ["Dialer Agent", "Dialer Manager", "System Manager"])
def test_the_desk_opens_without_script_errors(page_as, role):
	page = page_as(role)
	page.goto("/app")
	expect(page.locator(".navbar .navbar-brand, .desktop-wrapper").first).to_be_visible()
	expect(page).to_have_url(re.compile("/(app|desk)"))
	assert page.evaluate("frappe.session.user").endswith("@browser.test")


CLOCK = """() => {
	const times = [Date.now(), +new Date(), Date.parse(Date()), Date.parse(new Date().toString())];
	const kinds = [new Date() instanceof Date, new Date().constructor === Date, typeof Date() === "string"];
	const given = [+new Date(5000), Date.UTC(1970, 0, 1, 0, 0, 7), new Date(2028, 1, 29).getDate()];
	return { times, kinds, given };
}"""
COARSE = 2
"""Seconds by which a time without fractions may differ."""


@pytest.mark.parametrize("further", [0, -40 * 86_400, 500 * 86_400])
def test_it_is_as_late_in_a_page_as_here(browser: Browser, further: int):
	with browser.new_context() as context:
		if further:
			context.add_init_script(SHIFT % (further * 1000))
		page = context.new_page()
		page.goto("about:blank")
		before = time.time() + further
		seen = page.evaluate(CLOCK)
		after = time.time() + further
	assert all(before - COARSE <= one / 1000 <= after + COARSE for one in seen["times"])
	assert all(seen["kinds"])
	assert seen["given"] == [5000, 7000, 29]
