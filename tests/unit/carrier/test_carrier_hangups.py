"""People who hang up early: what they heard, what they said, and the order in which the site learns it."""

from __future__ import annotations

import pytest
from carrier_kit import PERSON, place

from dev.patience import eventually

TEN = "one two three four five six seven eight nine ten."  # 4 seconds
RECORD = '<Response><Say>Speak.</Say><Record action="/done" maxLength="30"/><Say>Never.</Say></Response>'
GATHER = (
	'<Response><Gather action="/keys" numDigits="4"><Say>Your PIN.</Say></Gather><Say>Never.</Say></Response>'
)


def outcome(carrier, twilio, site, told, words, **options) -> dict:
	carrier.control("people", {PERSON: {"behaviour": "answers", **told}})
	site.pages["/voice"] = words
	place(twilio, site, **options)
	carrier.wait_until_idle()
	return carrier.log("outcome")[0]


@pytest.mark.parametrize(
	("seconds", "sentences"),
	[
		(0, []),
		(0.3, []),
		(2, ["one two three four five"]),
		(4, [TEN]),
		(6, [TEN, "one two three four five"]),
		(60, [TEN, TEN]),
	],
)
def test_only_what_was_played_is_heard(carrier, twilio, site, seconds, sentences):
	line = outcome(
		carrier,
		twilio,
		site,
		{"after_seconds": seconds},
		f"<Response><Say>{TEN}</Say><Say>{TEN}</Say></Response>",
	)
	assert line["sentences"] == sentences and line["status"] == "completed" and line["left"] == []
	assert line["heard_seconds"] == min(seconds, 8)
	assert carrier.log("twiml")[0]["sentences"] == sentences


def test_who_hangs_up_while_the_machine_detection_listens_has_heard_nothing(carrier, twilio, site):
	line = outcome(carrier, twilio, site, {"after_seconds": 1}, "<Response/>", machine_detection="Enable")
	assert (line["status"], line["sentences"], line["heard_seconds"]) == ("completed", [], 0)
	assert line["answered_by"] is None and site.to("/voice") == []


def test_pauses_and_the_carriers_own_apology_are_not_heard_as_words(carrier, twilio, site):
	line = outcome(carrier, twilio, site, {}, f'<Response><Pause length="9"/><Say>{TEN}</Say></Response>')
	assert line["heard_seconds"] == 4 and line["duration"] == 13
	site.pages["/voice"] = "no document"
	place(twilio, site)
	carrier.wait_until_idle()
	line = carrier.log("outcome")[1]
	assert "application error" in line["sentences"][0] and line["heard_seconds"] == 0


@pytest.mark.parametrize("order", ["action first", "status first"])
def test_what_was_said_before_hanging_up_comes_before_or_after_the_status(carrier, twilio, site, order):
	carrier.control("account", {"hangup_order": order})
	told = {"says": [7], "hangs_up_in": "record"}
	line = outcome(carrier, twilio, site, told, RECORD, status_callback_event=["completed"])
	arrived = [
		request.path.split("?")[0] for request in site.seen if request.path != "/voice?log=CALL-1&x=%2B1"
	]
	assert arrived == (["/done", "/status"] if order == "action first" else ["/status", "/done"])
	action = site.to("/done")[0]
	assert (
		action.signed and action.params["Digits"] == "hangup" and action.params["CallStatus"] == "completed"
	)
	assert action.params["RecordingDuration"] == "7"
	assert action.params["RecordingSid"] == carrier.log("recording")[0]["sid"]
	assert line["sentences"] == ["Speak."] and line["status"] == "completed"
	assert carrier.log("action")[0]["digits"] == "hangup"


def test_a_take_cut_by_the_end_of_patience_keeps_what_was_said(carrier, twilio, site):
	outcome(carrier, twilio, site, {"says": [20], "after_seconds": 5.4}, RECORD)
	params = site.to("/done")[0].params
	assert (params["Digits"], params["RecordingDuration"]) == ("hangup", "5")


def test_silence_makes_a_recording_only_where_it_is_kept(carrier, twilio, site):
	outcome(carrier, twilio, site, {"says": [0], "hangs_up_in": "record"}, RECORD)
	assert site.to("/done") == [] and carrier.log("recording") == []
	outcome(carrier, twilio, site, {"says": [0], "silent_take": 3, "hangs_up_in": "record"}, RECORD)
	assert site.to("/done")[0].params["RecordingDuration"] == "3"
	outcome(carrier, twilio, site, {"says": [0], "silent_take": 2}, RECORD)
	assert (
		site.to("/done")[1].params["RecordingDuration"] == "2" and site.to("/done")[1].params["Digits"] == ""
	)


@pytest.mark.parametrize(("digits", "expected"), [("12", "12"), ("", "hangup")])
def test_a_gather_that_is_hung_up_in_carries_what_was_pressed(carrier, twilio, site, digits, expected):
	told = {"behaviour": "presses", "digits": digits, "hangs_up_in": "gather"}
	line = outcome(carrier, twilio, site, told, GATHER)
	action = site.to("/keys")[0]
	assert action.params["Digits"] == expected and action.params["CallStatus"] == "completed"
	assert line["sentences"] == ["Your PIN."] and line["digits"] == ([digits] if digits else [])
	assert carrier.log("action")[0]["http_status"] == 200 and len(carrier.log("twiml")) == 1


def test_a_call_that_the_api_ends_has_lasted_until_then(carrier, twilio, site):
	carrier.control("time", {"speed": 100})
	site.pages["/voice"] = '<Response><Pause length="7200"/></Response>'
	call = place(twilio, site)
	eventually("The request for the document", lambda: site.to("/voice"))
	twilio.calls(call.sid).update(status="completed")
	carrier.wait_until_idle()
	line = carrier.log("outcome")[0]
	assert line["status"] == "completed" and line["duration"] < 7200
