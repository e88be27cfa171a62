"""The pacer in real Redis: one stream for each number, without bursts."""

import secrets
import time

import frappe
import pytest

from school_dialer.dialing import pacer


@pytest.fixture
def number() -> str:
	return f"+1312{secrets.randbelow(10**7):07d}"


def slots(number: str, calls_per_second: float, count: int) -> list[float]:
	"""Times of this machine's clock."""
	return [pacer.reserve(number, calls_per_second) + time.monotonic() for _ in range(count)]


def test_slots_of_one_number_are_apart(number):
	found = slots(number, 10, 8)
	assert found[-1] - found[0] == pytest.approx(0.7, abs=0.05)
	assert pacer.look(number)[0] == pytest.approx(0.8, abs=0.3)


def test_numbers_do_not_wait_for_each_other(number):
	slots(number, 1, 30)
	assert pacer.reserve(number + "0", 1) == 0


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
	assert pacer.slow_down(number) == 2
	assert pacer.slow_down(number) == pytest.approx(2, abs=0.5)
	found = slots(number, 10, 3)
	assert found[-1] - found[0] > 0.25
	key = pacer.pacer_key(number)
	frappe.cache().hincrby(key, "slowed_at", -pacer.RECOVERY * 1_000_000)
	assert pacer.look(number)[1] == 1


def test_lost_keys_cost_one_early_request_at_most(number):
	slots(number, 1, 10)
	frappe.cache().delete(pacer.pacer_key(number), f"{pacer.pacer_key(number)}:slots")
	assert pacer.reserve(number, 1) == 0
	assert pacer.reserve(number, 1) > 0.9


def test_no_number_in_redis(number):
	pacer.reserve(number, 1)
	assert number[2:] not in pacer.pacer_key(number)


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_of_nothing_is_refused(number, rate):
	with pytest.raises(ValueError):
		pacer.reserve(number, rate)


@pytest.mark.parametrize(("pace", "opens_in"), [(3, 1.0), (8, 0.875)])
def test_the_window_waits_for_answers_and_a_second_from_them(monkeypatch, pace, opens_in):
	"""The quickest took a quarter of a second: less the length of a slot, a late one arrived that long before its answer."""
	now = 100.0
	monkeypatch.setattr(pacer.time, "monotonic", lambda: now)
	window = pacer.Window()
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
