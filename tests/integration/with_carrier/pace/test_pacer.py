"""The pacer in a real Redis: one stream per number, without bursts."""

import secrets
import time

import frappe
import pytest

from school_dialer.pace import pacer


@pytest.fixture
def number() -> str:
	return f"+1312{secrets.randbelow(10**7):07d}"


def one(number: str, per_second: float) -> list[pacer.Stream]:
	return [pacer.Stream(number, per_second)]


def slots(number: str, per_second: float, count: int) -> list[float]:
	"""Return the reserved slots as times of this machine's monotonic clock, in seconds."""
	return [pacer.reserve(one(number, per_second)) + time.monotonic() for _ in range(count)]


def test_slots_of_one_number_are_apart(number):
	found = slots(number, 10, 8)
	assert found[-1] - found[0] == pytest.approx(0.7, abs=0.05)
	assert pacer.next_slot(one(number, 10)).free_in == pytest.approx(0.8, abs=0.3)


def test_numbers_do_not_wait_for_each_other(number):
	slots(number, 1, 30)
	assert pacer.reserve(one(number + "0", 1)) == 0


def test_a_stream_that_fell_behind_catches_up_within_the_bound(number):
	before = slots(number, 20, 20)
	time.sleep(max(0.0, before[-1] - time.monotonic()) + 0.2)
	after = slots(number, 20, 60)
	found = before + after
	assert after[2] - after[0] < 0.05
	assert all(later - earlier > 1 for earlier, later in zip(found, found[21:], strict=False))


def test_a_stream_that_stood_still_begins_anew(number):
	before = slots(number, 20, 2)
	time.sleep(max(0.0, before[-1] - time.monotonic()) + pacer.CATCH_UP + 0.1)
	after = slots(number, 20, 5)
	assert after[-1] - after[0] == pytest.approx(0.2, abs=0.04)


def test_a_complaint_halves_the_pace_once_and_it_recovers(number, monkeypatch):
	assert pacer.slow_down(one(number, 10)) == 2
	assert pacer.slow_down(one(number, 10)) == pytest.approx(2, abs=0.5)
	found = slots(number, 10, 3)
	assert found[-1] - found[0] > 0.25
	key = one(number, 1)[0].key
	frappe.cache().hincrby(key, "slowed_at", -pacer.RECOVERY * 1_000_000)
	assert pacer.next_slot(one(number, 10)).slower == 1


def test_a_request_keeps_every_limit_it_falls_under(number):
	"""Check the shared limit and the separate limits.

	The account's calls per second limit the numbers together. Each number's own limit applies to it alone.
	"""
	account = pacer.Stream(f"account {number}", 10)
	first, second = (
		[pacer.reserve([*one(f"{number}{digit}", 40), account]) for _ in range(5)] for digit in "01"
	)
	assert first[-1] == pytest.approx(0.4, abs=0.05) and second[-1] == pytest.approx(0.9, abs=0.1)
	assert pacer.pace([*one(number, 40), account]) == 10


def test_segments_take_their_slots(number):
	texts = one(number, 10)
	waits = [pacer.reserve(texts, units) for units in (1, 5, 1)]
	assert waits == pytest.approx([0, 0.1, 0.6], abs=0.05)


def test_a_stream_that_is_held_gives_no_slot(number):
	streams = [*one(number, 10), pacer.Stream(f"account {number}", 10)]
	pacer.hold_streams(streams[1:], 5)
	assert pacer.next_slot(streams).free_in == pytest.approx(5, abs=0.5)
	assert pacer.reserve(streams) == pytest.approx(5, abs=0.5)
	assert pacer.reserve(one(number + "0", 10)) == 0


def test_lost_keys_cost_one_early_request_at_most(number):
	slots(number, 1, 10)
	frappe.cache().delete(one(number, 1)[0].key, f"{one(number, 1)[0].key}:slots")
	assert pacer.reserve(one(number, 1)) == 0
	assert pacer.reserve(one(number, 1)) > 0.9


def test_no_number_in_redis(number):
	pacer.reserve(one(number, 1))
	assert number[2:] not in one(number, 1)[0].key


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_of_nothing_is_refused(number, rate):
	with pytest.raises(ValueError):
		pacer.reserve(one(number, rate))


@pytest.mark.parametrize(("pace", "opens_in"), [(3, 1.0), (8, 0.875)])
def test_the_window_waits_for_answers_and_a_second_from_them(monkeypatch, pace, opens_in):
	"""Check the wait after a late response.

	The quickest request took a quarter of a second. A late one arrived at most that long before its response,
	less the length of a slot.
	"""
	now = 100.0
	monkeypatch.setattr(pacer.time, "monotonic", lambda: now)
	window = pacer.ArrivalWindow()
	requests = []
	for _ in range(pace + 1):
		assert window.opens_in(pace) == 0
		requests.append(window.leaves())
	assert window.opens_in(pace) is None
	now = 100.25
	window.answered(requests[1])
	now = 100.75
	window.answered(requests[0])
	assert window.opens_in(pace) == pytest.approx(opens_in)
	now += opens_in
	assert window.opens_in(pace) == 0
