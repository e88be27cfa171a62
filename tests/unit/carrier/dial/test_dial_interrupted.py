"""A <Dial> that the API ends or redirects, on the caller's side or the other."""

from __future__ import annotations

import pytest
from carrier_kit import place
from dial_kit import AFTER, OFFICE, SECOND, children, dial, number

from dev.patience import eventually

ALL = 'statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed"'


def test_the_api_ends_the_child_and_the_caller_goes_on(carrier, twilio, site):
	carrier.control("time", {"speed": 100})
	carrier.control("people", {OFFICE: {"behaviour": "answers", "talks": 3600}})
	site.pages["/voice"] = dial(number(OFFICE, ALL))
	site.pages["/done"] = AFTER
	call = place(twilio, site)
	eventually("The answer of the office", lambda: len(site.to("/leg")) == 3)
	(child,) = twilio.calls.list(parent_call_sid=call.sid)
	twilio.calls(child.sid).update(status="completed")
	carrier.wait_until_idle()
	assert site.to("/done")[0].params["DialCallStatus"] == "completed"
	assert carrier.log("dial")[0]["ended_by"] == "api"
	assert twilio.calls(call.sid).fetch().status == "completed"
	assert carrier.log("twiml")[-1]["sentences"] == ["Nobody is there."]
	assert int(twilio.calls(child.sid).fetch().duration) < 3600


def test_the_api_cancels_a_child_that_rings(carrier, twilio, site):
	carrier.control("time", {"speed": 50})
	carrier.control("people", {OFFICE: {"behaviour": "no answer"}})
	site.pages["/voice"] = dial(number(OFFICE, ALL), 'action="/done" timeout="600"')
	place(twilio, site)
	eventually("The ringing", lambda: len(site.to("/leg")) == 2)
	sid = site.to("/leg")[0].params["CallSid"]
	twilio.calls(sid).update(status="canceled")
	carrier.wait_until_idle()
	assert site.to("/done")[0].params["DialCallStatus"] == "canceled"
	assert carrier.log("outcome")[-1]["duration"] < 600


@pytest.mark.parametrize(
	"update", [{"status": "completed"}, {"twiml": "<Response><Say>Moved.</Say></Response>"}]
)
def test_the_api_ends_or_redirects_the_caller_and_the_child_ends(carrier, twilio, site, update):
	carrier.control("time", {"speed": 100})
	carrier.control("people", {OFFICE: {"behaviour": "answers", "talks": 3600}})
	site.pages["/voice"] = dial(number(OFFICE, ALL))
	call = place(twilio, site)
	eventually("The answer of the office", lambda: len(site.to("/leg")) == 3)
	twilio.calls(call.sid).update(**update)
	carrier.wait_until_idle()
	assert [line["status"] for line in children(carrier)] == ["completed"] and not site.to("/done")
	said = [sentence for line in carrier.log("twiml") for sentence in line["sentences"]]
	assert said == (["Moved."] if "twiml" in update else [])


def test_calls_at_once_count_the_child(carrier, twilio, site):
	carrier.control("account", {"calls_at_once": 1})
	site.pages["/voice"] = dial()
	place(twilio, site)
	carrier.wait_until_idle()
	assert site.to("/done")[0].params["ErrorCode"] == "10004"
	place(twilio, site)
	carrier.wait_until_idle()


def test_a_canceled_phone_does_not_answer_any_more(carrier, twilio, site):
	carrier.control("time", {"speed": 100})
	office, second = {"behaviour": "answers", "rings": 30}, {"behaviour": "no answer"}
	carrier.control("people", {OFFICE: office, SECOND: second})
	site.pages["/voice"] = dial(number(OFFICE, ALL) + number(SECOND), 'action="/done" timeout="200"')
	place(twilio, site)
	eventually("The ringing", lambda: len(site.to("/leg")) == 2)
	twilio.calls(site.to("/leg")[0].params["CallSid"]).update(status="canceled")
	carrier.wait_until_idle()
	ended = {line["to"]: line["status"] for line in children(carrier)}
	assert ended == {OFFICE: "canceled", SECOND: "no-answer"}
	params = site.to("/done")[0].params
	assert (params["DialCallStatus"], params["DialBridged"]) == ("no-answer", "false")
