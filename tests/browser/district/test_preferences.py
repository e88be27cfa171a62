"""The preference page in a district, on a phone: one school is stopped and comes back by thumb."""

import frappe
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from school_dialer.base import clock
from school_dialer.base.database.rows import stamp
from school_dialer.consent import ledger
from school_dialer.website import words
from tests.browser.kit.preferences import LEVEL_AA, NARROWEST, PHONE, link, number, visit
from tests.integration import districts

__all__ = ["link", "number", "visit"]


@pytest.fixture
def schools(number):
	"""Yield two schools, the first of which has called the number."""
	with districts.district("Lincoln", "Washington", committed=True) as names:
		values = {"name": frappe.generate_hash(), **stamp(clock.db_now()), "phone": number}
		values |= {"school": names[0], "direction": "Outbound", "channel": "Voice", "status": "completed"}
		frappe.db.bulk_insert("Dialer Call Log", list(values), [tuple(values.values())])
		frappe.db.commit()
		yield names
		frappe.db.rollback()
		frappe.db.delete("Dialer Call Log", values["name"])
		frappe.db.commit()


def stopped(phone: str) -> set[str]:
	frappe.db.rollback()
	return {one.school for one in ledger.read([phone])[phone].opt_outs if one.school}


def test_one_school_is_stopped_and_comes_back(visit, link, number, schools):
	page = visit(link)
	group = page.get_by_role("group", name=schools[0])
	group.get_by_role("button").tap()
	expect(page.get_by_role("status")).to_have_text(
		f"You won't get calls or texts from {schools[0]} any more, except in an emergency."
	)
	expect(page.get_by_role("group", name="Attendance")).to_contain_text("Phone calls: ✓ On")
	expect(group).to_contain_text("✕ Stopped")
	assert stopped(number) == {schools[0]}
	group.get_by_role("link").tap()
	page.get_by_role("button", name="I agree").tap()
	expect(group).to_contain_text("✓ On")
	assert stopped(number) == set()


@pytest.mark.parametrize("viewport", [PHONE, NARROWEST], ids=["390", "320"])
@pytest.mark.parametrize("language", sorted(words.tables()))
def test_it_fits_a_telephone_and_axe_finds_nothing(visit, link, schools, language, viewport):
	page = visit(f"{link}&lang={language}", scripts=True, viewport=viewport)
	expect(page.get_by_role("group", name=schools[0])).to_be_visible()
	assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
	found = Axe().run(page, options=LEVEL_AA).response["violations"]
	assert not found, found
