"""Safe mode in the Desk: a banner on every page, the report, and the buttons."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import frappe
import pytest
from playwright.sync_api import Page, expect

from school_dialer.base import clock
from school_dialer.consent import ledger, store
from school_dialer.consent.events import iso
from school_dialer.consent.receipts import receipt, signed
from school_dialer.continuity import decision, marks, safe_mode, watch
from tests.browser.kit.preferences import number

__all__ = ["number"]
PHONE = {"width": 390, "height": 844}
PICTURES = os.environ.get("SAFE_MODE_PICTURES")


@pytest.fixture
def restored(site: None) -> Iterator[str]:
	"""Put the site into Safe mode, and yield the name of its Dialer Restore."""
	name = safe_mode.enter(decision.RESTORED, marks.seen(simulated=True))
	yield name
	frappe.db.rollback()
	frappe.db.set_value("Dialer Restore", name, {"safe": 0, "state": "Ended"})
	watch.go_on()
	frappe.db.commit()


def picture(page: Page, name: str) -> None:
	if PICTURES:
		page.screenshot(path=Path(PICTURES) / f"{name}.png")


def test_a_manager_sees_the_banner_and_ends_safe_mode(staff: Callable[[str], Page], restored: str):
	page = staff("manager")
	page.goto("/app/dialer-campaign")
	banner = page.locator("#dialer-safe-mode")
	expect(banner).to_contain_text("Safe mode: nothing is called or texted.")
	banner.get_by_role("link", name="Open").click()
	expect(page).to_have_url(
		f"**/dialer-restore/{restored}".replace("**", page.url.split("/app")[0] + "/app")
	)
	expect(page.get_by_role("button", name="Reconcile")).to_be_visible()
	picture(page, "desk")
	page.set_viewport_size(PHONE)
	expect(banner).to_be_visible()
	picture(page, "phone")
	box = banner.bounding_box()
	assert box and box["width"] <= PHONE["width"]
	page.set_viewport_size({"width": 1360, "height": 900})
	page.get_by_role("button", name="End Safe Mode").click()
	expect(page.get_by_text("Families may be called twice")).to_be_visible()
	page.get_by_role("button", name="Yes").click()
	expect(banner).to_have_count(0)
	expect(page.locator(".indicator-pill").filter(has_text="Ended").first).to_be_visible()
	frappe.db.rollback()
	row = frappe.get_doc("Dialer Restore", restored)
	assert (
		not row.safe and row.without_reconcile and row.ended_by == frappe.db.get_value("User", row.ended_by)
	)


def test_a_manager_enters_the_receipt_that_a_family_shows(staff: Callable, restored: str, number: str):
	stop = ("Opt Out", "Any", "All", "all non-emergency", iso(clock.now()))
	line = signed.line_of(signed.Statement(store.new_name(), *stop, number), receipt.signing_keys())
	page = staff("manager")
	page.goto(f"/app/dialer-restore/{restored}")
	page.get_by_role("button", name="Enter a Receipt").click()
	dialog = page.locator(".modal.show")
	dialog.locator("textarea").fill(line)
	picture(page, "receipt")
	dialog.get_by_role("button", name="Enter", exact=True).click()
	expect(page.get_by_text("Entered again: Opt Out")).to_be_visible()
	frappe.db.rollback()
	assert {one.scope for one in ledger.read([number])[number].opt_outs} == {"all non-emergency"}
	assert frappe.db.get_value("Dialer Restore", restored, "opt_outs_receipts") == 1


def test_an_agent_sees_no_banner(staff: Callable[[str], Page], restored: str):
	page = staff("agent")
	page.goto("/app/dialer-calls")
	expect(page.locator(".page-head").first).to_be_visible()
	expect(page.locator("#dialer-safe-mode")).to_have_count(0)
