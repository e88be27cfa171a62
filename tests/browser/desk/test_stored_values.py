"""What forms and lists store for machines, as staff read it."""

from collections.abc import Callable, Iterator

import frappe
import pytest
from playwright.sync_api import expect

CALLED = "Ana O'Neill & Luz <3"


@pytest.fixture
def stored(school: None, no_tours: None) -> Iterator[Callable[..., str]]:
	"""Yield a function that stores a record as the app's own code does, which deletes it afterwards."""
	kept = []

	def store(doctype: str, **values) -> str:
		doc = frappe.get_doc({"doctype": doctype, **values})
		doc.name = frappe.generate_hash(length=10)
		doc.db_insert()
		frappe.db.commit()
		kept.append((doctype, doc.name))
		return doc.name

	yield store
	for doctype, name in kept:
		frappe.db.delete(doctype, {"name": name})
	frappe.db.commit()


def test_a_first_column_with_words_of_its_own_opens_and_chooses_its_record(staff, stored):
	name = stored("Dialer Call Log", direction="Inbound", channel="Voice", person_name=CALLED)
	page = staff("agent")
	page.goto(f"/app/dialer-call-log?name={name}")
	row = page.locator(".list-row:visible")
	expect(row.locator(".list-row-checkbox")).to_have_count(1)
	link = row.locator(".list-subject a:visible")
	expect(link).to_have_text(CALLED)
	link.click()
	page.wait_for_function("name => window.cur_frm?.docname === name", arg=name)
