"""The population follows from the seed, and people do what tests set."""

from __future__ import annotations

from collections import Counter

import pytest
from carrier_kit import DIALER, PERSON
from hypothesis import given
from hypothesis import strategies as st

from dev.carrier.server import ControlError
from dev.carrier.world.behaviour import Voice
from dev.carrier.world.listener import Listener
from dev.carrier.world.people import People

NUMBERS = [f"+1{area}55501{number:02}" for area in (212, 312, 602, 808) for number in range(100)]


def test_the_same_seed_gives_the_same_people_and_another_seed_others():
	def outcomes(seed: int):
		people = People(seed)
		return [
			(people.voice(number, attempt), people.texting(number, attempt))
			for number in NUMBERS
			for attempt in (1, 2)
		]

	assert outcomes(3) == outcomes(3) and outcomes(3) != outcomes(4)


def test_the_population_has_everybody_in_it():
	behaviours = Counter(
		People(1).voice(number, attempt).behaviour for number in NUMBERS for attempt in range(1, 6)
	)
	assert set(behaviours) == {
		"answers",
		"presses",
		"follows",
		"repeats",
		"hangs up",
		"voicemail",
		"fax",
		"busy",
		"no answer",
		"fails",
	}
	assert behaviours["answers"] > behaviours["busy"] > behaviours["fax"]
	deliveries = Counter(People(1).texting(number, 1).delivery for number in NUMBERS)
	assert deliveries["delivered"] > 0.9 * len(NUMBERS) and deliveries["undelivered"]


def test_two_runs_with_one_seed_end_alike(carrier, twilio, site):
	def outcomes(seed: int) -> dict[str, tuple]:
		carrier.control("reset", {"seed": seed, "truncate_log": True})
		for number in NUMBERS[:12]:
			twilio.calls.create(
				to=number,
				from_=DIALER,
				twiml="<Response><Say>Hello.</Say></Response>",
				machine_detection="Enable",
			)
			twilio.messages.create(to=number, from_=DIALER, body="Hello")
		carrier.wait_until_idle()
		return {
			(line["resource"], line["to"]): (line["status"], line.get("answered_by"), line.get("duration"))
			for line in carrier.log("outcome")
			if line["direction"] != "inbound"
		}

	first = outcomes(5)
	assert len(first) == 24 and outcomes(5) == first and outcomes(6) != first


def test_a_run_never_hands_out_a_sid_twice(carrier, twilio):
	def sid() -> str:
		carrier.control("reset", {"seed": 9})
		return twilio.messages.create(to=PERSON, from_=DIALER, body="Hello").sid

	assert sid() != sid()


def test_each_attempt_can_have_its_own_behaviour(carrier, twilio, site):
	attempts = [{"behaviour": "busy"}, {"behaviour": "no_answer"}, {"behaviour": "presses", "digits": "1"}]
	carrier.control("people", {PERSON: {"attempts": attempts}})
	for _ in range(4):
		twilio.calls.create(to=PERSON, from_=DIALER, twiml="<Response><Say>Hello.</Say></Response>")
		carrier.wait_until_idle()
	lines = carrier.log("outcome")
	assert [line["status"] for line in lines] == ["busy", "no-answer", "completed", "completed"]
	assert [line["attempt"] for line in lines] == [1, 2, 3, 4]


def test_what_a_person_will_do_can_be_asked(carrier):
	carrier.control("people", {PERSON: {"behaviour": "presses", "digits": "9"}, "*": None})
	assert carrier.control("person", {"number": PERSON})["voice"]["digits"] == "9"
	carrier.control("people", {PERSON: None})
	expected = People(7).voice(PERSON, 2)
	assert (
		carrier.control("person", {"number": PERSON, "attempt": 2})["voice"]["behaviour"]
		== expected.behaviour
	)


@pytest.mark.parametrize(
	"people",
	[
		{"12": {"behaviour": "busy"}},
		{PERSON: {"behaviour": "sings"}},
		{PERSON: {"mood": "good"}},
		{PERSON: {"answered_by": "cat"}},
		{PERSON: {"text": {"delivery": "lost"}}},
		{PERSON: {"text": {"reply": "STOP", "mood": 1}}},
		{PERSON: {"refuse": 1}},
		{PERSON: {"attempts": [{"behaviour": "sings"}]}},
		{PERSON: "busy"},
	],
)
def test_people_who_cannot_be_are_refused_and_no_one_is_changed(carrier, people):
	with pytest.raises(ControlError):
		carrier.control("people", {"+13125550143": {"behaviour": "busy"}, **people})
	assert carrier.control("person", {"number": "+13125550143"})["voice"]["behaviour"] == "answers"


@given(st.text("0123456789*#", max_size=12), st.integers(1, 4))
def test_keys_in_one_string_are_spread_over_the_gathers(keys, limit):
	listener = Listener(Voice("presses", digits=keys))
	pressed = ""
	for _ in range(12):
		taken, _key = listener.press(limit, "")
		assert len(taken) <= limit
		pressed += taken
	assert pressed == keys


@given(st.text("0123456789#", min_size=1, max_size=6))
def test_a_finishing_key_is_never_among_the_digits(keys):
	taken, key = Listener(Voice("presses", digits=(keys,))).press(None, "#")
	assert "#" not in taken and key == ("#" if "#" in keys else "")
	assert keys.startswith(taken + key)
