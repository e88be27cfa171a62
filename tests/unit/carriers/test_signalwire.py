"""SignalWire's Compatibility API: against a carrier that speaks it, and against a recorded request."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from twilio.request_validator import RequestValidator

from dev.carrier import server
from dev.carrier.dialects import SIGNALWIRE, signature
from school_dialer.carriers import signalwire, signalwire_errors, twilio_errors
from school_dialer.carriers.base import (
	Account,
	BadNumber,
	CarrierError,
	NotAuthorised,
	Refused,
	ResponseUnknown,
	SenderRefused,
	Unsubscribed,
)
from school_dialer.carriers.signalwire import SignalWireCarrier
from school_dialer.carriers.signalwire_http import SignalWireHttpClient, plain_error
from school_dialer.carriers.twilio_http import WrongHost

PROJECT, TOKEN, KEY = "b3877c40-da60-4998-90ad-b792e98472af", "PT-token", "PSK_key"
OURS, THEIRS = "+13125550100", "+13125550142"
RINGS = 25
"""Seconds for which a school lets a phone ring."""


@pytest.fixture(scope="module")
def handle() -> Iterator[server.Handle]:
	with server.start(seed=3, dialect="signalwire", account=PROJECT, token=TOKEN, signing_key=KEY) as one:
		yield one


@pytest.fixture
def carrier(handle) -> Iterator[SignalWireCarrier]:
	handle.control("faults", {})
	handle.control("people", {"*": {"behaviour": "answers"}})
	yield SignalWireCarrier(Account(PROJECT, TOKEN, handle.url))
	handle.wait_until_idle()
	assert handle.control("stats")["violations"] == []


def placed(carrier: SignalWireCarrier, to: str = THEIRS):
	return carrier.ask(
		carrier.client.calls.create,
		to=to,
		from_=OURS,
		url="http://127.0.0.1:9/v",
		timeout=RINGS,
		method="POST",
	)


def test_a_call_is_placed_listed_and_fetched_by_its_uuid(carrier):
	call = placed(carrier)
	assert signalwire.UUID.fullmatch(call.sid)
	assert carrier.fetch_status("Voice", call.sid).to == THEIRS
	since = datetime.now(timezone.utc) - timedelta(minutes=5)
	assert call.sid in [one.sid for one in carrier.list_recent("Voice", {THEIRS}, OURS, since)]
	assert carrier.list_recent("Voice", {"+13125550149"}, OURS, since) == []


def test_what_does_not_exist_is_none(carrier):
	assert carrier.fetch_status("Voice", PROJECT) is None
	assert carrier.fetch_status("Text", PROJECT) is None
	assert carrier.fetch_recording(PROJECT, 1000) is None
	carrier.delete_recording(PROJECT)


def test_a_call_that_has_ended_cannot_be_canceled(carrier, handle):
	call = placed(carrier)
	handle.wait_until_idle()
	assert carrier.cancel("Voice", call.sid) == ""


def test_a_call_in_the_queue_is_canceled_and_a_text_is_not_asked_about(carrier, handle):
	handle.control("account", {"calls_per_second": 0.001})
	try:
		first, second = placed(carrier), placed(carrier, "+13125550143")
		assert carrier.cancel("Voice", second.sid) == "canceled"
		assert carrier.fetch_status("Voice", second.sid).status == "canceled"
		carrier.cancel("Voice", first.sid)
	finally:
		handle.control("account", {"calls_per_second": 100})
	assert carrier.cancel("Text", PROJECT) == ""


def test_a_text_has_no_parameters_that_are_not_described(carrier, handle):
	text = signalwire.Text("Hello", "http://127.0.0.1:9/s", discard=True, obfuscate=True)
	assert carrier.privacy(text) == {}


def test_received_texts_are_listed_day_by_day(carrier, handle):
	handle.control("inbound_text", {"from": THEIRS, "to": OURS, "body": "Ana is ill"})
	since = datetime.now(timezone.utc) - timedelta(minutes=5)
	(found,) = [one for one in carrier.list_received({OURS}, since) if one.body == "Ana is ill"]
	assert (found.phone, found.to) == (THEIRS, OURS)
	assert not carrier.list_received({OURS}, datetime.now(timezone.utc) + timedelta(hours=1))


def test_days_end_tomorrow_whatever_the_clock_says():
	now = datetime.now(timezone.utc)
	assert len(signalwire.days(now - timedelta(days=2))) >= 4
	assert signalwire.days(now + timedelta(days=9))


def test_wrong_credentials_and_a_closed_account_are_about_the_account(carrier, handle):
	with pytest.raises(NotAuthorised):
		SignalWireCarrier(Account(PROJECT, "wrong", handle.url)).check()
	handle.control("account", {"status": "suspended"})
	try:
		with pytest.raises(NotAuthorised):
			placed(carrier)
	finally:
		handle.control("account", {"status": "active"})


@pytest.mark.parametrize("turn", [0, 1])
def test_both_forms_of_an_error_are_understood(carrier, turn):
	for _ in range(turn + 1):
		with pytest.raises(BadNumber):
			placed(carrier, "123")


def test_a_lost_answer_is_unknown(carrier, handle):
	handle.control("faults", {"http_500_after": 1})
	with pytest.raises(ResponseUnknown):
		placed(carrier)
	handle.control("faults", {})


@pytest.mark.parametrize(
	("code", "kind"),
	[
		(21610, Unsubscribed),
		("30004", Unsubscribed),
		(20003, NotAuthorised),
		(4001, NotAuthorised),
		(10000, SenderRefused),
		(10001, SenderRefused),
		(21717, SenderRefused),
		(21217, BadNumber),
		(99999, Refused),
	],
)
def test_codes_mean_what_the_publisher_says(code, kind):
	assert type(signalwire_errors.translated(400, code)) is kind
	assert "Twilio" not in str(signalwire_errors.translated(400, code))


def test_codes_of_other_meaning_are_not_taken_over():
	assert twilio_errors.fault_of(30004).opted_out is False
	assert signalwire_errors.fault_of(30004).opted_out is True
	assert signalwire_errors.fault_of(21606) is twilio_errors.UNKNOWN_CODE


@pytest.mark.parametrize(
	("body", "code"),
	[
		('{"code": 21610, "message": "x", "status": 400}', 21610),
		('{"errors": [{"code": "30010", "message": "x"}]}', 30010),
		('{"errors": ["Validation error message"]}', None),
		('{"errors": []}', None),
		("[]", None),
		('{"code": "no number"}', None),
		('{"code": 12345678901234567890}', None),
	],
)
def test_an_error_is_read_in_any_form(body, code):
	assert json.loads(plain_error(body)).get("code") == code


def test_an_error_that_is_no_json_stays_as_it_is():
	assert plain_error("<html>") == "<html>"


def test_the_token_goes_to_the_space_alone():
	client = SignalWireHttpClient(None, 10, "school.signalwire.com")
	root = "https://school.signalwire.com/api/laml/2010-04-01/Accounts"
	assert client.address("https://api.twilio.com/2010-04-01/Accounts") == root
	assert client.address("https://api.twilio.com/api/laml/2010-04-01/Accounts") == root
	assert client.address(root) == root
	for other in ("https://example.com/2010-04-01", "http://127.0.0.1/x", "https://signalwire.com.evil.com/"):
		with pytest.raises(WrongHost):
			client.address(other)


@pytest.mark.parametrize("space", ["", "example.com", "signalwire.com.evil.com", "a.b.signalwire.com", "x"])
def test_nothing_is_sent_without_a_space(space):
	with pytest.raises(WrongHost):
		SignalWireHttpClient(None, 10, space).address("https://api.twilio.com/2010-04-01/Accounts")


def test_a_callback_recorded_by_the_publisher_has_this_signature():
	"""A request of SignalWire's that its own client's tests keep: signed with the signing key."""
	url = "https://675d-189-71-169-171.ngrok-free.app/voice"
	form = {
		"CallSid": "a97d4e8a-6047-4e2b-be48-fb96b33b5642",
		"AccountSid": "6bfbbe86-a901-4197-8759-2a0de1fa319d",
		"ApiVersion": "2010-04-01",
		"Direction": "outbound-api",
		"From": "sip:+17063958228@sip.swire.io",
		"To": "sip:jpsantos@joaosantos-2a0de1fa319d.sip.swire.io",
		"Timestamp": "Thu, 09 Nov 2023 14:40:55 +0000",
		"CallStatus": "no-answer",
		"CallbackSource": "call-progress-events",
		"HangupDirection": "outbound",
		"HangupBy": "sip:+17063958228@sip.swire.io",
		"SipResultCode": "487",
	}
	key, recorded = "PSK_V3bF8oyeRNpJWGoRWHNYQMUU", "muUMpldcBHlzuXGZ5gbw1ETZCYA="
	assert RequestValidator(key).validate(url, form, recorded)
	assert signature(key, url, form) == recorded
	assert not RequestValidator("another").validate(url, form, recorded)


def test_the_simulated_carrier_says_nothing_that_is_not_described():
	said = SIGNALWIRE.said(
		{"CallSid": "x", "Caller": "+1", "FromCity": "", "SmsSid": "x", "SequenceNumber": "0"}
	)
	assert set(said) == {"CallSid", "SequenceNumber", "CallbackSource", "Timestamp", "AudioInMos"}


def test_both_dialects_can_be_served_by_one_process(tmp_path):
	beside = f"--beside={PROJECT},{TOKEN},{KEY},{tmp_path / 'second.jsonl'}"
	with server.start(seed=3, more=[beside]) as both:
		with pytest.raises(CarrierError):
			SignalWireCarrier(Account(PROJECT, "wrong", both.url)).check()
		second = SignalWireCarrier(Account(PROJECT, TOKEN, both.url))
		assert second.check().active and signalwire.UUID.fullmatch(placed(second).sid)
		both.wait_until_idle()
