"""Families who are asked whether the number is still right, and answer by key or text."""

from datetime import timedelta

import frappe
import pytest

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.calls import inbound
from school_dialer.consent import ledger
from school_dialer.consent.replies import reviews
from school_dialer.messages.model import NUMBER
from school_dialer.messages.phrases import phrase
from tests.integration import factories as make
from tests.integration.with_carrier.keypad import heard, the_log
from tests.integration.with_carrier.running import dial, prepare, texts_to

pytestmark = pytest.mark.dates

WORDS = {"voice": "We want to be sure.", "voicemail": "Please call us.", "text": "We want to be sure."}
OURS = "+13125550100"


def asking(number: str, channel: str = "Voice"):
	"""Make a campaign that asks this number, whose consent is three hundred days old."""
	doc = frappe.get_doc("Dialer Message Template", make.template("General", said=WORDS))
	doc.asks = NUMBER
	make.consent(number, at=clock.now() - timedelta(days=300))
	return make.campaign([number], purpose="General", channel=channel, template=doc.save().name)


def events(number: str) -> list[tuple[str, str]]:
	"""Return the kind and source of what the ledger has after the first consent."""
	frappe.db.rollback()
	fields = ["kind", "source", "wording", "reference_doctype"]
	return frappe.get_all("Consent Event", {"phone": number}, fields, order_by="seq")[1:]


def kinds(number: str) -> list[tuple[str, str]]:
	return [(one.kind, one.source) for one in events(number) if one.kind != "Grant"]


def codes(number: str) -> tuple[str, ...]:
	check = gate.EligibilityCheck("x", number, None, None)
	return gate.ask(gate.CallContext("Voice", "General"), [check], clock.now())["x"].decision.codes


def verified(number: str):
	return frappe.db.get_value("Contact Consent", {"phone": number, "status": "Granted"}, "last_verified_at")


def call(carrier, answering, behaviour: str, **more):
	number = make.phone()
	answering(number, behaviour, **more)
	doc = asking(number)
	prepare(doc)
	dial(carrier)
	return number, the_log(doc)


def test_key_1_confirms_the_number(carrier, answering):
	began = clock.db_now()
	number, log = call(carrier, answering, "presses", digits=["1"])
	said = heard(carrier, log.carrier_sid)
	assert phrase("number_question", "en") in said and phrase("number_wrong", "en") in said
	assert kinds(number) == [("Verify", "Keypad")]
	assert events(number)[-1].reference_doctype == "Dialer Call Log"
	assert verified(number) >= began - timedelta(seconds=2) and codes(number) == ()


def test_key_2_confirms_it_and_asks_the_office_for_another(carrier, answering):
	number, _log = call(carrier, answering, "presses", digits=["2"])
	assert kinds(number) == [("Verify", "Keypad")]
	(thread,) = frappe.get_all("Dialer Conversation", {"phone": number}, ["status", "last_words"])
	assert thread.status == "Waiting" and "another number" in thread.last_words
	assert number not in thread.last_words


def test_key_3_stops_everything_at_once(carrier, answering):
	number, _log = call(carrier, answering, "presses", digits=["3"])
	assert kinds(number) == [("Wrong Number", "Keypad")]
	assert set(codes(number)) >= {"OPTED_OUT", "NO_CONSENT"}


def test_the_same_key_twice_counts_once_and_a_strangers_1_opens_nothing(carrier, answering):
	number, _log = call(carrier, answering, "presses", digits=["1", "1"])
	assert kinds(number) == [("Verify", "Keypad")]
	number, _log = call(carrier, answering, "presses", digits=["3", "1"])
	assert kinds(number) == [("Wrong Number", "Keypad"), ("Verify", "Keypad")]
	assert "OPTED_OUT" in codes(number)


@pytest.mark.parametrize("behaviour", ["answers", "hangs up", "voicemail", "no answer", "busy"])
def test_silence_confirms_nothing(carrier, answering, behaviour):
	number, _log = call(carrier, answering, behaviour)
	assert kinds(number) == []


def text(carrier, answering, body: str) -> str:
	number = make.phone()
	answering(number, "answers")
	doc = asking(number, "Text")
	prepare(doc)
	dial(carrier)
	(said,) = texts_to(carrier, number)
	assert phrase("number_question", "en") in said
	reply = inbound.reply_to_text(frappe.generate_hash(length=32), number, OURS, body)
	frappe.db.commit()
	text.reply = reply
	return number


@pytest.mark.parametrize("body", ["1", "Yes", "yes."])
def test_a_text_confirms_the_number(carrier, answering, body):
	number = text(carrier, answering, body)
	assert kinds(number) == [("Verify", "Text")] and phrase("number_yes", "en") in text.reply
	(event,) = [one for one in events(number) if one.kind == "Verify"]
	assert event.wording == body


def test_a_text_that_says_no_stops_and_is_reviewed(carrier, answering):
	number = text(carrier, answering, "3")
	assert kinds(number) == [("Opt Out", "Text")] and not text.reply
	(review,) = frappe.get_all(reviews.DOCTYPE, {"phone": number}, ["reason", "status"])
	assert (review.reason, review.status) == (reviews.WRONG_NUMBER, "Open")
	assert "OPTED_OUT" in codes(number)
	asked = frappe.get_all("Dialer Notice", {"phone": number, "kind": "Wrong Number Question"})
	assert len(asked) == 1


def test_a_text_for_another_number_goes_to_the_office(carrier, answering):
	number = text(carrier, answering, "2")
	assert kinds(number) == [("Verify", "Text")]
	assert frappe.db.get_value("Dialer Conversation", {"phone": number}, "status") == "Waiting"


def test_words_that_are_no_answer_confirm_nothing(carrier, answering):
	number = text(carrier, answering, "Who is this?")
	assert kinds(number) == []


def test_a_stale_consent_revives_by_the_persons_own_answer(carrier, answering, monkeypatch):
	"""The question was sent while the consent still held; the answer comes after it became stale."""
	number = make.phone()
	answering(number, "answers")
	doc = asking(number, "Text")
	prepare(doc)
	dial(carrier)
	frappe.db.sql(
		"update `tabContact Consent` set granted_at = %s, last_verified_at = null where phone = %s",
		(clock.db_now() - timedelta(days=800), number),
	)
	frappe.db.commit()
	assert codes(number) == ("CONSENT_STALE",)
	inbound.reply_to_text(frappe.generate_hash(length=32), number, OURS, "1")
	frappe.db.commit()
	assert codes(number) == ()


def test_a_consent_that_is_stale_already_is_not_asked_about(carrier, answering):
	number = make.phone()
	answering(number, "presses", digits=["1"])
	make.consent(number, at=clock.now() - timedelta(days=800))
	doc = frappe.get_doc("Dialer Message Template", make.template("General", said=WORDS))
	doc.asks = NUMBER
	doc = make.campaign([number], purpose="General", template=doc.save().name)
	frappe.db.sql(
		"delete from `tabContact Consent` where phone = %s and granted_at > %s",
		(number, clock.db_now() - timedelta(days=700)),
	)
	prepare(doc)
	dial(carrier)
	(row,) = make.recipients(doc.name, "status", "reasons")
	assert (row.status, row.reasons) == ("Blocked", "CONSENT_STALE")


def test_a_test_call_writes_nothing(school):
	from school_dialer.calls import survey_answers
	from school_dialer.messages import store

	name = asking(make.phone()).template
	log = frappe._dict(name="none", recipient=None, channel="Voice", phone=make.phone())
	assert survey_answers.record_answer(log, store.template(name), 1) == phrase("number_yes", "en")
	assert not ledger.read([log.phone])[log.phone].consents
	frappe.db.rollback()
