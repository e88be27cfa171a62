"""The whisper: a document that the called party alone hears, and may hang up in, before being connected."""

from __future__ import annotations

import pytest
from carrier_kit import DIALER, Page
from dial_kit import OFFICE, SECOND, call_in, children, dial, number

from dev.patience import eventually

WHISPER = number(OFFICE, 'url="/whisper"')
SCREEN = (
	'<Response><Gather numDigits="1" timeout="3" action="/accept"><Say>A parent calls. Press 1.</Say>'
	"</Gather><Hangup/></Response>"
)
FIVE = "<Response><Say>one two three four five</Say></Response>"  # 2 seconds


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_only_the_called_party_hears_it(carrier, site, method):
	carrier.control("people", {OFFICE: {"behaviour": "answers", "talks": 10}})
	site.pages["/whisper"] = FIVE
	result = call_in(carrier, site, dial(number(OFFICE, f'url="/whisper" method="{method}"')))
	(asked,) = site.to("/whisper")
	(child,) = children(carrier)
	assert asked.signed and asked.method == method
	assert child["sentences"] == ["one two three four five"]
	assert "one two three four five" not in result["sentences"]
	assert carrier.log("dial")[0]["whispered"] == ["one two three four five"]
	assert site.to("/done")[0].params["DialCallDuration"] == "12" and result["dials"][0]["seconds"] == 10


def test_it_is_asked_for_as_the_childs_document(carrier, site):
	site.pages["/whisper"] = FIVE
	result = call_in(carrier, site, dial(WHISPER))
	params = site.to("/whisper")[0].params
	assert params["ParentCallSid"] == result["sid"] and params["CallSid"] == children(carrier)[0]["sid"]
	assert (params["Direction"], params["CallStatus"], params["To"]) == (
		"outbound-dial",
		"in-progress",
		OFFICE,
	)
	(line,) = (line for line in carrier.log("twiml") if line["parent"])
	assert (line["parent"], line["sentences"]) == (result["sid"], ["one two three four five"])


@pytest.mark.parametrize(
	("office", "bridged", "asked"),
	[
		({"behaviour": "presses", "digits": "1"}, "true", True),
		({"behaviour": "follows"}, "true", True),
		({"behaviour": "answers"}, "false", False),
		({"behaviour": "hangs up"}, "false", False),
		({"behaviour": "answers", "after_seconds": 1}, "false", False),
		({"behaviour": "answers", "hangs_up_in": "gather"}, "false", True),
		({"behaviour": "voicemail"}, "false", False),
	],
)
def test_who_does_not_accept_is_not_connected(carrier, site, office, bridged, asked):
	carrier.control("people", {OFFICE: office})
	site.pages["/whisper"] = SCREEN
	result = call_in(carrier, site, dial(WHISPER))
	(done,) = site.to("/done")
	# Twilio reports who picked up as completed, accepted or not: only DialBridged tells the difference.
	assert (done.params["DialCallStatus"], done.params["DialBridged"]) == ("completed", bridged)
	assert int(done.params["DialCallDuration"]) > 0 and bool(site.to("/accept")) == asked
	assert result["sentences"] == ["Nobody is there."] and children(carrier)[0]["status"] == "completed"


@pytest.mark.parametrize("order", ["action first", "status first"])
def test_who_declines_by_hanging_up_is_reported_once(carrier, site, order):
	carrier.control("account", {"hangup_order": order})
	carrier.control("people", {OFFICE: {"behaviour": "answers", "hangs_up_in": "gather"}})
	site.pages["/whisper"] = SCREEN
	call_in(carrier, site, dial(WHISPER))
	assert len(children(carrier)) == 1 and carrier.log("dial")[0]["ended_by"] == "called"
	assert site.to("/accept")[0].params["Digits"] == "hangup"


@pytest.mark.parametrize(
	("page", "code"),
	[
		("<Response><Dial>+13125550102</Dial></Response>", 13201),
		('<Response><Record action="/taken"/></Response>', 12200),
		("<Response><Redirect>/elsewhere</Redirect></Response>", 12200),
		("<Response>", 12100),
		(Page(status=500), 11200),
		(Page(status=404), 11200),
	],
)
def test_a_whisper_that_cannot_be_followed_connects_no_one(carrier, site, page, code):
	site.pages["/whisper"] = page
	result = call_in(carrier, site, dial(WHISPER))
	assert site.to("/done")[0].params["DialBridged"] == "false"
	(line,) = (line for line in carrier.log("twiml") if line["parent"])
	assert line["error"] == code and result["sentences"] == ["Nobody is there."]
	assert [one["to"] for one in children(carrier)] == [OFFICE] and not site.to("/elsewhere")


def test_the_first_to_pick_up_takes_the_call_even_if_they_decline(carrier, site):
	carrier.control(
		"people",
		{OFFICE: {"behaviour": "voicemail", "rings": 1}, SECOND: {"behaviour": "presses", "digits": "1"}},
	)
	site.pages["/whisper"] = SCREEN
	call_in(carrier, site, dial(WHISPER + number(SECOND, 'url="/whisper"')))
	ended = {line["to"]: line["status"] for line in children(carrier)}
	assert ended == {OFFICE: "completed", SECOND: "canceled"} and len(site.to("/whisper")) == 1
	assert site.to("/done")[0].params["DialBridged"] == "false"


@pytest.mark.parametrize(("after", "heard"), [(14.5, ["one two"]), (13.5, [])])
def test_the_caller_hangs_up_while_the_other_listens(carrier, site, after, heard):
	site.pages["/whisper"] = FIVE
	call_in(carrier, site, dial(WHISPER), after_seconds=after)
	(done,) = site.to("/done")
	assert (done.params["DialCallStatus"], done.params["DialBridged"]) == ("completed", "false")
	(line,) = carrier.log("dial")
	assert line["ended_by"] == "caller" and len(carrier.log("action")) == 1
	assert children(carrier)[0]["duration"] == 1


@pytest.mark.parametrize(
	("office", "attributes", "ended_by", "duration"),
	[
		({"talks": 10}, 'timeLimit="9"', "time limit", "9"),
		({"talks": 10}, 'timeLimit="13"', "called", "12"),
		({"after_seconds": 6}, "", "called", "6"),
	],
)
def test_the_seconds_of_the_whisper_belong_to_the_call(carrier, site, office, attributes, ended_by, duration):
	carrier.control("people", {OFFICE: {"behaviour": "answers", **office}})
	site.pages["/whisper"] = FIVE
	call_in(carrier, site, dial(WHISPER, f'action="/done" {attributes}'))
	assert site.to("/done")[0].params["DialCallDuration"] == duration
	assert carrier.log("dial")[0]["ended_by"] == ended_by


def call_out(carrier, twilio, site, whisper: Page | str) -> str:
	"""Call SECOND, let them be connected to the office with this whisper, and return the SID of the child."""
	carrier.control("time", {"speed": 100})
	site.pages["/whisper"], site.pages["/voice"] = whisper, dial(WHISPER, "")
	twilio.calls.create(to=SECOND, from_=DIALER, url=f"{site.url}/voice")
	eventually("The whisper", lambda: bool(site.to("/whisper")))
	return site.to("/whisper")[0].params["CallSid"]


in_its_document_or_while_it_is_requested = pytest.mark.parametrize(
	"whisper", ['<Response><Pause length="3600"/></Response>', Page("<Response/>", wait=1)]
)


@in_its_document_or_while_it_is_requested
def test_the_api_ends_the_child_in_its_whisper(carrier, twilio, site, whisper):
	child = call_out(carrier, twilio, site, whisper)
	twilio.calls(child).update(status="completed")
	carrier.wait_until_idle()
	(line,) = carrier.log("dial")
	assert (line["ended_by"], line["bridged"], line["status"]) == ("api", False, "completed")
	parent = next(one for one in carrier.log("outcome") if one["to"] == SECOND)
	assert parent["sentences"] == ["Goodbye."] and parent["status"] == "completed"


@in_its_document_or_while_it_is_requested
def test_the_api_gives_the_called_party_another_whisper(carrier, twilio, site, whisper):
	child = call_out(carrier, twilio, site, whisper)
	twilio.calls(child).update(twiml=FIVE)
	carrier.wait_until_idle()
	(line,) = carrier.log("dial")
	assert line["whispered"] == ["one two three four five"] and line["bridged"]
