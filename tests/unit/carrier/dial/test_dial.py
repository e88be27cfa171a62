"""<Dial> connects a caller: the calls it places, who is reached, who hangs up, and what the action learns."""

from __future__ import annotations

import pytest
from carrier_kit import DIALER, PERSON, place
from dial_kit import AFTER, OFFICE, SECOND, call_in, children, dial, number

ALL = 'statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed"'


def test_the_office_answers_and_the_action_learns_how_it_went(carrier, site):
	carrier.control("people", {OFFICE: {"behaviour": "answers", "talks": 42}})
	result = call_in(carrier, site, dial())
	(done,) = site.to("/done")
	(child,) = children(carrier)
	assert (
		done.signed and done.params["CallStatus"] == "in-progress" and done.params["CallSid"] == result["sid"]
	)
	assert done.params["DialCallSid"] == child["sid"] and done.params["DialCallDuration"] == "42"
	assert (done.params["DialCallStatus"], done.params["DialBridged"]) == ("completed", "true")
	assert "ErrorCode" not in done.params
	assert result["sentences"] == ["Nobody is there."] and result["status"] == "completed"
	(line,) = carrier.log("dial")
	assert (line["ended_by"], line["seconds"], line["status"]) == ("called", 42, "completed")
	assert result["dials"][0]["legs"] == [child["sid"]]


def test_the_child_is_a_call_of_its_own(carrier, twilio, site):
	carrier.control("people", {OFFICE: {"behaviour": "answers", "talks": 42}})
	result = call_in(carrier, site, dial())
	parent = twilio.calls(result["sid"]).fetch()
	(child,) = twilio.calls.list(parent_call_sid=parent.sid)
	assert (child.direction, child.status, child.to) == ("outbound-dial", "completed", OFFICE)
	assert (child._from, child.parent_call_sid, child.duration) == (PERSON, parent.sid, "42")
	assert child.sid != parent.sid and twilio.calls(child.sid).fetch().parent_call_sid == parent.sid
	assert parent.parent_call_sid is None and parent.direction == "inbound"
	assert {call.sid for call in twilio.calls.list()} == {child.sid, parent.sid}
	(leg,) = carrier.log("leg")
	assert (leg["sid"], leg["parent"], leg["to"], leg["from"]) == (child.sid, parent.sid, OFFICE, PERSON)
	assert carrier.control("stats")["violations"] == []


def test_an_outbound_call_dials_from_the_number_it_came_from(carrier, twilio, site):
	site.pages["/voice"] = dial()
	call = place(twilio, site)
	carrier.wait_until_idle()
	(child,) = twilio.calls.list(parent_call_sid=call.sid)
	assert (child._from, child.to) == (DIALER, OFFICE)


@pytest.mark.parametrize(
	("behaviour", "status", "seconds"),
	[("busy", "busy", 3), ("no answer", "no-answer", 31.5), ("fails", "failed", 1.5)],
)
@pytest.mark.parametrize("action", ["/done", None])
def test_the_office_is_not_reached(carrier, twilio, site, behaviour, status, seconds, action):
	carrier.control("people", {OFFICE: {"behaviour": behaviour}})
	result = call_in(carrier, site, dial(OFFICE, 'action="/done"' if action else ""))
	(child,) = children(carrier)
	assert child["status"] == status and result["dials"][0]["bridged"] is False
	if action:
		(done,) = site.to("/done")
		assert (done.params["DialCallStatus"], done.params["DialBridged"]) == (status, "false")
		assert "DialCallDuration" not in done.params and done.params["DialCallSid"] == child["sid"]
	words = "Nobody is there." if action else "Goodbye."
	assert result["sentences"] == [words] and not (site.to("/done") and not action)
	assert result["duration"] == round(seconds + len(words.split()) / 2.5)


@pytest.mark.parametrize(
	("attributes", "rings", "status"),
	[
		('timeout="12"', 2, "completed"),
		('timeout="11"', 2, "no-answer"),
		("", 5, "completed"),
		("", 6, "no-answer"),
		('timeout="9999"', 100, "completed"),
		('timeout="9999"', 101, "no-answer"),
		('timeout="0"', 6, "no-answer"),
	],
)
def test_a_phone_rings_as_long_as_the_timeout(carrier, site, attributes, rings, status):
	carrier.control("people", {OFFICE: {"behaviour": "answers", "rings": rings}})
	call_in(carrier, site, dial(OFFICE, f'action="/done" {attributes}'))
	assert site.to("/done")[0].params["DialCallStatus"] == status


def test_callbacks_of_the_child_name_its_parent_and_come_in_order(carrier, site):
	result = call_in(carrier, site, dial(number(OFFICE, ALL)))
	told = [request.params for request in site.to("/leg")]
	assert [one["CallStatus"] for one in told] == ["initiated", "ringing", "in-progress", "completed"]
	assert [one["SequenceNumber"] for one in told] == ["0", "1", "2", "3"]
	assert all(request.signed for request in site.to("/leg"))
	assert {one["ParentCallSid"] for one in told} == {result["sid"]}
	assert {(one["Direction"], one["To"], one["From"]) for one in told} == {("outbound-dial", OFFICE, PERSON)}


@pytest.mark.parametrize(
	("events", "expected"),
	[("", ["completed"]), ('statusCallbackEvent="completed ringing"', ["ringing", "completed"])],
)
def test_only_requested_events_are_called_back(carrier, site, events, expected):
	call_in(carrier, site, dial(number(OFFICE, f'statusCallback="/leg" statusCallbackMethod="GET" {events}')))
	assert [line["callback_status"] for line in carrier.log("callback")] == expected
	assert {request.method for request in site.to("/leg")} == {"GET"}


@pytest.mark.parametrize("fault", ["drop_callback", "double_callback"])
def test_faults_strike_the_callbacks_of_the_child(carrier, site, fault):
	carrier.control("faults", {fault: 1})
	call_in(carrier, site, dial(number(OFFICE, ALL)))
	assert len(site.to("/leg")) == (0 if fault == "drop_callback" else 8)


def test_the_first_of_several_to_answer_is_connected(carrier, site):
	carrier.control(
		"people", {OFFICE: {"behaviour": "answers", "rings": 3}, SECOND: {"behaviour": "answers", "rings": 2}}
	)
	call_in(carrier, site, dial(number(OFFICE) + number(SECOND) + number("+13125550103")))
	ended = {line["to"]: line for line in children(carrier)}
	# The others stop ringing when one picks up, not when that one hangs up.
	assert [line["status"] for line in children(carrier)] == ["canceled", "canceled", "completed"]
	assert site.to("/done")[0].params["DialCallSid"] == ended[SECOND]["sid"]
	assert set(ended) == {OFFICE, SECOND, "+13125550103"}


def test_of_several_that_do_not_answer_the_last_to_end_is_reported(carrier, site):
	carrier.control("people", {OFFICE: {"behaviour": "no answer"}, SECOND: {"behaviour": "busy"}})
	call_in(carrier, site, dial(number(OFFICE) + number(SECOND)))
	assert site.to("/done")[0].params["DialCallStatus"] == "no-answer"
	assert {line["to"]: line["status"] for line in children(carrier)} == {OFFICE: "no-answer", SECOND: "busy"}


def test_one_after_the_other(carrier, site):
	carrier.control("people", {OFFICE: {"behaviour": "busy"}})
	call_in(
		carrier,
		site,
		dial(number(OFFICE) + number(SECOND) + number("+13125550103"), 'action="/done" sequential="true"'),
	)
	assert [(line["to"], line["status"]) for line in children(carrier)] == [
		(OFFICE, "busy"),
		(SECOND, "completed"),
	]


@pytest.mark.parametrize(
	("caller", "talks", "status", "duration"),
	[
		({"hangs_up_in": "dial"}, 30, "canceled", None),
		({"after_seconds": 10}, 30, "canceled", None),
		({"after_seconds": 20}, 30, "completed", "6"),
		({"talks": 8}, 30, "completed", "8"),
	],
)
@pytest.mark.parametrize("order", ["action first", "status first"])
def test_the_caller_hangs_up_first(carrier, site, caller, talks, status, duration, order):
	carrier.control("account", {"hangup_order": order})
	carrier.control("people", {OFFICE: {"behaviour": "answers", "talks": talks}})
	result = call_in(carrier, site, dial(), **caller)
	(done,) = site.to("/done")
	assert done.params["CallStatus"] == "completed" and done.params["DialCallStatus"] == status
	assert done.params.get("DialCallDuration") == duration
	assert children(carrier)[0]["status"] == status and carrier.log("dial")[0]["ended_by"] == "caller"
	assert result["sentences"] == [] and result["status"] == "completed"
	assert len(carrier.log("action")) == 1 and carrier.control("idle")["idle"]


@pytest.mark.parametrize(
	("attributes", "star_after", "ended_by", "duration"),
	[
		('hangupOnStar="true"', 5, "star", "5"),
		('hangupOnStar="false"', 5, "called", "30"),
		("", 5, "called", "30"),
		('timeLimit="20"', None, "time limit", "20"),
		('hangupOnStar="true" timeLimit="4"', 5, "time limit", "4"),
	],
)
def test_the_star_key_and_the_time_limit_end_the_other_call_only(
	carrier, site, attributes, star_after, ended_by, duration
):
	caller = {"star_after": star_after} if star_after else {}
	result = call_in(carrier, site, dial(OFFICE, f'action="/done" {attributes}'), **caller)
	assert carrier.log("dial")[0]["ended_by"] == ended_by
	assert site.to("/done")[0].params["DialCallDuration"] == duration
	assert result["sentences"] == ["Nobody is there."]


def test_the_callers_own_time_limit_ends_both(carrier, twilio, site):
	site.pages["/voice"] = dial()
	call = place(twilio, site, time_limit=20)
	carrier.wait_until_idle()
	assert twilio.calls(call.sid).fetch().duration == "20" and not site.to("/done")
	assert [(line["status"], line["to"]) for line in children(carrier)] == [("completed", OFFICE)]


def test_a_machine_answers_the_office(carrier, site):
	carrier.control("people", {OFFICE: {"behaviour": "voicemail", "talks": 9}})
	call_in(carrier, site, dial())
	assert site.to("/done")[0].params["DialCallStatus"] == "completed"
	assert children(carrier)[0]["behaviour"] == "voicemail"


@pytest.mark.parametrize(
	("caller_id", "numbers", "sender"),
	[
		(DIALER, [DIALER], DIALER),
		(PERSON, [DIALER], PERSON),
		("312-555-0104", [DIALER, "+13125550104"], "+13125550104"),
		("+13125550104", [DIALER], None),
		("the school", [DIALER], None),
		("+13125550104", [], "+13125550104"),
	],
)
def test_the_caller_id_is_ours_or_the_callers(carrier, site, caller_id, numbers, sender):
	carrier.control("numbers", {"*": {"voice_url": f"{site.url}/in"}, **{number: {} for number in numbers}})
	site.pages["/in"], site.pages["/done"] = dial(OFFICE, f'action="/done" callerId="{caller_id}"'), AFTER
	carrier.control("inbound_call", {"from": PERSON, "to": DIALER})
	(done,) = site.to("/done")
	assert [line["from"] for line in carrier.log("leg")] == ([sender] if sender else [])
	assert [line["code"] for line in carrier.log("alert")] == ([] if sender else [13214])
	if sender is None:
		assert done.params["DialCallStatus"] == "failed" and done.params["ErrorCode"] == "13214"
		assert "DialCallSid" not in done.params and children(carrier) == []


@pytest.mark.parametrize(
	("answered", "status", "later"), [(True, "in-progress", "completed"), (False, "ringing", "no-answer")]
)
def test_a_call_that_waits_for_the_bridge_is_not_answered_before(carrier, site, answered, status, later):
	carrier.control("people", {OFFICE: {"behaviour": "answers" if answered else "busy"}})
	site.pages["/done"] = "<Response/>"
	document = f'<Response><Dial answerOnBridge="true" action="/done">{OFFICE}</Dial></Response>'
	result = call_in(carrier, site, document)
	assert site.to("/done")[0].params["CallStatus"] == status and result["status"] == later


def test_an_inbound_call_is_answered_by_its_first_words(carrier, site):
	site.pages["/next"] = "<Response><Say>Hello.</Say><Redirect>/last</Redirect></Response>"
	call_in(carrier, site, "<Response><Pause/><Redirect>/next</Redirect></Response>")
	asked = [request.params["CallStatus"] for path in ("/in", "/next", "/last") for request in site.to(path)]
	assert asked == ["ringing", "ringing", "in-progress"]
