"""An update of shipped words leaves the emergency kit as it was approved, and able to start."""

import frappe
import pytest

from school_dialer.emergency_kit import item_seal, starting
from school_dialer.messages import defaults, store
from school_dialer.setup import shipped_words
from tests.integration.factories import OURS
from tests.integration.with_carrier.emergency_kit.kit import ITEM, Kit

NAME = "Emergency closure"
OFFERED = f"{NAME} 2"


@pytest.fixture
def before(kit: Kit) -> dict[str, str]:
	"""Return what the closure says on a site of before the update, in a transaction that is rolled back."""
	frappe.db.set_value("Dialer Campaign", {"template": NAME}, "status", "Cancelled")
	frappe.db.set_value(ITEM, {"template": NAME}, "approval_seal", None)
	shipped_words.forget()
	(old,) = [data for data in defaults.superseded() if data["template_name"] == NAME]
	defaults.say_as_shipped(frappe.get_doc(store.TEMPLATE, NAME), old)
	return said(NAME)


def said(template: str) -> dict[str, str]:
	return {row.language: row.voice for row in frappe.get_doc(store.TEMPLATE, template).translations}


def item_of(kit: Kit, approved: bool) -> str:
	"""Insert an item with the closure, and approve it as another person. Does not commit."""
	values = {"emergency_type": "Fire", "channel": "Text", "template": NAME}
	audience = {"audience_source": "Guardians of a Student Group", "audience_name": kit.group}
	doc = frappe.get_doc({"doctype": ITEM, "title": f"{OURS}closure", **values, **audience}).insert()
	if approved:
		frappe.set_user(kit.approver)
		item_seal.approve(doc.name, item_seal.digest_of(frappe.get_doc(ITEM, doc.name)))
		frappe.set_user("Administrator")
	return doc.name


def test_an_approved_item_starts_as_before_and_the_new_words_are_offered(kit, before):
	item = item_of(kit, approved=True)
	for _update in range(2):
		shipped_words.bring_up_to_date()
	assert said(NAME) == before and starting.startable(item, kit.approver).name == item
	now = next(data for data in defaults.templates() if data["template_name"] == NAME)
	assert said(OFFERED) == {
		row["language"]: row["voice"] for row in now["translations"] if row["language"] in before
	}
	assert store.outdated(frappe.get_doc(store.TEMPLATE, OFFERED)) == []
	about = {"document_type": store.TEMPLATE, "document_name": OFFERED, "for_user": kit.approver}
	(notice,) = frappe.get_all("Notification Log", about, pluck="subject", order_by="name")
	assert f"choose {OFFERED} in the kit" in notice and "it cannot be started" in notice


def test_what_was_offered_and_deleted_does_not_come_back(kit, before):
	item_of(kit, approved=True)
	shipped_words.bring_up_to_date()
	frappe.delete_doc(store.TEMPLATE, OFFERED, force=True)
	shipped_words.bring_up_to_date()
	assert said(NAME) == before and not frappe.db.exists(store.TEMPLATE, OFFERED)


def test_an_item_that_no_one_has_approved_holds_no_words_back(kit, before):
	item_of(kit, approved=False)
	shipped_words.bring_up_to_date()
	assert said(NAME) != before and not frappe.db.exists(store.TEMPLATE, OFFERED)
