"""Stopping one school of a district: on a phone without scripts, and in the dialogs of the Desk."""

from collections.abc import Iterator

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from school_dialer.base import clock
from school_dialer.base.database.rows import stamp
from school_dialer.consent import ledger
from school_dialer.website import words
from tests.browser.kit.forms import open_record, opened_dialog
from tests.browser.kit.preferences import LEVEL_AA, NARROWEST, about, link, number, visit
from tests.integration import districts

__all__ = ["link", "number", "visit"]


@pytest.fixture
def schools(people: dict) -> Iterator[list[str]]:
	with districts.district("Lincoln", "Washington", committed=True) as names:
		yield names


@pytest.fixture
def called(number: str, schools: list[str]) -> Iterator[str]:
	"""Yield the school that called the number."""
	values = {"name": frappe.generate_hash(), **stamp(clock.db_now()), "phone": number, "school": schools[0]}
	values |= {
		"direction": "Outbound",
		"channel": "Voice",
		"status": "completed",
		"placed_at": clock.db_now(),
	}
	frappe.db.bulk_insert("Dialer Call Log", list(values), [tuple(values.values())])
	frappe.db.commit()
	yield schools[0]
	frappe.db.delete("Dialer Call Log", {"name": values["name"]})
	frappe.db.commit()


def stopped(number: str) -> set[tuple[str, str | None]]:
	frappe.db.rollback()
	return {(one.scope, one.school) for one in ledger.read([number])[number].opt_outs}


def test_a_tap_stops_the_school_that_called_and_two_start_it(visit, link, number, called):
	page = visit(link)
	page.get_by_role("button", name=about("Stop", called)).tap()
	said = f"You won't get calls or texts from {called} any more, except in an emergency."
	expect(page.get_by_role("status")).to_have_text(said)
	assert stopped(number) == {("this school", called)}
	page.get_by_role("link", name=about("Turn on", called)).tap()
	page.get_by_role("button", name="I agree").tap()
	expect(page.get_by_role("status")).to_have_text("Turned on.")
	assert not stopped(number)


def test_another_school_is_chosen_from_the_list(visit, link, number, called, schools):
	page = visit(link)
	page.get_by_label("Another school").select_option(label=schools[1])
	page.get_by_role("button", name="Stop this school").tap()
	expect(page.get_by_role("group", name=schools[1])).to_contain_text("✕ Stopped")
	assert stopped(number) == {("this school", schools[1])}


@pytest.mark.parametrize("language", sorted(words.tables()))
def test_it_fits_and_axe_finds_nothing(visit, link, called, language):
	page = visit(f"{link}&lang={language}", scripts=True, viewport=NARROWEST)
	assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST["width"]
	result = Axe().run(page, options=LEVEL_AA)
	assert result.violations_count == 0, result.generate_report()


def test_an_agent_stops_one_school_in_the_dialog(page_as, number, schools):
	page = page_as("Dialer Agent")
	open_record(page, "contact-consent", frappe.db.get_value("Contact Consent", {"phone": number}))
	page.get_by_role("button", name="Record Opt-out").click()
	dialog = opened_dialog(page)
	school = dialog.locator("[data-fieldname=school] input")
	expect(school).to_be_hidden()
	dialog.locator("[data-fieldname=scope] select").select_option("this school")
	expect(school).to_be_visible()
	school.fill(schools[0])
	page.locator(".awesomplete li:visible, .awesomplete [role=option]:visible").first.click()
	dialog.get_by_role("button", name="Stop:").click()
	expect(dialog).to_be_hidden()
	page.wait_for_load_state("networkidle")
	assert stopped(number) == {("this school", schools[0])}
	stands = frappe.db.get_value("Contact Consent", {"phone": number, "opt_out_scope": "this school"})
	open_record(page, "contact-consent", stands)
	expect(
		page.locator("[data-fieldname=school] .control-value, [data-fieldname=school] a").first
	).to_contain_text(schools[0])


def test_with_one_school_the_dialog_is_as_it_was(page_as, number):
	# A page of the test before may have kept what it knew of the schools while they were removed.
	frappe.clear_cache()
	page = page_as("Dialer Agent")
	open_record(page, "contact-consent", frappe.db.get_value("Contact Consent", {"phone": number}))
	page.get_by_role("button", name="Record Opt-out").click()
	dialog = opened_dialog(page)
	options = dialog.locator("[data-fieldname=scope] select option").evaluate_all(
		"all => all.map(one => one.value)"
	)
	assert options == ["all non-emergency", "this purpose", "everything"]
	assert dialog.locator("[data-fieldname=school]").count() == 0
