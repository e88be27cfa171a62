"""No recipient and no call log can be created without a decision of the gate, in any way."""

import json

import frappe
import pytest
import requests

from dev.demo.people import MANAGER, Person, Refused
from dev.patience import PATIENCE
from school_dialer import gate
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.gate.doc_events import CallNotPermitted
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass


def claimed(number: str, campaign: str) -> dict:
	return {
		"doctype": "Dialer Recipient",
		"campaign": campaign,
		"phone": number,
		"person_name": "Somebody",
		"status": "Pending",
		"verdict": "ALLOW",
	}


def test_recipient_without_consent_is_refused_over_rest(web):
	from dev.school import users

	users.create()
	doc, number = make.campaign(), make.phone()
	frappe.db.commit()
	with pytest.raises(Refused, match="NO_CONSENT"):
		Person(web, MANAGER).create("Dialer Recipient", claimed(number, doc.name))
	frappe.db.rollback()
	assert not frappe.db.exists("Dialer Recipient", {"phone": number})


def test_recipient_with_consent_is_decided_not_believed(school):
	doc, number = make.campaign(), make.phone()
	make.consent(number)
	row = frappe.get_doc(claimed(number, doc.name) | {"verdict": "BLOCK", "status": "Reached"}).insert()
	assert (row.verdict, row.status) == ("ALLOW", "Pending")
	assert json.loads(row.decision)


def test_recipient_without_consent_is_refused_by_import(school):
	doc, number = make.campaign(), make.phone()
	with pytest.raises(CallNotPermitted, match="NO_CONSENT"):
		frappe.get_doc(claimed(number, doc.name)).insert(ignore_permissions=True)


@pytest.mark.parametrize(
	"number", ["", "not a number", "312-555", "+1 900 555 0100", "9" * 500, "+13125550142\n+13125550143"]
)
def test_recipient_with_a_bad_number_is_refused(school, number):
	with pytest.raises((CallNotPermitted, frappe.MandatoryError)):
		frappe.get_doc(claimed(number, make.campaign().name)).insert()


def test_a_recipients_number_is_on_the_record_of_its_person(school):
	"""Check that no stranger's phone is called in a family's place, and none about a child of no one."""
	stranger, own = make.phone(), make.phone()
	make.consent(stranger)
	family = SchoolClass([{"Rosa": [own]}])
	campaign = make.campaign().name
	of_guardian = {"person_doctype": "Guardian", "person": f"{family.tag}-Rosa"}
	for row in (
		claimed(stranger, campaign) | of_guardian,
		claimed(own, campaign) | {"students": json.dumps(["Ana"])},
		claimed(own, campaign) | {"person_doctype": "Note", "person": "x", "students": json.dumps(["Ana"])},
	):
		with pytest.raises((CallNotPermitted, frappe.LinkValidationError)):
			frappe.get_doc(row).insert()
	about = {"students": json.dumps([family.student(0)])}
	assert frappe.get_doc(claimed(own, campaign) | of_guardian | about).insert().verdict == "ALLOW"


def test_recipient_is_not_edited_nor_deleted(school):
	doc, number = make.campaign(), make.phone()
	make.consent(number)
	row = frappe.get_doc(claimed(number, doc.name)).insert()
	row.reload()
	row.person_name = "Somebody else"
	with pytest.raises(frappe.PermissionError):
		row.save()
	with pytest.raises(frappe.PermissionError):
		row.delete()


def forged_log(**values) -> dict:
	return {
		"doctype": "Dialer Call Log",
		"direction": "Outbound",
		"channel": "Voice",
		"phone": make.phone(),
		"verdict": "ALLOW",
		"status": "queued",
		"decision": json.dumps({"verdict": "ALLOW"}),
		**values,
	}


@pytest.mark.parametrize(
	"values", [{}, {"verdict": "BLOCK"}, {"verdict": ""}, {"seal": "0" * 64}, {"direction": "Inbound"}]
)
def test_call_log_is_not_forged(school, values):
	with pytest.raises(CallNotPermitted):
		frappe.get_doc(forged_log(**values)).insert(ignore_permissions=True)


def test_database_itself_refuses_a_log_without_allow(school):
	with pytest.raises(Exception, match="dialer_permitted"):
		frappe.db.bulk_insert(
			"Dialer Call Log", ["name", "direction", "verdict"], [("forged-in-sql", "Outbound", "BLOCK")]
		)


def test_call_log_is_kept_as_it_is(carrier, answering):
	number = make.phone()
	make.consent(number)
	answering(number, "answers")
	doc = make.campaign([number])
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	dispatcher.run()
	carrier.wait_until_idle()
	frappe.db.rollback()
	log = frappe.get_doc("Dialer Call Log", make.recipients(doc.name)[0].last_call_log)
	assert gate.signature_holds(log.decision, log.seal)
	log.status = "failed"
	with pytest.raises(frappe.PermissionError):
		log.save()
	with pytest.raises(frappe.PermissionError):
		log.delete()
	with pytest.raises(frappe.PermissionError):
		frappe.rename_doc("Dialer Call Log", log.name, "another", force=True)


def test_guest_reads_nothing(web):
	for doctype in (
		"Dialer Call Log",
		"Dialer Recipient",
		"Dialer Campaign",
		"Contact Consent",
		"Consent Event",
	):
		answer = requests.get(f"{web}/api/resource/{doctype}", timeout=PATIENCE)
		assert answer.status_code == 403, doctype
