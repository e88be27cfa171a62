"""Records of the tests of the Desk."""

from collections.abc import Callable, Iterator

import frappe
import pytest


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


@pytest.fixture
def in_state(draft: Callable[..., str]) -> Callable[[str], str]:
	"""Return a function that drafts a campaign, gives it a status, and returns its name."""

	def make(status: str) -> str:
		name = draft()
		frappe.db.set_value("Dialer Campaign", name, "status", status)
		frappe.db.commit()
		return name

	return make
