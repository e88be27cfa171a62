"""A site from before fields were renamed keeps three things.

They are the values of the fields, the protection of its disclosures, and the customizations of the old names.
"""

from collections.abc import Iterator

import frappe
import pytest

from school_dialer.campaigns import notifications
from school_dialer.consent.integrity import triggers
from school_dialer.patches import fields_renamed
from tests.integration import factories as make

DISCLOSURE = "Dialer Disclosure"


def put_back() -> None:
	"""Rename the columns back to those of the previous release. DDL commits."""
	triggers.remove(fields_renamed.guards_of(DISCLOSURE))
	for doctype, names in fields_renamed.RENAMED.items():
		for old, new in names.items():
			if new in fields_renamed.columns_of(doctype):
				frappe.db.sql_ddl(f"alter table `tab{doctype}` rename column `{new}` to `{old}`")


def customized(field: str) -> str:
	"""An office made this field bold."""
	setter = {
		"doctype": "Property Setter",
		"doctype_or_field": "DocField",
		"doc_type": DISCLOSURE,
		"field_name": field,
		"property": "bold",
		"property_type": "Check",
		"value": "1",
	}
	return frappe.get_doc(setter).insert().name


def disclosed() -> str:
	"""A disclosure that an officer entered."""
	doc = {
		"doctype": DISCLOSURE,
		"student": frappe.get_all("Student", pluck="name", order_by="name", limit=1)[0],
		"person_name": "County Court",
		"disclosed_at": frappe.utils.now(),
		"legal_basis": "Court Order or Subpoena (34 CFR 99.31(a)(9))",
		"interest": "Case 12",
		"records_disclosed": "Attendance of May",
	}
	return frappe.get_doc(doc).insert().name


@pytest.fixture
def before() -> Iterator[tuple[str, str, str]]:
	"""A site of before: a campaign with a pending notification, a disclosure and a customized field."""
	pending = {
		"pending_notification": "Paused",
		"pending_notification_since": frappe.utils.now(),
		"pending_notification_actor": "Guest",
	}
	idle = {"pending_notification": None, "status": "Cancelled"}
	campaign = make.campaign([make.phone()]).name
	frappe.db.set_value("Dialer Campaign", campaign, pending)
	disclosure, setter = disclosed(), customized("records_disclosed")
	frappe.db.commit()
	try:
		put_back()
		frappe.db.set_value("Property Setter", setter, "field_name", "records_told")
		frappe.db.commit()
		yield campaign, disclosure, setter
	finally:
		frappe.db.rollback()
		fields_renamed.execute()
		triggers.remove(fields_renamed.guards_of(DISCLOSURE))
		frappe.db.delete(DISCLOSURE, {"name": disclosure})
		triggers.create((DISCLOSURE,))
		frappe.delete_doc("Property Setter", setter, force=True)
		frappe.db.set_value("Dialer Campaign", campaign, idle)
		frappe.db.commit()


def test_values_protection_and_customizations_are_kept(before):
	campaign, disclosure, setter = before
	for _again in range(2):
		fields_renamed.execute()
	assert frappe.db.get_value("Dialer Campaign", campaign, "pending_notification") == "Paused"
	assert frappe.db.get_value("Dialer Campaign", campaign, "pending_notification_actor") == "Guest"
	assert frappe.db.get_value(DISCLOSURE, disclosure, "records_disclosed") == "Attendance of May"
	assert frappe.db.get_value("Property Setter", setter, "field_name") == "records_disclosed"
	assert triggers.present()
	with pytest.raises(frappe.db.OperationalError, match="append-only"):
		frappe.db.sql(
			"update `tabDialer Disclosure` set records_disclosed = 'Nothing' where name = %s", disclosure
		)
	frappe.db.rollback()
	old = {name for names in fields_renamed.RENAMED.values() for name in names}
	assert not old & {
		column for doctype in fields_renamed.RENAMED for column in fields_renamed.columns_of(doctype)
	}


def test_a_pending_notification_of_before_is_sent(before):
	campaign, _disclosure, _setter = before
	fields_renamed.execute()
	notifications.notify_pending(campaign)
	assert frappe.db.get_value("Dialer Campaign", campaign, "pending_notification") is None
	assert frappe.db.exists("Notification Log", {"document_name": campaign})
