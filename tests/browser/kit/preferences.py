"""The preference page as a guest opens it on a phone, for a number whose history is deleted afterwards."""

import re
from collections.abc import Callable, Iterator

import frappe
import pytest
from playwright.sync_api import Browser, Page

from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link
from school_dialer.consent.events import Evidence
from school_dialer.consent.integrity import triggers
from tests.integration import factories as make

PHONE = {"width": 390, "height": 844}
NARROWEST = {"width": 320, "height": 640}
LEVEL_AA = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
KEPT = ("Consent Event", "Contact Consent", "Consent Head", "Dialer Notice", "Dialer Preference Link")


@pytest.fixture
def number(people: dict) -> Iterator[str]:
	"""Yield a number with consent to calls, and delete everything recorded about it afterwards."""
	phone = make.phone()
	evidence = Evidence("Enrolment", wording="You may call me.", language="en")
	ledger.grant(phone, basis="number provided", evidence=evidence)
	frappe.db.commit()
	yield phone
	frappe.db.rollback()
	triggers.remove()
	for doctype in KEPT:
		frappe.db.delete(doctype, {"phone": phone})
	frappe.db.commit()
	assert triggers.create()


@pytest.fixture
def link(number: str) -> str:
	"""Return the path of a preference link.

	The host is left out because it is the site's own and not that of the test server.
	"""
	name = preference_link.issue(number)
	frappe.db.commit()
	return preference_link.PATH + "?" + preference_link.url(name).partition("?")[2]


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
	"""Yield `visit(path)`, which opens a page as a guest on a phone, by default without scripts."""
	opened = []

	def open_page(path: str, scripts: bool = False, **options) -> Page:
		options = {"viewport": PHONE, "has_touch": True, "is_mobile": True, **options}
		context = browser.new_context(
			base_url=address, java_script_enabled=scripts, bypass_csp=scripts, **options
		)
		opened.append(context)
		page = context.new_page()
		page.goto(path)
		return page

	yield open_page
	for context in opened:
		context.close()


def about(action: str, what: str) -> re.Pattern:
	"""Return a pattern for the accessible name of a button whose visible text is only the action."""
	return re.compile(f"^{action} ?: {what}$")
