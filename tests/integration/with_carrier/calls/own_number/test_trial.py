"""A test goes to the user's own phone once, with a permit of its own, and leaves no consent behind."""

import frappe
import pytest

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.base.database.db_thread import DbThread
from school_dialer.calls import live_call
from school_dialer.calls.own_number import sample_call as trial
from school_dialer.campaigns import message_content
from school_dialer.compliance.permit import NotPermitted, PermitExpired, PermitSpent, TrialPermit
from school_dialer.desk import campaigns as desk
from tests.integration import factories as make
from tests.integration.with_carrier.running import opting_out_at_the_slot


@pytest.mark.parametrize("channel", ["Voice", "Text"])
def test_a_test_goes_to_ones_own_number_and_leaves_no_consent(carrier, posted, answering, caller, channel):
	answering(caller.number, "answers")
	log = trial.place_sample(make.campaign(channel=channel), caller.name)
	carrier.wait_until_idle()
	frappe.db.rollback()
	row = frappe.get_doc("Dialer Call Log", log)
	assert (row.verdict, row.recipient, row.phone, row.person) == ("ALLOW", None, caller.number, caller.name)
	assert row.status in ("completed", "delivered") and len(posted(caller.number)) == 1
	for doctype in ("Consent Event", "Contact Consent", "Consent Head"):
		assert not frappe.db.count(doctype, {"phone": caller.number}), doctype


def test_a_test_opens_nothing_for_a_campaign(carrier, posted, caller):
	doc = make.campaign(channel="Text")
	trial.place_sample(doc, caller.name)
	case, question = (
		gate.CallContext("Text", "General"),
		gate.EligibilityCheck("q", caller.number, None, None),
	)
	assert "NO_CONSENT" in gate.ask(case, [question], clock.now())["q"].decision.codes


def test_a_user_without_a_number_is_sent_to_verify_one(carrier, as_role):
	doc = make.campaign()
	as_role("Dialer Manager")
	with pytest.raises(trial.NotVerified, match="Verify your own telephone"):
		desk.send_test(doc.name)


def test_tests_are_few_a_day(carrier, posted, caller, monkeypatch):
	monkeypatch.setattr(trial, "MOST_A_DAY", 2)
	doc = make.campaign(channel="Text")
	for _test in range(2):
		trial.place_sample(doc, caller.name)
	with pytest.raises(trial.TooManyTests):
		trial.place_sample(doc, caller.name)
	assert len(posted(caller.number)) == 2


def test_an_opt_out_while_the_test_waits_for_its_slot_keeps_it_back(carrier, posted, caller, monkeypatch):
	doc = make.campaign(channel="Text")
	frappe.db.commit()
	opting_out_at_the_slot(monkeypatch, caller.number)
	with DbThread() as request, pytest.raises(trial.RefusedForNumber):
		request.submit(trial.place_sample, doc, caller.name).result()
	assert not posted(caller.number)


def permit(caller) -> tuple[TrialPermit, object]:
	"""Return the permit of a test that was made but not sent, and its campaign."""
	doc = make.campaign(channel="Text")
	request = trial.permitted(
		doc, caller.name, caller.number, "+13125550100", lambda row: message_content.example(doc, row)
	)
	return request.permit, doc


def test_the_permit_is_for_one_test_and_a_minute(carrier, caller):
	made, doc = permit(caller)
	version = trial.version_of(doc.template)
	made.refuse_other(caller.name, caller.number, doc.template, version)
	for other in (
		("Administrator", caller.number, doc.template, version),
		(caller.name, make.unlisted_phone(), doc.template, version),
		(caller.name, caller.number, make.template(), version),
		(caller.name, caller.number, doc.template, version + 1),
	):
		with pytest.raises(NotPermitted):
			made.refuse_other(*other)
	made.spend(clock.now())
	with pytest.raises(PermitSpent):
		made.spend(clock.now())
	late, _doc = permit(caller)
	with pytest.raises(PermitExpired):
		late.spend(late.decision.at + trial.timedelta(seconds=61))


def test_a_call_whose_words_were_changed_says_none_of_them(carrier, caller):
	doc = make.campaign()
	log = trial.permitted(
		doc, caller.name, caller.number, "+13125550100", lambda row: message_content.example(doc, row)
	).log
	template = frappe.get_doc("Dialer Message Template", doc.template)
	template.translations[0].voice = "Quite another sentence."
	template.save()
	assert "Quite another" not in live_call.answer(log, "CA" + "0" * 32, "human")
