"""A run of look-ups as an officer sees it: the estimate, the start, the result, and the number's page."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import frappe
import pytest
from playwright.sync_api import Page, expect

from dev.carrier import server as carrier_server
from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.lines import record
from tests.browser.kit.forms import button, press_in_dialog
from tests.integration import factories as make

SETTINGS = {
	"lookup_line_type": 1,
	"lookup_line_type_price": 0.008,
	"lookup_reassigned": 1,
	"lookup_reassigned_price": 0.02,
	"lookup_most_per_day": 100,
	"lookup_most_per_month": 1000,
}
LONG_AGO = 12_000
"""Days. No other test has a consent of then."""


@pytest.fixture
def settings(site: None) -> Iterator[None]:
	before = {name: frappe.db.get_single_value("Dialer Settings", name) for name in SETTINGS}
	write(SETTINGS)
	yield
	frappe.db.rollback()
	write(before)


def write(values: dict) -> None:
	for name, value in values.items():
		frappe.db.set_single_value("Dialer Settings", name, value)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


@pytest.fixture
def numbers(site: None) -> Iterator[list[str]]:
	"""Yield two numbers with an old consent, which wait for no look-up after the test."""
	some = [make.phone() for _ in range(2)]
	for number in some:
		make.consent(number, at=clock.now() - timedelta(days=LONG_AGO + 50))
	frappe.db.commit()
	yield some
	frappe.db.rollback()
	for number in some:
		ledger.opt_out(number, evidence=make.evidence("Text"))
	frappe.db.commit()


def test_numbers_are_estimated_looked_up_and_shown(
	staff: Callable[[str], Page],
	worker: None,
	settings: None,
	carrier: carrier_server.Handle,
	numbers: list[str],
):
	guardian = make.guardian("Lena Lookup", numbers[0])
	frappe.db.commit()
	carrier.control("lines", {numbers[0]: {"line_type": "landline", "says": "yes"}})
	page = staff("officer")
	page.goto("/app/dialer-lookup-run/new")
	page.locator("[data-fieldname=older_than_days] input:visible").fill(str(LONG_AGO))
	button(page, "Save").click()
	estimate = page.locator("[data-part=estimate]")
	expect(estimate).to_contain_text("2 numbers wait for a look-up, at 0.028 USD each: 0.06 USD.")
	button(page, "Start").click()
	press_in_dialog(page, "Yes")
	expect(page.locator(".indicator-pill:visible", has_text="Done").first).to_be_visible()
	expect(page.locator("[data-fieldname=reassigned]:visible").first).to_contain_text("1")
	page.goto(f"/app/dialer-number/Guardian/{guardian.name}")
	family = page.locator("[data-part=family]")
	expect(family).to_contain_text("The number changed hands")
	expect(family).to_contain_text("Line: landline")
	expect(page.locator(".dialer-story")).to_contain_text("Looked up: the number changed hands after")
	frappe.db.rollback()
	assert frappe.db.count(record.DOCTYPE, {"phone": ("in", numbers)}) == 2
	frappe.db.delete(record.DOCTYPE, {"phone": ("in", numbers)})
	frappe.db.delete("Dialer Lookup Run", {"older_than_days": LONG_AGO})
	frappe.db.delete("Dialer Review", {"phone": ("in", numbers)})
	frappe.db.delete("Guardian", {"name": guardian.name})
	frappe.db.commit()
