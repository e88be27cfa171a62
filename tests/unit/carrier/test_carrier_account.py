"""What an account is refused, at once or later: privacy, trial, limits, senders, services, registration."""

from __future__ import annotations

import pytest
from carrier_kit import DIALER, PERSON, refusal

from dev.patience import eventually

OTHER = "+13125550143"
SERVICE, UNKNOWN_SERVICE, EMPTY_SERVICE = ("MG" + letter * 32 for letter in "abc")
HELLO = "<Response><Say>Hello.</Say></Response>"
DISCARD, OBFUSCATE = {"content_retention": "discard"}, {"address_retention": "obfuscate"}


def text(twilio, **options):
	return twilio.messages.create(**{"to": PERSON, "from_": DIALER, "body": "Hello", **options})


def call(twilio, **options):
	return twilio.calls.create(**{"to": PERSON, "from_": DIALER, "twiml": HELLO, **options})


def end(carrier, twilio, message) -> tuple[str, int | None]:
	carrier.wait_until_idle()
	done = twilio.messages(message.sid).fetch()
	return done.status, done.error_code


@pytest.mark.parametrize(
	("redaction", "options", "code"),
	[
		("none", DISCARD, 30029),
		("none", OBFUSCATE, 30030),
		("none", {**DISCARD, **OBFUSCATE}, 30029),
		("none", {"content_retention": "retain", "address_retention": "retain"}, None),
		("none", {}, None),
		("content", DISCARD, None),
		("content", OBFUSCATE, 30030),
		("all", {**DISCARD, **OBFUSCATE}, None),
	],
)
@pytest.mark.parametrize("moment", ["at once", "later"])
def test_privacy_parameters_need_the_feature(carrier, twilio, redaction, options, code, moment):
	carrier.control("account", {"redaction": redaction, "redaction_refusal": moment})
	if code and moment == "at once":
		problem = refusal(text, twilio, **options)
		assert (problem.code, problem.status) == (code, 400) and carrier.control("stats")["messages"] == 0
	else:
		status = ("failed", code) if code else ("delivered", None)
		assert end(carrier, twilio, text(twilio, **options)) == status


def test_redacted_numbers_conflict_with_the_carriers_stop_words(carrier):
	stop = {"from": PERSON, "to": DIALER, "body": "stop"}
	carrier.control("account", {"redaction": "all"})
	carrier.control("inbound_text", stop)
	carrier.control("services", {SERVICE: {"numbers": [DIALER]}})
	carrier.control("inbound_text", stop)
	carrier.control("account", {"redaction": "content"})
	carrier.control("inbound_text", stop)
	assert carrier.control("stats")["alerts"] == {"23002": 1, "23004": 1}
	assert [line["code"] for line in carrier.log("alert")] == [23002, 23004]


@pytest.mark.parametrize("status", [403, 400])
def test_a_trial_account_reaches_verified_numbers_only(carrier, twilio, status):
	carrier.control("account", {"type": "Trial", "verified": [PERSON], "trial_status": status})
	assert twilio.api.accounts(carrier.account).fetch().type == "Trial"
	assert text(twilio).sid and call(twilio).sid
	for made, code in ((text, 21608), (call, 21219)):
		problem = refusal(made, twilio, to=OTHER)
		assert (problem.code, problem.status) == (code, status)


def test_only_so_many_calls_at_once(carrier, twilio):
	carrier.control("account", {"calls_at_once": 2})
	carrier.control("people", {"*": {"behaviour": "no answer"}})
	carrier.control("time", {"speed": 1})
	first, _second = call(twilio), call(twilio, to=OTHER)
	assert refusal(call, twilio, to="+13125550144").code == 10004
	twilio.calls(first.sid).update(status="canceled")
	assert call(twilio, to="+13125550144").status == "queued"
	carrier.control("time", {"speed": 2000})


def test_calls_that_are_over_make_room(carrier, twilio):
	carrier.control("account", {"calls_at_once": 1})
	for _ in range(3):
		call(twilio)
		carrier.wait_until_idle()
	assert len(carrier.log("outcome")) == 3


@pytest.mark.parametrize("status", [400, 403, 429, 500])
def test_all_calls_and_texts_can_be_refused_with_any_code(carrier, twilio, status):
	carrier.control("account", {"refuse": {"call": 21216, "message": 39999, "status": status}})
	for made, code in ((call, 21216), (text, 39999)):
		problem = refusal(made, twilio)
		assert (problem.code, problem.status) == (code, status)
	carrier.control("account", {"refuse": {"call": 21216}})
	assert text(twilio).sid and refusal(call, twilio).status == 400


@pytest.mark.parametrize("code", [21606, 21659, 21660])
def test_a_sender_that_is_not_ours(carrier, twilio, code):
	carrier.control("numbers", {DIALER: {"sms": False}, OTHER: {}})
	carrier.control("account", {"unowned_sender": code})
	assert refusal(text, twilio, from_="+13125550199").code == code
	assert refusal(call, twilio, from_="+13125550199").code == 21210
	assert refusal(text, twilio).code == 21606 and text(twilio, from_=OTHER).sid


@pytest.mark.parametrize(
	("settings", "code"),
	[
		({"kind": "10dlc", "registered": False}, 30034),
		({"kind": "long code", "registered": False}, 30034),
		({"kind": "toll-free", "registered": False}, 30032),
		({"filtered": True}, 30007),
	],
)
def test_unregistered_and_filtered_senders_are_told_later(carrier, twilio, settings, code):
	carrier.control("numbers", {"*": settings})
	assert end(carrier, twilio, text(twilio)) == ("undelivered", code)
	line = carrier.log("outcome")[0]
	assert line["sent_at"] is None and line["delivered_at"] is None and line["error"] == code


def test_a_messaging_service_sends_from_its_pool(carrier, twilio):
	carrier.control("numbers", {DIALER: {}, OTHER: {}})
	carrier.control("services", {SERVICE: {"numbers": [OTHER]}, EMPTY_SERVICE: {"numbers": []}})
	pooled = {"from_": None, "messaging_service_sid": SERVICE}
	message = text(twilio, **pooled)
	assert (message.status, message.from_) == ("accepted", None)
	assert end(carrier, twilio, message) == ("delivered", None)
	assert twilio.messages(message.sid).fetch().from_ == OTHER
	for service, code in ((UNKNOWN_SERVICE, 21701), (EMPTY_SERVICE, 21703), ("MG1", 21705)):
		assert refusal(text, twilio, from_=None, messaging_service_sid=service).code == code


def test_a_stop_to_one_number_of_a_service_counts_for_all_of_it(carrier, twilio):
	carrier.control("services", {SERVICE: {"numbers": [DIALER, OTHER]}})
	carrier.control("inbound_text", {"from": PERSON, "to": OTHER, "body": "STOP"})
	assert refusal(text, twilio, from_=None, messaging_service_sid=SERVICE).code == 21610
	assert refusal(text, twilio).code == 21610 and refusal(text, twilio, from_=OTHER).code == 21610
	assert text(twilio, from_="+13125550150").sid


def test_a_text_on_its_way_cannot_be_canceled(carrier, twilio):
	carrier.control("numbers", {"*": {"segments_per_second": 0.01}})
	text(twilio)
	waiting = text(twilio, validity_period=1)
	problem = refusal(twilio.messages(waiting.sid).update, status="canceled")
	assert (problem.code, problem.status) == (30409, 409)
	assert refusal(twilio.messages(waiting.sid).update, status="canceled", body="").code == 30400


@pytest.mark.parametrize("attestation", ["A", "B", "C", None])
def test_attestation_comes_while_ringing_and_answered(carrier, twilio, site, attestation):
	carrier.control("numbers", {"*": {"attestation": attestation} if attestation else {}})
	events = ["initiated", "ringing", "answered", "completed"]
	call(twilio, status_callback=f"{site.url}/status", status_callback_event=events)
	carrier.wait_until_idle()
	told = {request.params["CallStatus"]: request.params.get("StirStatus") for request in site.to("/status")}
	assert told == {"initiated": None, "ringing": attestation, "in-progress": attestation, "completed": None}


def test_webhooks_by_get_sign_the_query_and_have_no_body(carrier, twilio, site):
	hooks = {"sms_url": f"{site.url}/text?x=%2B1", "sms_method": "GET"}
	carrier.control("numbers", {DIALER: {**hooks, "voice_url": f"{site.url}/voice", "voice_method": "GET"}})
	options = {"method": "GET", "status_callback_method": "GET", "status_callback": f"{site.url}/status"}
	twilio.calls.create(to=PERSON, from_=DIALER, url=f"{site.url}/words?x=a%20b", **options)
	carrier.control("inbound_text", {"from": PERSON, "to": DIALER, "body": "¿Qué? & more"})
	carrier.control("inbound_call", {"from": PERSON, "to": DIALER})
	carrier.wait_until_idle()
	assert {request.path.split("?")[0] for request in site.seen} == {"/words", "/status", "/text", "/voice"}
	for request in site.seen:
		assert request.method == "GET" and request.signed and "Sid=" in request.path
		assert "Content-Type" not in request.headers and "Content-Length" not in request.headers


def test_list_filters_are_days_unless_instants_are_asked_for(carrier, twilio):
	message = text(twilio)
	carrier.wait_until_idle()
	sent = twilio.messages(message.sid).fetch().date_sent
	late = sent.replace(hour=23, minute=59, second=59)
	assert len(twilio.messages.list(date_sent_after=late)) == 1
	assert len(twilio.messages.list(date_sent_before=sent.replace(hour=0, minute=0, second=0))) == 1
	carrier.control("account", {"list_dates": "instants"})
	if sent < late:
		assert twilio.messages.list(date_sent_after=late) == []


def test_settings_that_cannot_be_change_nothing(carrier):
	from dev.carrier.server import ControlError

	before = carrier.control("account", {})
	for settings in (
		{"redaction": "some"},
		{"calls_at_once": 1, "refuse": {"call": "21210"}},
		{"verified": ["555"]},
		{"trial_status": True},
		{"nonsense": 1},
	):
		with pytest.raises(ControlError):
			carrier.control("account", settings)
	assert carrier.control("account", {}) == before
	for numbers in ({"*": {"kind": "pigeon"}}, {DIALER: {"segments_per_second": -1}}, {"12": {}}):
		with pytest.raises(ControlError):
			carrier.control("numbers", numbers)


def test_a_call_waits_for_the_accounts_pace_and_tells_when_it_rang(carrier, twilio):
	carrier.control("account", {"calls_per_second": 4})
	sids = [call(twilio, from_=f"+1312555010{number}").sid for number in range(4)]
	eventually("The end of four calls", lambda: len(carrier.log("outcome")) == 4)
	rang = {line["sid"]: line["rang_at"] for line in carrier.log("outcome")}
	assert sorted(rang.values()) == [rang[sid] for sid in sids] and len(set(rang.values())) == 4
	requested = {line["sid"]: line["site_at"] for line in carrier.log("call")}
	assert all(rang[sid] > requested[sid] for sid in sids)


def test_a_call_that_never_rang_says_so(carrier, twilio):
	carrier.control("people", {PERSON: {"behaviour": "fails"}})
	call(twilio)
	carrier.wait_until_idle()
	assert carrier.log("outcome")[0]["rang_at"] is None
