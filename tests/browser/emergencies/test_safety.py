"""Who follows a staff safety poll sees who needs help first, with a number to press."""

import secrets
from collections.abc import Iterator

import frappe
import pytest
from playwright.sync_api import expect

from dev.school import users
from school_dialer.base import clock
from school_dialer.emergency_kit import item_seal, safety, starting
from tests.browser.conftest import STAFF, TITLE
from tests.browser.kit.accessible import is_accessible
from tests.integration import factories as make

PEOPLE = {
	"Ana <b>Reyes</b>": ("Reached", safety.HELP_KEY),
	"Ben Cole": ("Reached", safety.SAFE_KEY),
	"Cy Dale": ("Reached", None),
	"Di Eng": ("Retry", None),
}


@pytest.fixture
def poll(no_tours) -> Iterator[str]:
	"""Yield the title of an approved safety poll of the staff."""
	users.create()
	title = f"{TITLE} {secrets.token_hex(4)}"
	doc = frappe.get_doc(
		{
			"doctype": item_seal.DOCTYPE,
			"title": title,
			"kind": safety.KIND,
			"emergency_type": "Fire",
			"channel": "Text",
			"audience_source": "All employees",
			"template": "Staff safety check",
			"position": 0,
		}
	).insert()
	frappe.set_user(STAFF["approver"])
	item_seal.approve(doc.name, item_seal.digest_of(doc))
	frappe.set_user("Administrator")
	frappe.db.commit()
	yield title
	frappe.db.rollback()
	for start in frappe.get_all(starting.DOCTYPE, {"item": doc.name}, ["campaign"]):
		for doctype in ("Dialer Answer", "Dialer Recipient"):
			frappe.db.delete(doctype, {"campaign": start.campaign})
		frappe.db.set_value("Dialer Campaign", start.campaign, {"status": "Cancelled", "kit_start": None})
	frappe.db.delete(starting.DOCTYPE, {"item": doc.name})
	frappe.delete_doc(item_seal.DOCTYPE, doc.name, force=True)
	frappe.db.commit()


def answered(campaign: str) -> str:
	"""Write what became of four employees of this campaign. Return the number of the one who needs help."""
	numbers = {name: make.phone() for name in PEOPLE}
	for name, (status, answer) in PEOPLE.items():
		recipient = secrets.token_hex(5)
		row = {"campaign": campaign, "phone": numbers[name], "status": status, "person_name": name}
		frappe.get_doc({"doctype": "Dialer Recipient", "name": recipient, **row}).db_insert()
		if answer:
			frappe.get_doc(
				{
					"doctype": "Dialer Answer",
					"name": secrets.token_hex(5),
					"campaign": campaign,
					"recipient": recipient,
					"kind": "Answer",
					"answer": answer,
					"answered_at": clock.db_now(),
				}
			).db_insert()
	frappe.db.commit()
	return numbers["Ana <b>Reyes</b>"]


def test_the_groups_of_a_safety_poll(staff, poll):
	page = staff("agent")
	page.set_viewport_size({"width": 390, "height": 844})
	page.goto("/app/dialer-emergency")
	page.get_by_role("button", name=poll).click()
	page.locator(".dialer-sure").click()
	page.get_by_role("button", name="Start", exact=True).click()
	sent = page.locator("[data-part=sent]")
	expect(sent).to_contain_text("Received at")
	frappe.db.rollback()
	number = answered(frappe.db.get_value("Dialer Campaign", {"title": poll}, "name"))
	groups = sent.locator("[data-groups]")
	expect(groups.locator("h5")).to_have_text(
		["Need help: 1", "Not answered: 1", "Not reached: 1", "Safe: 1"]
	)
	expect(groups.locator("li").first).to_contain_text("Ana <b>Reyes</b>")
	expect(groups.locator("li").nth(2)).to_contain_text("still being called")
	link = groups.get_by_role("link")
	expect(link).to_have_count(1)
	expect(link).to_have_attribute("href", f"tel:{number}")
	is_accessible(page, ".dialer-emergency")
