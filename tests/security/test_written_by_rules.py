"""Rules that a System Manager makes in the Desk, and by which Frappe writes records without a right."""

from collections.abc import Iterator

import frappe
import pytest

from tests.integration.privacy import children
from tests.security.asking import Answer, Seat, seat
from tests.security.methods import Method

HOLD, CHOICE, LOG = "Dialer Legal Hold", "Dialer Privacy Choice", "Dialer Call Log"


@pytest.fixture
def scene() -> Iterator[children.Scene]:
	with seat("Administrator"):
		yield children.scene()
	for kept in ("notifications", "workflow"):  # By DocType, what no longer is there.
		frappe.cache.delete_value(kept)


def insert(one: Seat, values: dict) -> Answer:
	path = "frappe.client.insert"
	return one.ask(Method(path, frappe.get_attr(path)), {"doc": frappe.as_json(values)}, keep=True)


def system_manager() -> Seat:
	frappe.set_user("Administrator")
	return Seat(children.user("System Manager"))


def workflow(doctype: str, field: str) -> dict:
	"""Return a Workflow whose first state Frappe writes to this field, wherever it is empty."""
	state, action = "By a workflow", "Go on"
	for kind, name in (("Workflow State", state), ("Workflow Action Master", action)):
		field_of_name = frappe.get_meta(kind).autoname.removeprefix("field:")
		if not frappe.db.exists(kind, name):
			frappe.get_doc({"doctype": kind, field_of_name: name}).insert()
	states = [{"state": state, "doc_status": "0", "allow_edit": "System Manager"}]
	step = {"state": state, "action": action, "next_state": state, "allowed": "System Manager"}
	of_records = {"document_type": doctype, "workflow_state_field": field, "is_active": 1}
	return {
		"doctype": "Workflow",
		"workflow_name": "One",
		**of_records,
		"states": states,
		"transitions": [step],
	}


def test_no_workflow_writes_records_of_the_dialer(scene):
	"""Check fields that are evidence: why a hold or a choice ended, and what became of a call."""
	for doctype, field in ((HOLD, "release_reason"), (CHOICE, "end_reason"), (LOG, "error_message")):
		name = scene.rows[doctype][scene.other.student]
		one, values = system_manager(), workflow(doctype, field)
		before = frappe.db.get_value(doctype, name, "*", as_dict=True)
		answer = insert(one, values)
		frappe.set_user("Administrator")
		assert frappe.db.get_value(doctype, name, "*", as_dict=True) == before, doctype
		assert answer.refused and "Workflow" in answer.failed


def notification(doctype: str, field: str, value: str) -> dict:
	to = [{"receiver_by_role": "System Manager"}]
	values = {"doctype": "Notification", "name": "One", "enabled": 1, "channel": "System Notification"}
	values |= {"event": "New", "document_type": doctype, "subject": "One", "message": "One", "recipients": to}
	return {**values, "set_property_after_alert": field, "property_value": value}


def test_no_notification_changes_records_of_the_dialer(scene):
	"""Check a hold that ends when it begins, by a Notification of today and one that was made before."""
	one, values = system_manager(), notification(HOLD, "status", "Released")
	answer = insert(one, values)
	assert answer.refused and "Notification" in answer.failed
	frappe.set_user("Administrator")
	made = frappe.get_doc(notification(HOLD, "", "")).insert()
	made.db_set({"set_property_after_alert": "status", "property_value": "Released"})
	held = {"doctype": HOLD, "person_doctype": "Guardian", "person": scene.other.guardian, "reason": "Court"}
	hold = frappe.get_doc(held).insert()
	assert frappe.db.get_value(HOLD, hold.name, "status") == "In Force"


def test_a_notification_may_tell_of_a_record(scene):
	assert not insert(system_manager(), notification(HOLD, "", "")).failed
