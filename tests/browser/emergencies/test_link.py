"""The page behind an approver's link on a phone: what waits, two big buttons, and what came of it."""

import secrets
from collections.abc import Iterator

import frappe
import pytest
from playwright.sync_api import Browser, expect

from dev.school import users
from school_dialer.base.database.transactions import retried
from school_dialer.emergency_kit import item_seal, starting
from school_dialer.emergency_kit.second_person import asks, ladder, links, on_call
from school_dialer.emergency_kit.second_person.on_call import Person
from tests.browser.conftest import GROUP, STAFF, TITLE
from tests.browser.kit.accessible import is_accessible
from tests.integration import factories as make

WORDS = "There is a fire at the school."


@pytest.fixture
def token(school) -> Iterator[str]:
	"""Yield the token of a link to the approver, for a start by the agent."""
	users.create()
	values = {"emergency_type": "Fire", "channel": "Text", "audience_name": GROUP}
	doc = frappe.get_doc(
		{
			"doctype": item_seal.DOCTYPE,
			"title": f"{TITLE} <b>{secrets.token_hex(4)}</b>",
			"audience_source": "Guardians of a Student Group",
			"template": make.template("Emergency", said={"text": WORDS}),
			**values,
		}
	).insert()
	frappe.set_user(STAFF["approver"])
	item_seal.approve(doc.name, item_seal.digest_of(doc))
	frappe.set_user(STAFF["agent"])
	asked = starting.StartRequest(doc.name, secrets.token_hex(16))
	frappe.db.commit()
	start = retried(lambda: starting.start(asked, STAFF["agent"]))
	frappe.set_user("Administrator")
	row = frappe.db.get_value(ladder.START, start, ladder.FIELDS, as_dict=True)
	person = Person(STAFF["approver"], on_call.TEXT, 90)
	name = asks.write_ask(row, person, ladder.digest_of(row.campaign))
	signed = links.token(asks.locked(name))
	frappe.db.commit()
	yield signed
	frappe.db.rollback()
	frappe.db.set_value("Dialer Campaign", row.campaign, {"status": "Cancelled", "kit_start": None})
	frappe.db.delete(asks.DOCTYPE, {"start": start})
	frappe.db.delete(starting.DOCTYPE, {"name": start})
	frappe.delete_doc(item_seal.DOCTYPE, doc.name, force=True)
	frappe.db.commit()


@pytest.mark.parametrize("width", [390, 1400])
def test_look_and_approve(browser: Browser, address: str, token: str, width: int):
	context = browser.new_context(base_url=address, viewport={"width": width, "height": 844})
	page = context.new_page()
	page.goto(f"{links.PATH}?t={token}")
	expect(page.locator("blockquote")).to_contain_text(WORDS)
	expect(page.locator("h2")).to_contain_text("‹b>")
	expect(page.locator("section")).to_contain_text("Dana Ortiz started it.")
	is_accessible(page, "main")
	page.get_by_role("button", name="Approve and start").click()
	expect(page.locator("[role=status]")).to_contain_text("Approved.")
	page.goto(f"{links.PATH}?t={token}")
	expect(page.locator("[role=status]")).to_contain_text("decided already")
	is_accessible(page, "main")
	context.close()


def test_a_link_that_was_cut_says_what_to_do(browser: Browser, address: str, token: str):
	page = browser.new_context(base_url=address).new_page()
	page.goto(f"{links.PATH}?t={token[:-3]}")
	expect(page.locator("[role=status]")).to_contain_text("Open the whole link")
	page.context.close()
