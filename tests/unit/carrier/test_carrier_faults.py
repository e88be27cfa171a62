"""Deliberate faults strike as announced, and the same way again with the same seed."""

from __future__ import annotations

import time
from datetime import datetime, timezone

import pytest
import requests
from carrier_kit import DIALER, PERSON, refusal
from hypothesis import given
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException

from dev.carrier.server import ControlError
from dev.carrier.world.faults import Faults

EVENTS = ["initiated", "ringing", "answered", "completed"]


def call(twilio, site, to=PERSON):
	return twilio.calls.create(
		to=to,
		from_=DIALER,
		url=f"{site.url}/voice",
		status_callback=f"{site.url}/status",
		status_callback_event=EVENTS,
	)


def test_an_answer_lost_after_the_call_was_accepted(carrier, twilio, site):
	carrier.control("faults", {"lose_answer": 1})
	with pytest.raises(requests.exceptions.ConnectionError):
		call(twilio, site)
	carrier.wait_until_idle()
	line = carrier.log("call")[0]
	assert (line["status"], line["faults"]) == (201, ["lose_answer"]) and line["sid"]
	assert [found.sid for found in twilio.calls.list(to=PERSON)] == [line["sid"]]
	assert len(site.to("/status")) == 4


def test_a_request_lost_before_it_was_accepted(carrier, twilio, site):
	carrier.control("faults", {"lose_request": 1})
	with pytest.raises(requests.exceptions.ConnectionError):
		call(twilio, site)
	carrier.control("faults", {})
	line = carrier.log("call")[0]
	assert (line["status"], line["sid"]) == (0, None) and twilio.calls.list(to=PERSON) == []


def test_an_error_after_the_call_was_accepted(carrier, twilio, site):
	carrier.control("faults", {"http_500_after": 1})
	assert refusal(call, twilio, site).status == 500
	assert len(twilio.calls.list(to=PERSON)) == 1


@pytest.mark.parametrize(("fault", "status", "code"), [("http_429", 429, 20429), ("http_500", 500, 20500)])
def test_errors_before_anything_was_made(carrier, twilio, site, fault, status, code):
	carrier.control("faults", {fault: 1})
	problem = refusal(call, twilio, site)
	assert (problem.status, problem.code) == (status, code)
	carrier.control("faults", {})
	assert twilio.calls.list() == [] and carrier.log("call")[0]["faults"] == [fault]


def test_a_slow_answer_to_a_call_already_placed(carrier, twilio, site):
	carrier.control("faults", {"slow": 5})  # Far longer than the call, on a busy machine too.
	assert call(twilio, site).status == "queued"
	answered = datetime.now(timezone.utc)
	carrier.wait_until_idle()
	assert datetime.fromisoformat(carrier.log("outcome")[0]["at"]) < answered


def test_callbacks_dropped_and_doubled(carrier, twilio, site):
	carrier.control("faults", {"drop_callback": 1})
	call(twilio, site)
	carrier.wait_until_idle()
	assert site.to("/status") == [] and [line["error"] for line in carrier.log("callback")] == ["dropped"] * 4
	carrier.control("faults", {"double_callback": 1})
	call(twilio, site)
	carrier.wait_until_idle()
	tokens = [request.headers["I-Twilio-Idempotency-Token"] for request in site.to("/status")]
	assert len(tokens) == 8 and len(set(tokens)) == 4


def test_late_callbacks_keep_their_order_and_reordered_ones_do_not(carrier, twilio, site):
	carrier.control("faults", {"delay_callback": 0.5})
	placed = time.monotonic()
	call(twilio, site)
	carrier.wait_until_idle()
	assert site.to("/status")[0].at - placed >= 0.5
	assert [request.params["SequenceNumber"] for request in site.to("/status")] == ["0", "1", "2", "3"]
	site.seen.clear()
	carrier.control("faults", {"reorder": True})
	for number in range(5):
		call(twilio, site, f"+131255501{number:02}")
	carrier.wait_until_idle()
	by_call: dict[str, list[str]] = {}
	for request in site.to("/status"):
		by_call.setdefault(request.params["CallSid"], []).append(request.params["SequenceNumber"])
	assert any(numbers != sorted(numbers) for numbers in by_call.values())
	assert all(sorted(numbers) == ["0", "1", "2", "3"] for numbers in by_call.values())


def test_the_same_seed_breaks_the_same_requests(carrier, twilio, site):
	def broken(seed: int) -> list[str]:
		carrier.control("reset", {"seed": seed})
		carrier.control("faults", {"http_500": 0.5})
		outcomes = []
		for number in range(12):
			try:
				twilio.messages.create(to=f"+131255501{number:02}", from_=DIALER, body="Hello")
			except TwilioRestException:
				outcomes.append("broken")
			else:
				outcomes.append("whole")
		return outcomes

	first = broken(21)
	assert broken(21) == first and broken(22) != first and {"broken", "whole"} == set(first)


@pytest.mark.parametrize(
	"faults", [{"lose_answer": 2}, {"slow": -1}, {"reorder": 1}, {"meteor": 1}, {"slow": True}]
)
def test_a_fault_that_cannot_be_changes_nothing(carrier, faults):
	carrier.control("faults", {"slow": 0.01})
	with pytest.raises(ControlError, match=next(iter(faults))):
		carrier.control("faults", faults)
	assert carrier.control("faults", {"slow": 0})["lose_answer"] == 0


@given(st.integers(), st.sampled_from(["drop_callback", "http_429"]), st.floats(0, 1))
def test_a_fault_does_not_depend_on_what_happens_elsewhere(seed, name, chance):
	alone, crowded = Faults(seed), Faults(seed)
	for faults in (alone, crowded):
		faults.replace({name: chance})
	expected = [alone.strikes(name, "here") for _ in range(5)]
	found = []
	for number in range(5):
		crowded.strikes(name, "elsewhere", number)
		found.append(crowded.strikes(name, "here"))
	assert found == expected
	if chance in (0, 1):
		assert set(expected) == {bool(chance)}
