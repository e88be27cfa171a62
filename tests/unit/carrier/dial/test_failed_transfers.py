"""Transfers that go wrong: numbers that cannot be called, actions that are lost, late, or requested twice."""

from __future__ import annotations

import pytest
from carrier_kit import DIALER, Page
from dial_kit import OFFICE, call_in, children, dial, number
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
	("to", "office", "code", "called"),
	[
		("the office", {}, "13223", False),
		("12345", {}, "13223", False),
		("+15005550001", {}, "13224", True),
		("+15005550003", {}, "13227", True),
		("+15005550004", {}, "13225", True),
		(OFFICE, {"refuse": 21217}, "13224", True),
		(OFFICE, {"refuse": 21216}, "13225", True),
		(OFFICE, {"refuse": 30999}, "30999", True),
	],
)
def test_a_number_that_cannot_be_called(carrier, site, to, office, code, called):
	carrier.control("people", {OFFICE: {"behaviour": "answers", **office}})
	result = call_in(carrier, site, dial(to))
	(done,) = site.to("/done")
	assert done.params["DialCallStatus"] == "failed" and done.params["ErrorCode"] == code
	assert ("DialCallSid" in done.params) == called == bool(children(carrier))
	assert [str(line["code"]) for line in carrier.log("alert")] == [code]
	assert result["sentences"] == ["Nobody is there."]


def test_a_trial_account_reaches_verified_numbers_only(carrier, site):
	carrier.control("account", {"type": "Trial"})
	call_in(carrier, site, dial())
	assert site.to("/done")[0].params["ErrorCode"] == "13225"
	carrier.control("account", {"verified": [OFFICE]})
	call_in(carrier, site, dial())
	assert site.to("/done")[1].params["DialBridged"] == "true"


def test_one_bad_number_does_not_hold_up_the_others(carrier, site):
	call_in(carrier, site, dial(number("nowhere") + number("+15005550001") + number(OFFICE)))
	assert site.to("/done")[0].params["DialBridged"] == "true"
	assert sorted(line["status"] for line in children(carrier)) == ["completed", "failed"]


def test_a_document_that_cannot_be_followed_calls_no_one(carrier, site):
	result = call_in(
		carrier, site, "<Response><Say>Hi.</Say><Dial><Conference>A</Conference></Dial></Response>"
	)
	assert result["documents"][0]["error"] == 13215 and "application error" in result["sentences"][0]
	assert not carrier.log("leg") and result["status"] == "completed"


def test_the_action_is_lost(carrier, site):
	carrier.control("faults", {"lose_action": 1})
	result = call_in(carrier, site, dial())
	assert not site.to("/done") and carrier.log("dial")[0]["bridged"]
	assert result["documents"][-1]["http_error"] == "lost" and result["documents"][-1]["error"] == 11205
	assert "application error" in result["sentences"][0] and result["status"] == "completed"


def test_a_lost_action_has_a_fallback(carrier, site):
	carrier.control("faults", {"lose_action": 1})
	carrier.control("numbers", {DIALER: {"voice_fallback_url": f"{site.url}/fallback"}})
	site.pages["/fallback"] = "<Response><Say>Call again.</Say></Response>"
	result = call_in(carrier, site, dial())
	(asked,) = site.to("/fallback")
	assert asked.params["ErrorCode"] == "11205" and asked.params["ErrorUrl"] == f"{site.url}/done"
	assert result["sentences"] == ["Call again."]


@pytest.mark.parametrize("caller", [{}, {"hangs_up_in": "dial"}])
def test_the_action_is_requested_twice(carrier, site, caller):
	carrier.control("faults", {"double_document": 1})
	site.pages["/done"] = lambda _: f"<Response><Say>Answer {len(site.to('/done'))}.</Say></Response>"
	result = call_in(carrier, site, dial(), **caller)
	first, second = site.to("/done")
	assert first.params == second.params
	tokens = {request.headers["I-Twilio-Idempotency-Token"] for request in (first, second)}
	assert len(tokens) == 1 and len(carrier.log("dial")) == 1
	assert result["sentences"] == ([] if caller else ["Answer 2."])


def test_documents_come_late(carrier, site):
	carrier.control("faults", {"delay_document": 0.2})
	call_in(carrier, site, dial())
	asked, done = site.to("/in")[0], site.to("/done")[0]
	assert done.at - asked.at >= 0.2


@pytest.mark.parametrize("page", [Page(status=500), Page("nonsense"), Page("")])
def test_the_site_answers_the_action_with_nonsense(carrier, site, page):
	site.pages["/done"] = page
	result = call_in(carrier, site, dial())
	assert "application error" in result["sentences"][0] and result["status"] == "completed"


def test_a_dial_in_the_action_of_a_dial(carrier, site):
	carrier.control("people", {OFFICE: {"behaviour": "busy"}})
	site.pages["/done"] = dial("+13125550102", "")
	result = call_in(carrier, site, dial())
	assert [line["status"] for line in children(carrier)] == ["busy", "completed"]
	assert result["sentences"] == ["Goodbye."] and len(result["dials"]) == 2


PARTY = st.fixed_dictionaries(
	{
		"behaviour": st.sampled_from(
			["answers", "presses", "hangs up", "voicemail", "busy", "no answer", "fails"]
		)
	},
	optional={
		"rings": st.integers(0, 8),
		"talks": st.integers(0, 90),
		"after_seconds": st.integers(0, 90),
		"digits": st.sampled_from(["1", "2", ""]),
		"refuse": st.sampled_from([21217, 10004]),
	},
)
CALLER = st.fixed_dictionaries(
	{},
	optional={
		"talks": st.integers(0, 90),
		"after_seconds": st.integers(0, 120),
		"star_after": st.integers(0, 90),
		"hangs_up_in": st.just("dial"),
	},
)
ATTRIBUTES = st.sampled_from(
	["", 'timeout="5"', 'timeLimit="9"', 'hangupOnStar="true"', 'answerOnBridge="true"', 'sequential="true"']
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PARTY, min_size=1, max_size=3), CALLER, ATTRIBUTES, st.booleans())
def test_whatever_happens_every_call_ends_and_the_action_agrees_with_the_child(
	carrier, site, parties, caller, attributes, whispered
):
	site.clear()
	carrier.control("reset", {"truncate_log": True})
	called = {f"+1312555010{place}": party for place, party in enumerate(parties, 1)}
	carrier.control("people", called)
	site.pages["/whisper"] = (
		'<Response><Gather numDigits="1" action="/accept"><Say>Press 1.</Say></Gather><Hangup/></Response>'
	)
	numbers = "".join(number(to, 'url="/whisper"' if whispered else "") for to in called)
	result = call_in(carrier, site, dial(numbers, f'action="/done" {attributes}'), **caller)
	ended = {line["sid"]: line for line in children(carrier)}
	(line,) = carrier.log("dial")
	assert set(ended) == set(line["legs"]) and len(ended) == len(carrier.log("leg"))
	assert sum(one["status"] == "completed" for one in ended.values()) <= 1
	assert {one["parent"] for one in ended.values()} == {result["sid"]}
	(done,) = site.to("/done")
	child = ended[done.params["DialCallSid"]]
	assert done.params["DialCallStatus"] == child["status"]
	assert ("DialCallDuration" in done.params) == (child["status"] == "completed")
	assert done.params["DialBridged"] == str(line["bridged"]).lower()
	assert not line["bridged"] or child["status"] == "completed"
	assert result["status"] in ("completed", "no-answer")
	assert carrier.control("stats")["violations"] == [] and carrier.control("stats")["failures"] == 0
