"""Every webhook: signature check first, then idempotent, in any order, with any bytes."""

import itertools

import frappe
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dev.patience import PATIENCE
from school_dialer.base import states
from tests.effort import examples
from tests.integration import factories as make
from tests.integration.with_carrier.hooks import Hooks

METHODS = (
	"voice",
	"joined",
	"keypress",
	"status",
	"message_status",
	"inbound_text",
	"inbound_call",
	"office.ended",
	"office.key",
	"office.leg_status",
	"office.message",
	"office.message_ready",
	"office.take",
	"office.whisper",
	"inbound_keypress",
)


def status_of(log: str) -> str:
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Call Log", log, "status")


def test_either_token_signs_while_it_is_rotated(web, carrier, hooks):
	other = "e" * 32
	rotated = Hooks(web, carrier.account, other)
	form = {"CallSid": "CA1", "CallStatus": "completed"}
	assert rotated.post("status", {"log": "gone"}, form).status_code == 403
	set_second_token(other)
	try:
		for one in (rotated, hooks):
			assert one.post("status", {"log": "gone"}, form).status_code == 204
	finally:
		set_second_token("")
	assert rotated.post("status", {"log": "gone"}, form).status_code == 403


def set_second_token(value: str) -> None:
	frappe.db.rollback()
	doc = frappe.get_doc("Dialer Settings")
	doc.second_token = value
	doc.save()
	frappe.db.commit()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("signature", [None, "", "wrong", "A" * 4_000])
def test_unsigned_is_refused_and_changes_nothing(hooks, log, method, signature):
	number = frappe.db.get_value("Dialer Call Log", log, "phone")
	before = frappe.db.count("Consent Event")
	form = {"CallSid": "CA1", "CallStatus": "completed", "Digits": "9", "From": number, "Body": "STOP"}
	answer = hooks.post(method, {"log": log}, form, signature)
	assert answer.status_code == 403
	assert status_of(log) == states.PLACING
	assert frappe.db.count("Consent Event") == before


def test_signature_of_another_url_is_refused(hooks, log):
	url = f"{hooks.url}/api/method/school_dialer.webhooks.twilio.status?log=another"
	form = {"AccountSid": hooks.account, "CallSid": "CA1", "CallStatus": "completed"}
	answer = hooks.post("status", {"log": log}, form, hooks.validator.compute_signature(url, form))
	assert answer.status_code == 403 and status_of(log) == states.PLACING


def test_another_account_is_refused(hooks, log):
	answer = hooks.post("status", {"log": log}, {"AccountSid": "AC" + "1" * 32, "CallStatus": "completed"})
	assert answer.status_code == 403 and status_of(log) == states.PLACING


def test_get_is_refused(hooks):
	url = f"{hooks.url}/api/method/school_dialer.webhooks.twilio.status"
	assert requests.get(url, timeout=PATIENCE).status_code == 403


def test_five_copies_in_any_order_leave_the_final_status(hooks, log):
	hooks.post("voice", {"log": log}, {"CallSid": "CA77", "AnsweredBy": "human"})
	statuses = ["completed", "ringing", "in-progress", "initiated", "queued"]
	for status in itertools.chain.from_iterable([statuses] * 5):
		answer = hooks.post(
			"status", {"log": log}, {"CallSid": "CA77", "CallStatus": status, "CallDuration": "12"}
		)
		assert answer.status_code == 204
	assert status_of(log) == "completed"
	row = frappe.get_doc("Dialer Call Log", log)
	assert (row.carrier_sid, row.duration) == ("CA77", 12)
	recipient = frappe.get_doc("Dialer Recipient", row.recipient)
	assert (recipient.status, recipient.attempts) == ("Reached", 1)


def test_callback_before_the_posts_own_answer(hooks, log):
	hooks.post("status", {"log": log}, {"CallSid": "CA78", "CallStatus": "no-answer"})
	assert status_of(log) == "no-answer"
	from school_dialer.outbound.attempts import status_updates

	assert not status_updates.apply(log, status_updates.StatusUpdate("queued", sid="CA78"))
	assert status_of(log) == "no-answer"


def test_event_name_is_not_a_status(hooks, log):
	assert hooks.post("status", {"log": log}, {"CallSid": "CA1", "CallStatus": "answered"}).status_code == 204
	assert status_of(log) == states.PLACING


def test_unknown_log_is_answered(hooks):
	assert (
		hooks.post("status", {"log": "gone"}, {"CallSid": "CA1", "CallStatus": "completed"}).status_code
		== 204
	)
	answer = hooks.post("voice", {"log": "gone"}, {"CallSid": "CA1"})
	assert answer.status_code == 200 and "<Response>" in answer.text


def test_words_are_for_their_own_call_only(hooks, log):
	assert "Thursday" in hooks.post("voice", {"log": log}, {"CallSid": "CA1", "AnsweredBy": "human"}).text
	assert "Thursday" not in hooks.post("voice", {"log": log}, {"CallSid": "CA2", "AnsweredBy": "human"}).text


@pytest.mark.parametrize("method", ["voice", "keypress"])
def test_words_are_not_for_a_call_without_an_id(hooks, log, method):
	for form in ({"AnsweredBy": "human"}, {"CallSid": "", "Digits": "1", "AnsweredBy": "human"}):
		assert "Thursday" not in hooks.post(method, {"log": log}, form).text


@pytest.mark.parametrize("method", ["voice", "keypress"])
def test_words_are_not_fetched_once_the_call_has_ended(hooks, log, method):
	hooks.post("voice", {"log": log}, {"CallSid": "CA1", "AnsweredBy": "human"})
	hooks.post("status", {"log": log}, {"CallSid": "CA1", "CallStatus": "completed"})
	form = {"CallSid": "CA1", "AnsweredBy": "human", "Digits": "2"}
	assert "Thursday" not in hooks.post(method, {"log": log}, form).text


@pytest.mark.parametrize("method", ["voice", "keypress"])
def test_a_text_has_no_spoken_words(hooks, log, method):
	frappe.db.set_value("Dialer Call Log", log, "channel", "Text", update_modified=False)
	frappe.db.commit()
	form = {"CallSid": "CA1", "AnsweredBy": "human", "Digits": "2"}
	assert "Thursday" not in hooks.post(method, {"log": log}, form).text


def test_words_of_one_log_are_not_told_under_another(hooks, log):
	"""Check that a carrier call of one log gets nothing from another log."""
	hooks.post("voice", {"log": log}, {"CallSid": "CA1", "AnsweredBy": "human"})
	for other in ("gone", "", "%", log[:-1], "' or '1'='1"):
		assert (
			"Thursday"
			not in hooks.post("voice", {"log": other}, {"CallSid": "CA1", "AnsweredBy": "human"}).text
		)


def test_repeated_key_is_one_opt_out(hooks, log):
	for _ in range(5):
		assert hooks.post("keypress", {"log": log}, {"CallSid": "CA1", "Digits": "9"}).status_code == 200
	frappe.db.rollback()
	number = frappe.db.get_value("Dialer Call Log", log, "phone")
	assert frappe.db.count("Consent Event", {"phone": number, "kind": "Opt Out"}) == 1


def test_repeated_text_is_one_opt_out(hooks):
	number = make.phone()
	make.consent(number)
	frappe.db.commit()
	for _ in range(5):
		form = {"MessageSid": f"SM{number[2:]}", "From": number, "To": "+13125550100", "Body": "stop"}
		assert hooks.post("inbound_text", {}, form).status_code == 200
	frappe.db.rollback()
	assert frappe.db.count("Consent Event", {"phone": number, "kind": "Opt Out"}) == 1


@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(
	method=st.sampled_from(METHODS),
	values=st.dictionaries(
		st.sampled_from(
			[
				"CallSid",
				"CallStatus",
				"From",
				"To",
				"Body",
				"Digits",
				"AnsweredBy",
				"MessageStatus",
				"CallDuration",
				"DialBridged",
				"DialCallSid",
				"DialCallStatus",
				"ParentCallSid",
				"log",
			]
		),
		st.text(max_size=300),
	),
)
def test_signed_nonsense_is_answered(hooks, method, values):
	assert hooks.post(method, {"log": values.pop("log", "")}, values).status_code in (200, 204)
