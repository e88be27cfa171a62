"""The pacer in a real Redis, by a clock that the tests set: one stream per number, without bursts."""

import random
import secrets

import frappe
import pytest

from school_dialer.outbound.pace import pacer

REDIS_TIME = "redis.call('TIME')"


class Clock:
	"""Redis's time as the pacer's scripts read it. It stands still between calls of `pass_time`."""

	def __init__(self):
		self.now = 1_800_000_000.0

	def pass_time(self, seconds: float) -> None:
		self.now += seconds

	def lua(self) -> str:
		seconds, microseconds = divmod(round(self.now * 1_000_000), 1_000_000)
		return f"{{'{seconds}', '{microseconds}'}}"


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> Clock:
	clock, run = Clock(), pacer.run

	def at_this_time(script: str, *arguments):
		assert script.count(REDIS_TIME) == 1
		return run(script.replace(REDIS_TIME, clock.lua()), *arguments)

	monkeypatch.setattr(pacer, "run", at_this_time)
	monkeypatch.setattr(pacer, "scripts", {})
	return clock


@pytest.fixture
def number() -> str:
	return f"+1312{secrets.randbelow(10**7):07d}"


@pytest.fixture
def slots(clock, number):
	"""Return `slots(per_second, count)`, which reserves slots and returns their times in seconds."""
	return lambda per_second, count: [
		clock.now + pacer.reserve(one(number, per_second)) for _ in range(count)
	]


def one(number: str, per_second: float) -> list[pacer.Stream]:
	return [pacer.Stream(number, per_second)]


def exactly(seconds: float):
	return pytest.approx(seconds, abs=1e-5)


def test_slots_of_one_number_are_apart(slots, number):
	found = slots(10, 8)
	assert found[-1] - found[0] == exactly(0.7)
	assert pacer.next_slot(one(number, 10)).free_in == exactly(0.8)


def test_numbers_do_not_wait_for_each_other(slots, number):
	slots(1, 30)
	assert pacer.reserve(one(number + "0", 1)) == 0


def test_a_stream_that_fell_behind_catches_up_within_the_bound(slots, clock):
	before = slots(20, 20)
	clock.pass_time(before[-1] - clock.now + 0.2)
	after = slots(20, 60)
	found = before + after
	assert after[2] == exactly(after[0])
	assert all(later - earlier > 1 for earlier, later in zip(found, found[21:], strict=False))


def test_a_stream_that_stood_still_begins_again(slots, clock):
	before = slots(20, 2)
	clock.pass_time(before[-1] - clock.now + pacer.CATCH_UP + 0.1)
	after = slots(20, 5)
	assert after[-1] - after[0] == exactly(0.2)


def test_a_complaint_halves_the_pace_once_and_it_recovers(slots, number, clock):
	assert pacer.slow_down(one(number, 10)) == 2
	assert pacer.slow_down(one(number, 10)) == 2
	found = slots(10, 3)
	assert found[-1] - found[0] == exactly(0.4)
	clock.pass_time(pacer.RECOVERY)
	assert pacer.next_slot(one(number, 10)).slower == 1


def test_a_request_keeps_every_limit_it_falls_under(number):
	"""Check the shared limit and the separate limits.

	The account's calls per second limit the numbers together. Each number's own limit applies to it alone.
	"""
	account = pacer.Stream(f"account {number}", 10)
	first, second = (
		[pacer.reserve([*one(f"{number}{digit}", 40), account]) for _ in range(5)] for digit in "01"
	)
	assert first[-1] == exactly(0.4) and second[-1] == exactly(0.9)
	assert pacer.pace([*one(number, 40), account]) == 10


def test_segments_take_their_slots(number):
	texts = one(number, 10)
	waits = [pacer.reserve(texts, units) for units in (1, 5, 1)]
	assert waits == [exactly(0), exactly(0.1), exactly(0.6)]


def test_slots_reserved_at_once_are_those_reserved_one_by_one(number, clock):
	def streams(of: str) -> list[pacer.Stream]:
		return [*one(f"{number}{of}", 7), pacer.Stream(f"account {number}{of}", 11)]

	chance = random.Random(5)
	for _time in range(20):
		units = [chance.randint(1, 3) for _ in range(chance.randint(1, 9))]
		alone = [pacer.reserve(streams("1"), many) for many in units]
		assert pacer.reserve_all(streams("2"), units) == [exactly(seconds) for seconds in alone]
		clock.pass_time(chance.choice([0, 0.1, 1, 5]))


def test_a_chunk_reserves_a_tenth_of_a_second_at_a_time(number, monkeypatch):
	asked = []
	reserve_all = pacer.reserve_all

	def counted(streams, units):
		asked.append(len(units))
		return reserve_all(streams, units)

	monkeypatch.setattr(pacer, "reserve_all", counted)
	for rate, most in ((50, 5), (200, 20), (2, 1)):
		slots = pacer.Slots(one(f"{number}{rate}", rate), [1] * 12)
		waits = [slots.next_in() for _ in range(12)]
		assert all(many <= most for many in asked) and sum(asked) == 12
		assert waits[-1] <= 11 / rate + 1e-5
		asked.clear()


def test_a_stream_that_is_held_gives_no_slot(number):
	streams = [*one(number, 10), pacer.Stream(f"account {number}", 10)]
	pacer.hold_streams(streams[1:], 5)
	assert pacer.next_slot(streams).free_in == exactly(5)
	assert pacer.reserve(streams) == exactly(5)
	assert pacer.reserve(one(number + "0", 10)) == 0


def test_lost_keys_cost_one_early_request_at_most(slots, number):
	slots(1, 10)
	frappe.cache().delete(one(number, 1)[0].key)
	assert pacer.reserve(one(number, 1)) == 0
	assert pacer.reserve(one(number, 1)) == exactly(1)


def test_a_stream_is_one_string_that_expires(number):
	pacer.reserve_all(one(number, 2), [1] * 4)
	key = one(number, 2)[0].key
	assert [one.decode() for one in frappe.cache().keys(f"*{key.rpartition('|')[2]}*")] == [key]
	assert frappe.cache().type(key) == b"string"
	assert 0 < frappe.cache().ttl(key) <= pacer.KEPT_SECONDS + 2
	pacer.slow_down(one(number, 2))
	assert len(frappe.cache().execute_command("GET", key).split()) == 3 + 3


def test_the_clock_is_that_of_redis(number, monkeypatch):
	monkeypatch.undo()
	assert pacer.reserve(one(number, 1)) == 0
	assert 0 < pacer.reserve(one(number, 1)) <= 1


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


@pytest.mark.parametrize(("mode", "shared"), [("Live", True), ("Simulated", False)])
def test_sites_of_a_bench_share_the_limits_of_one_account(clock, number, monkeypatch, mode, shared):
	"""Check that a second site waits for the first one's slots, unless each has a test carrier of its own."""
	monkeypatch.setattr(pacer.carrier_settings, "settings", lambda: frappe._dict(mode=mode))
	account = [pacer.Stream(f"account {number}", 10)]
	assert pacer.reserve(account) == exactly(0)
	monkeypatch.setattr(frappe.local, "conf", frappe._dict(frappe.conf, db_name="another_site"))
	assert pacer.reserve(account) == exactly(0.1 if shared else 0)
