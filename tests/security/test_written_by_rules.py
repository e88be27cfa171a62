"""Rules that a System Manager makes in the Desk, and by which Frappe writes records without a right."""

from collections.abc import Iterator

import frappe
import pytest
from frappe.email.doctype.notification import notification as frappe_notification

from school_dialer.health import desk_rules, examine
from school_dialer.health.finding import OK, WARN
from tests.integration.privacy import children
from tests.security.asking import Answer, Seat, seat
from tests.security.methods import Method

HOLD, CHOICE, LOG = "Dialer Legal Hold", "Dialer Privacy Choice", "Dialer Call Log"


@pytest.fixture
def scene() -> Iterator[children.Scene]:
	with seat("Administrator"):
		yield children.scene()
	forget_rules()


def forget_rules() -> None:
	"""Forget the rules that Frappe keeps in its cache by DocType. They are rolled back."""
	for kept in ("notifications", "workflow"):
		frappe.cache.delete_value(kept)
	if forget := getattr(frappe_notification, "clear_notification_cache", None):  # Of Frappe 16.
		forget()


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


def naming(doctype: str) -> dict:
	"""Return a rule that writes a word of the record into its name, which appears in addresses and logs."""
	values = {"doctype": "Document Naming Rule", "document_type": doctype, "prefix": ".reason.-"}
	return {**values, "prefix_digits": 5}


def test_no_naming_rule_names_records_of_the_dialer(scene):
	one, reason = system_manager(), "Court"
	answer = insert(one, naming(HOLD))
	assert answer.refused and "Document Naming Rule" in answer.failed
	frappe.set_user("Administrator")
	held = {"doctype": HOLD, "person_doctype": "Guardian", "person": scene.other.guardian, "reason": reason}
	assert reason not in frappe.get_doc(held).insert().name


def test_no_record_of_the_dialer_repeats_by_itself(scene):
	"""Check Auto Repeat, which makes copies as Administrator, on a DocType that a site lets repeat."""
	meta = frappe.get_meta(HOLD)
	meta.allow_auto_repeat = 1
	name = scene.rows[HOLD][scene.other.student]
	frappe.set_user("Administrator")
	one = Seat(children.user("System Manager", "Dialer Compliance Officer", "Academics User"))
	values = {"doctype": "Auto Repeat", "reference_doctype": HOLD, "reference_document": name}
	answer = insert(one, {**values, "frequency": "Daily", "start_date": frappe.utils.today()})
	frappe.clear_cache(doctype=HOLD)
	assert answer.refused and "Auto Repeat" in answer.failed


def test_doctor_names_what_was_made_before(scene):
	"""Check rules of a day on which this app did not refuse them, and a script that may stay."""
	assert desk_rules.writers().state == OK
	frappe.set_user("Administrator")
	notified = frappe.get_doc(notification(HOLD, "", "")).insert()
	assert desk_rules.writers().state == OK
	notified.db_set("set_property_after_alert", "status")
	of_others = workflow("ToDo", "role")
	frappe.get_doc(of_others).insert().db_set("document_type", HOLD)
	frappe.get_doc(naming("ToDo")).insert().db_set("document_type", CHOICE)
	script = {"doctype": "Server Script", "name": "Two", "script_type": "DocType Event", "script": "1"}
	script |= {"reference_doctype": LOG, "doctype_event": "Before Save"}
	frappe.get_doc(script).insert()
	found = desk_rules.writers()
	assert found.state == WARN and found.figures == {"desk_rules_writing": 4}
	named = [(kind, doctype) for kind, _name, doctype in desk_rules.standing()]
	of_kind = [("Workflow", HOLD), ("Notification", HOLD), ("Document Naming Rule", CHOICE)]
	assert named == [*of_kind, ("Server Script", LOG)]
	assert all(text in found.text for text in (HOLD, CHOICE, LOG, "Two"))
	assert "desk_rules" in examine.ALL


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
