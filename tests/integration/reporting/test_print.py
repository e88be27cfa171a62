"""The two prints: complete, escaped, and refused to users without permission."""

import json
from datetime import timedelta
from hashlib import sha256

import frappe
import pytest
from frappe.www.printview import get_html_and_style

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.consent.integrity import triggers
from school_dialer.desk import decisions
from school_dialer.messages import store
from school_dialer.reporting import call_audit, compliance_report, receipt
from tests.integration import factories as make

AGENT, MANAGER, OFFICER = "Dialer Agent", "Dialer Manager", "Dialer Compliance Officer"
RECEIPT, REPORT = "Consent Receipt", "Campaign Compliance Report"


REFUSED = (frappe.PermissionError, getattr(frappe.exceptions, "PrintFormatError", frappe.PermissionError))
"""Later releases of Frappe 15 wrap the exception that a print format raises."""


def printed(doctype: str, name: str, print_format: str) -> str:
	return get_html_and_style(doctype, name, print_format)["html"]


def test_the_print_button_of_a_campaign_opens_its_report():
	assert frappe.get_meta("Dialer Campaign").default_print_format == REPORT


@pytest.fixture
def consent() -> str:
	number = make.phone()
	make.consent(number, channel="Voice")
	ledger.verify(
		number, evidence=make.evidence("Agent", wording="<script>alert(1)</script> & asked on the phone")
	)
	ledger.opt_out(number, evidence=make.evidence("Text", wording="STOP"))
	return frappe.db.get_value("Contact Consent", {"phone": number, "channel": "Voice", "purpose": "All"})


def test_a_receipt_has_every_event_and_its_hash(consent, as_role):
	doc = frappe.get_doc("Contact Consent", consent)
	events = frappe.get_all(
		"Consent Event", {"phone": doc.phone}, ["name", "hash", "prev_hash", "at_utc"], order_by="seq"
	)
	as_role(OFFICER)
	html = printed("Contact Consent", consent, RECEIPT)
	assert len(events) == 3
	for event in events:
		assert all(value in html for value in event.values())
	assert doc.phone in html and "You may call me about my child." in html
	assert "Yes. All 3 hashes" in html
	assert "<script>" not in html and "&lt;script&gt;" in html


def test_the_annex_can_be_hashed_by_anybody(consent):
	for event in receipt.receipt_of(frappe.get_doc("Contact Consent", consent))["events"]:
		assert sha256(event.canonical.encode()).hexdigest() == event.hash.rpartition(":")[2]
		assert event.phone not in event.canonical
		assert json.loads(event.canonical)[-1] == event.prev_hash


@pytest.fixture
def unguarded():
	"""Drop the triggers, so that the ledger can be changed as with the database's password.

	This runs before any row is written, since DDL commits.
	"""
	triggers.remove()
	yield
	frappe.db.rollback()
	assert triggers.create()


def test_a_receipt_says_when_the_ledger_was_tampered_with(unguarded, consent):
	doc = frappe.get_doc("Contact Consent", consent)
	frappe.db.sql(
		"update `tabConsent Event` set wording = 'Yes to all' where phone = %s and seq = 1", doc.phone
	)
	html = printed("Contact Consent", consent, RECEIPT)
	assert "is not as it was written" in html and "does not match its hash" in html


def test_a_receipt_is_for_who_may_print_consents(consent, as_role):
	for role in (AGENT, MANAGER):
		as_role(role)
		with pytest.raises(REFUSED):
			printed("Contact Consent", consent, RECEIPT)
		frappe.set_user("Administrator")


def test_who_may_not_see_numbers_gets_no_hashed_texts(consent, monkeypatch):
	doc = frappe.get_doc("Contact Consent", consent)
	monkeypatch.setattr(receipt, "sees_numbers", lambda doctype: False)
	found = receipt.receipt_of(doc)
	assert doc.phone not in str(found) and not found["full"]
	assert not any(event.hash or event.prev_hash or event.canonical for event in found["events"])


def test_the_report_of_a_campaign_counts_what_happened(ran, as_role):
	ledger.opt_out(ran.answered[0], evidence=make.evidence("Keypad", wording="9"))
	as_role(MANAGER)
	doc = frappe.get_doc("Dialer Campaign", ran.name)
	found = compliance_report.report_of(doc)
	assert dict(found["counts"]) == {"Reached": 3, "Not Reached": 3, "Blocked": 4}
	assert found["calls"].calls == 5 and sum(found["calls"].hours.values()) == 5
	assert {reason.code: reason.people for reason in found["reasons"]}["OPTED_OUT"] == 1
	assert sum(policy.decisions for policy in found["policies"]) == 9
	assert all(policy.citation for policy in found["policies"])
	assert [stop.source for stop in found["opt_outs"]] == ["Keypad"]
	assert [count for _what, count, _logs in found["exceptions"]] == [0] * 8
	html = printed("Dialer Campaign", ran.name, REPORT)
	assert "<td>Phone call</td>" in html
	grade = {"audience_source": "Guardians of a Program", "audience_name": "Grade 3"}
	assert compliance_report.audience_of(frappe._dict(grade)) == "Families in a grade: Grade 3"
	assert doc.title in html and "47 CFR 64.1200" in html and found["calls"].fingerprint in html
	for number in (*ran.answered, ran.stopped):
		assert number not in html


@pytest.mark.parametrize("channel", ["Voice", "Text"])
def test_the_report_prints_what_was_said_and_no_script(ran, identity, channel):
	doc = frappe.get_doc("Dialer Campaign", ran.name)
	message = frappe.get_doc("Dialer Message Template", doc.template)
	words = "Dear {{ recipient_name }}. {{ campaign_details }}"
	message.translations[0].db_set({"voice": words, "voicemail": words, "text": words})
	doc.db_set({"details": "Bring a warm coat on the trip.", "channel": channel})
	frappe.clear_document_cache("Dialer Message Template", doc.template)
	(sample,) = compliance_report.template_of(frappe.get_doc("Dialer Campaign", ran.name)).samples
	assert sample.language == "en" and "Dear " in sample.said
	assert ("Dear " in sample.voicemail) == (channel == "Voice")
	html = printed("Dialer Campaign", ran.name, REPORT)
	assert html.count("Bring a warm coat on the trip.") >= 2
	assert "<td>English</td>" in html
	assert "{{" not in html and "recipient_name" not in html


def test_the_report_has_one_rendered_sample_for_each_language(ran, identity):
	doc = frappe.get_doc("Dialer Campaign", ran.name)
	message = frappe.get_doc("Dialer Message Template", doc.template)
	words = dict.fromkeys(("voice", "voicemail", "text"), "Hola {{ recipient_name }}.")
	message.append("translations", {"language": "es", **words})
	samples = compliance_report.samples_of(doc, store.from_doc(message))
	assert [one.language for one in samples] == ["en", "es"]
	assert "Hola " in samples[1].said and not any("{{" in one.said for one in samples)


def test_an_agent_gets_no_report(ran, as_role):
	as_role(AGENT)
	with pytest.raises(REFUSED, match="export the call log"):
		printed("Dialer Campaign", ran.name, REPORT)


def test_a_draft_prints_too():
	html = printed("Dialer Campaign", make.campaign().name, REPORT)
	assert "not started" in html and "No one was called." in html


def test_records_without_personal_facts_are_no_exception(ran):
	log = frappe.db.get_value(
		"Dialer Call Log", {"campaign": ran.name, "phone": ran.silent}, ["name", "decision"], as_dict=True
	)
	record = json.dumps({**json.loads(log.decision), "scrubbed": True}, sort_keys=True, separators=(",", ":"))
	frappe.db.set_value("Dialer Call Log", log.name, {"decision": record, "seal": gate.sign_record(record)})
	found = call_audit.audit_of(ran.name)
	assert (found.scrubbed, found.calls) == (1, 5)
	assert found.unsealed == found.not_allowed == found.outside_hours == []
	assert "1 of the records have lost" in printed("Dialer Campaign", ran.name, REPORT)


def test_what_is_wrong_is_found(ran):
	logs = frappe.get_all(
		"Dialer Call Log",
		{"campaign": ran.name, "status": ("!=", "refused")},
		["name", "decision", "phone", "placed_at"],
		order_by="name",
	)
	changed, at_night, after = logs[:3]
	frappe.db.set_value(
		"Dialer Call Log", changed.name, "decision", changed.decision.replace("ALLOW", "BLOCK")
	)
	frappe.db.set_value("Dialer Call Log", at_night.name, "placed_at", ran.started + timedelta(hours=14))
	found = call_audit.audit_of(ran.name)
	assert (found.unsealed, found.outside_hours) == ([changed.name], [at_night.name])
	ledger.opt_out(after.phone, evidence=make.evidence("Text", wording="STOP"))
	frappe.db.set_value("Dialer Call Log", after.name, "placed_at", clock.db_now() + timedelta(seconds=5))
	assert compliance_report.called_after_opt_out(frappe.get_doc("Dialer Campaign", ran.name)) == [after.name]


def test_who_asked_and_who_approved_are_people_with_names(ran, as_role):
	user = as_role(MANAGER)
	name = frappe.db.get_value("User", user, "full_name")
	people = dict.fromkeys(("requested_by", "approved_by"), user)
	frappe.db.set_value("Dialer Campaign", ran.name, {**people, "approved_at": ran.started})
	doc = frappe.get_doc("Dialer Campaign", ran.name)
	doc.run_method("onload")
	assert [doc.get_onload(field) for field in people] == [name] * 2
	(said,) = decisions.about_emergency({"type": "Weather closure", **people})
	assert f"asked for by {name}, approved by {name}." in said
	assert printed("Dialer Campaign", ran.name, REPORT).count(f"{name} ({user})") == 2
	assert compliance_report.staff_member(None) == ""
