"""Texts wait in their sender's queue, by segments per second, as long as they are valid."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import pairwise

import pytest
from carrier_kit import DIALER, PERSON, refusal
from hypothesis import given
from hypothesis import strategies as st

from dev.carrier.accounts.senders import LONGEST_QUEUE, SEGMENTS_PER_SECOND, Senders
from dev.patience import eventually

OTHER = "+13125550143"
SERVICE = "MG" + "a" * 32


def text(twilio, **options):
	return twilio.messages.create(**{"to": PERSON, "from_": DIALER, "body": "Hello", **options})


def sent(carrier) -> dict[str, datetime]:
	lines = [line for line in carrier.log("outcome") if line["sent_at"]]
	return {line["sid"]: datetime.fromisoformat(line["sent_at"]) for line in lines}


def test_a_sender_sends_its_segments_at_its_pace(carrier, twilio):
	carrier.control("numbers", {DIALER: {"kind": "10dlc", "segments_per_second": 10}})
	began = datetime.now(timezone.utc)
	sids = [text(twilio, body="a" * 161).sid for _ in range(4)]
	carrier.wait_until_idle()
	at = sent(carrier)
	waited = [(at[sid] - began).total_seconds() for sid in sids]
	slots = [0.2 * place for place in range(4)]
	assert all(after > slot - 0.05 for after, slot in zip(waited, slots, strict=True)), (
		"two segments take 0.2 s"
	)
	assert all(line["segments"] == (2 if line["sid"] in sids else 1) for line in carrier.log("outcome"))


def test_what_outlives_its_validity_is_not_sent(carrier, twilio):
	carrier.control("numbers", {DIALER: {"segments_per_second": 0.05}})
	first, second = text(twilio), text(twilio, validity_period=1)
	carrier.wait_until_idle()
	done = twilio.messages(second.sid).fetch()
	assert (done.status, done.error_code, done.date_sent) == ("failed", 30036, None)
	assert set(sent(carrier)) == {first.sid}


def test_a_queue_of_more_than_ten_hours_takes_no_more(carrier, twilio):
	carrier.control("numbers", {DIALER: {"segments_per_second": 0.0001}})
	for _ in range(4):
		text(twilio, validity_period=36000)
	assert refusal(text, twilio).code == 21611
	pooled = text(twilio, from_=None, messaging_service_sid=SERVICE)
	carrier.control("services", {SERVICE: {"numbers": [DIALER]}})
	assert pooled.status == "accepted"
	carrier.control("reset", {"truncate_log": True})


def test_a_full_pool_fails_after_the_text_was_accepted(carrier, twilio):
	carrier.control("numbers", {DIALER: {"segments_per_second": 0.0001}})
	carrier.control("services", {SERVICE: {"numbers": [DIALER]}})
	for _ in range(4):
		text(twilio)
	message = text(twilio, from_=None, messaging_service_sid=SERVICE)
	eventually("The failure", lambda: twilio.messages(message.sid).fetch().status == "failed")
	assert twilio.messages(message.sid).fetch().error_code == 30001
	carrier.control("reset", {"truncate_log": True})


def test_a_pool_sends_from_the_shortest_queue(carrier, twilio):
	carrier.control("numbers", {"*": {"segments_per_second": 1}})
	carrier.control("services", {SERVICE: {"numbers": [DIALER, OTHER]}})
	messages = [text(twilio, from_=None, messaging_service_sid=SERVICE) for _ in range(6)]
	carrier.wait_until_idle()
	used = [twilio.messages(message.sid).fetch().from_ for message in messages]
	assert used.count(DIALER) == used.count(OTHER) == 3


def test_delivery_is_told_in_the_sites_time(carrier, twilio):
	carrier.control("time", {"clock_offset": 86400})
	text(twilio)
	carrier.wait_until_idle()
	line = carrier.log("outcome")[0]
	ahead = datetime.fromisoformat(line["delivered_at"]) - datetime.fromisoformat(line["at"])
	assert 86000 < ahead.total_seconds() <= 86400
	assert line["sent_at"] <= line["delivered_at"] <= line["site_at"]


@given(
	st.lists(st.tuples(st.integers(1, 11), st.integers(1, 36000)), max_size=60),
	st.sampled_from(sorted(SEGMENTS_PER_SECOND)),
	st.floats(0, 100),
)
def test_turns_never_exceed_the_pace(wanted, kind, start):
	clock = [start]
	desk = Senders({DIALER: {"kind": kind}}, {}, lambda: clock[0])
	turns = []
	for segments, patience in wanted:
		wait = desk.take_turn(DIALER, segments, patience)
		if wait is not None:
			assert wait <= patience
			turns.append((clock[0] + wait, segments))
		clock[0] += 0.01
	pace = SEGMENTS_PER_SECOND[kind]
	for (first, segments), (second, _) in pairwise(turns):
		assert second >= first + segments / pace - 1e-6


@pytest.mark.parametrize(
	("settings", "pace"),
	[
		({}, 0),
		({"kind": "long code"}, 1),
		({"kind": "toll-free"}, 3),
		({"kind": "short code"}, 100),
		({"kind": "10dlc"}, 1),
		({"kind": "10dlc", "segments_per_second": 4.5}, 4.5),
	],
)
def test_the_pace_follows_from_the_kind(settings, pace):
	desk = Senders({}, {})
	desk.set({"*": settings})
	assert desk.pace(DIALER) == pace and not desk.is_full(DIALER) and LONGEST_QUEUE == 36000
