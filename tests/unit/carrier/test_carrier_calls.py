"""Calls through the real twilio client: placed, answered, listened to, canceled, listed."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from carrier_kit import ALL_EVENTS, DIALER, PERSON, place, refusal

from dev.patience import eventually

HELLO = "<Response><Say>Hello from Lincoln School.</Say></Response>"


def test_an_answered_call_goes_through_all_events_signed_and_in_order(carrier, twilio, site):
	site.pages["/voice"] = HELLO
	call = place(twilio, site)
	assert (call.status, call.direction, call.start_time) == ("queued", "outbound-api", None)
	carrier.wait_until_idle()
	done = twilio.calls(call.sid).fetch()
	assert done.status == "completed" and int(done.duration) >= 1 and done.answered_by is None
	assert done.to == PERSON and done.to_formatted == "(312) 555-0142"
	callbacks = [request.params for request in site.to("/status")]
	assert [params["CallStatus"] for params in callbacks] == [
		"initiated",
		"ringing",
		"in-progress",
		"completed",
	]
	assert [params["SequenceNumber"] for params in callbacks] == ["0", "1", "2", "3"]
	assert callbacks[-1]["CallDuration"] == done.duration and "CallDuration" not in callbacks[0]
	assert all(params["CallSid"] == call.sid and params["Timestamp"] for params in callbacks)
	assert all(request.signed for request in site.seen)
	voice = site.to("/voice")[0]
	assert voice.method == "POST" and voice.path.endswith("?log=CALL-1&x=%2B1")
	assert voice.params["CallStatus"] == "in-progress" and voice.params["ToCity"] == ""


def test_the_journal_tells_requests_words_callbacks_and_outcome(carrier, twilio, site):
	site.pages["/voice"] = HELLO
	call = place(twilio, site)
	carrier.wait_until_idle()
	request = carrier.log("call")[0]
	assert (request["sid"], request["to"], request["from"], request["status"]) == (
		call.sid,
		PERSON,
		DIALER,
		201,
	)
	assert request["params"]["Url"].startswith(site.url) and "Authorization" not in str(request)
	assert request["events"] == ALL_EVENTS
	twiml = carrier.log("twiml")[0]
	assert twiml["sentences"] == ["Hello from Lincoln School."] and twiml["http_status"] == 200
	assert [line["http_status"] for line in carrier.log("callback")] == [200] * 4
	assert carrier.log("outcome")[0]["status"] == "completed"


def test_without_events_only_the_end_is_reported(carrier, twilio, site):
	place(twilio, site, status_callback_event=None)
	carrier.wait_until_idle()
	assert [request.params["CallStatus"] for request in site.to("/status")] == ["completed"]


@pytest.mark.parametrize(
	("behaviour", "status"), [("busy", "busy"), ("no answer", "no-answer"), ("fails", "failed")]
)
def test_the_completed_event_carries_the_ends_that_are_not_completed(
	carrier, twilio, site, behaviour, status
):
	carrier.control("people", {PERSON: {"behaviour": behaviour}})
	call = place(twilio, site)
	carrier.wait_until_idle()
	assert twilio.calls(call.sid).fetch().status == status
	assert site.to("/status")[-1].params["CallStatus"] == status
	assert not site.to("/voice")


def test_it_rings_no_longer_than_the_timeout(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "answers", "rings": 4}})
	short, long = place(twilio, site, timeout=20), place(twilio, site, timeout=30)
	carrier.wait_until_idle()
	assert twilio.calls(short.sid).fetch().status == "no-answer"
	assert twilio.calls(long.sid).fetch().status == "completed"


@pytest.mark.parametrize(
	("behaviour", "mode", "answered_by"),
	[
		("answers", "Enable", "human"),
		("voicemail", "Enable", "machine_start"),
		("voicemail", "DetectMessageEnd", "machine_end_beep"),
		("fax", "DetectMessageEnd", "fax"),
	],
)
def test_who_answered_is_known_before_the_words_are_asked_for(
	carrier, twilio, site, behaviour, mode, answered_by
):
	told = {"behaviour": behaviour}
	if mode == "DetectMessageEnd" and behaviour == "voicemail":
		told["answered_by"] = answered_by
	carrier.control("people", {PERSON: told})
	site.pages["/voice"] = lambda params: HELLO.replace("Hello", params["AnsweredBy"])
	call = place(twilio, site, machine_detection=mode)
	carrier.wait_until_idle()
	assert site.to("/voice")[0].params["AnsweredBy"] == answered_by
	assert "AnsweredBy" not in site.to("/status")[2].params
	assert site.to("/status")[3].params["AnsweredBy"] == answered_by
	assert twilio.calls(call.sid).fetch().answered_by == answered_by
	assert carrier.log("twiml")[0]["answered_by"] == answered_by


def test_detection_beside_the_call_reports_in_its_own_callback(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "voicemail"}})
	site.pages["/voice"] = '<Response><Say>Hello.</Say><Pause length="30"/></Response>'
	amd = f"{site.url}/amd"
	place(twilio, site, machine_detection="Enable", async_amd="true", async_amd_status_callback=amd)
	carrier.wait_until_idle()
	assert "AnsweredBy" not in site.to("/voice")[0].params
	assert site.to("/amd")[0].params["AnsweredBy"] == "machine_start" and site.to("/amd")[0].signed


def test_a_call_in_the_queue_is_cancelled_and_never_rings(carrier, twilio, site):
	carrier.control("account", {"calls_per_second": 0.2})
	first, second = place(twilio, site), place(twilio, site, to="+13125550143")
	assert twilio.calls(second.sid).update(status="canceled").status == "canceled"
	carrier.wait_until_idle()
	statuses = [(request.params["CallSid"], request.params["CallStatus"]) for request in site.to("/status")]
	assert [status for sid, status in statuses if sid == second.sid] == ["canceled"]
	assert twilio.calls(first.sid).fetch().status == "completed"
	assert refusal(twilio.calls(second.sid).update, status="canceled").code == 21220
	assert refusal(twilio.calls(second.sid).update, status="busy").code == 20422


def test_the_account_queue_keeps_its_calls_per_second(carrier, twilio, site):
	"""Half a second between two calls is much more than a request takes, also on a busy machine.

	The pace follows the monotonic clock and the journal the wall clock, which may differ by a little.
	"""
	carrier.control("account", {"calls_per_second": 2})
	began = datetime.now(timezone.utc)
	for number in range(4):
		place(twilio, site, to=f"+131255501{number:02}")
	carrier.wait_until_idle()
	started = [line for line in carrier.log("callback") if line["event"] == "initiated"]
	last = datetime.fromisoformat(started[-1]["at"])
	assert len(started) == 4 and (last - began).total_seconds() >= 1.45


ONE_AN_HOUR = 1 / 3600


def test_a_call_says_how_long_it_waited_in_the_queue(carrier, twilio, site):
	carrier.control("account", {"calls_per_second": ONE_AN_HOUR})
	first, second = (place(twilio, site, to=number) for number in (PERSON, "+13125550143"))
	eventually("The first call", lambda: twilio.calls(first.sid).fetch().status == "completed")
	assert twilio.calls(second.sid).fetch().status == "queued"
	carrier.control("account", {"calls_per_second": 0})
	carrier.wait_until_idle()
	waited = [int(twilio.calls(call.sid).fetch().queue_time) for call in (first, second)]
	assert waited[1] > waited[0]


def test_a_pace_that_is_set_again_starts_over_though_nothing_was_placed_meanwhile(carrier, twilio, site):
	for _time in range(2):
		carrier.control("account", {"calls_per_second": 0.001})
		begun, waiting = place(twilio, site), place(twilio, site, to="+13125550143")
		eventually(
			"The end of the first call",
			lambda begun=begun: twilio.calls(begun.sid).fetch().status == "completed",
		)
		twilio.calls(waiting.sid).update(status="canceled")
		carrier.wait_until_idle()
		carrier.control("account", {"calls_per_second": 100})


def test_an_account_that_begins_no_call_keeps_all_in_its_queue(carrier, twilio, site):
	carrier.control("account", {"begins_calls": False})
	first, second = place(twilio, site), place(twilio, site, to="+13125550143")
	twilio.calls(first.sid).update(status="canceled")
	assert [twilio.calls(call.sid).fetch().status for call in (first, second)] == ["canceled", "queued"]
	carrier.control("account", {"begins_calls": True})
	carrier.wait_until_idle()
	assert [twilio.calls(call.sid).fetch().status for call in (first, second)] == ["canceled", "completed"]


def test_what_waits_too_long_in_the_queue_is_cancelled(carrier, twilio, site):
	carrier.control("account", {"calls_per_second": ONE_AN_HOUR})
	first = place(twilio, site)
	eventually("The first call", lambda: twilio.calls(first.sid).fetch().status == "completed")
	late = place(twilio, site, to="+13125550143")
	carrier.control("account", {"calls_per_second": 0, "queue_seconds": 0.001})
	carrier.wait_until_idle()
	assert twilio.calls(late.sid).fetch().status == "canceled"


def test_a_talking_call_is_completed_or_redirected_but_not_cancelled(carrier, twilio, site):
	carrier.control("time", {"speed": 50})
	site.pages["/voice"] = '<Response><Pause length="600"/></Response>'
	site.pages["/other"] = '<Response><Say>Something else.</Say><Pause length="600"/></Response>'
	call = place(twilio, site)
	eventually("The call", lambda: twilio.calls(call.sid).fetch().status == "in-progress")
	assert refusal(twilio.calls(call.sid).update, status="canceled").code == 21220
	twilio.calls(call.sid).update(url=f"{site.url}/other")
	eventually(
		"The other words",
		lambda: carrier.control("call", {"sid": call.sid})["sentences"] == ["Something else."],
	)
	assert twilio.calls(call.sid).update(status="completed").status == "completed"
	carrier.wait_until_idle()
	assert site.to("/status")[-1].params["CallStatus"] == "completed"


def test_a_ringing_call_is_cancelled(carrier, twilio, site):
	carrier.control("people", {PERSON: {"behaviour": "no answer"}})
	carrier.control("time", {"speed": 50})
	call = place(twilio, site, timeout=600)
	eventually("The ringing", lambda: twilio.calls(call.sid).fetch().status == "ringing")
	twilio.calls(call.sid).update(status="canceled")
	carrier.wait_until_idle()
	assert site.to("/status")[-1].params["CallStatus"] == "canceled"


def test_lists_are_filtered_and_paged_newest_first(carrier, twilio, site):
	now = noon()
	carrier.control("time", {"clock_offset": (now - datetime.now(timezone.utc)).total_seconds()})
	carrier.control("people", {"+13125550107": {"behaviour": "busy"}})
	sids = [place(twilio, site, to=f"+131255501{number:02}").sid for number in range(12)]
	carrier.wait_until_idle()
	assert [call.sid for call in twilio.calls.list()] == sids[::-1]
	assert [call.sid for call in twilio.calls.list(page_size=5)] == sids[::-1]
	assert [call.sid for call in twilio.calls.list(to="+13125550103")] == [sids[3]]
	assert [call.sid for call in twilio.calls.list(status="busy")] == [sids[7]]
	assert twilio.calls.list(from_="+13125550199") == []
	assert len(twilio.calls.list(start_time_after=now - timedelta(minutes=1))) == 12
	assert twilio.calls.list(start_time_after=now + timedelta(days=1)) == []
	assert len(twilio.calls.list(start_time=now.date())) == 12
	assert twilio.calls.list(start_time_before=date(2020, 1, 1)) == []


def noon() -> datetime:
	"""Return a time of today that no test reaches midnight from."""
	return datetime.now(timezone.utc).replace(hour=12, minute=0, second=0, microsecond=0)


def test_a_call_still_in_the_queue_has_no_start_time_to_be_found_by(carrier, twilio, site):
	carrier.control("account", {"calls_per_second": 0.1})
	place(twilio, site)
	waiting = place(twilio, site, to="+13125550143")
	long_ago = datetime.now(timezone.utc) - timedelta(days=1)
	assert twilio.calls.list(to="+13125550143", start_time_after=long_ago) == []
	assert [call.sid for call in twilio.calls.list(to="+13125550143")] == [waiting.sid]


def test_dates_follow_the_clock_of_the_site(carrier, twilio, site):
	carrier.control("time", {"clock_offset": 7 * 24 * 3600})
	call = place(twilio, site)
	ahead = call.date_created - datetime.now(timezone.utc)
	assert timedelta(days=6, hours=23) < ahead < timedelta(days=7, minutes=1)
	line = carrier.log("call")[0]
	assert datetime.fromisoformat(line["site_at"]) - datetime.fromisoformat(line["at"]) == timedelta(days=7)


def test_a_finished_call_can_be_deleted(carrier, twilio, site):
	call = place(twilio, site)
	carrier.wait_until_idle()
	assert twilio.calls(call.sid).delete()
	assert refusal(twilio.calls(call.sid).fetch).code == 20404 and twilio.calls.list() == []


@pytest.mark.parametrize(
	("behaviour", "more", "code"), [("busy", {}, "486"), ("no answer", {"sip_code": 603}, "603")]
)
def test_the_network_says_how_a_call_ended(carrier, twilio, site, behaviour, more, code):
	carrier.control("people", {PERSON: {"behaviour": behaviour, **more}})
	place(twilio, site)
	carrier.wait_until_idle()
	assert site.to("/status")[-1].params["SipResponseCode"] == code
