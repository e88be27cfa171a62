"""A seed gives the same people and the same troubles every time."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dev.carrier.world.faults import Faults
from dev.chaos import people, schedule
from school_dialer.base.phone import parse


def test_people_repeat_and_are_all_different():
	crowd = people.crowd(5, 500)
	assert crowd == people.crowd(5, 500)
	assert crowd != people.crowd(6, 500)
	assert len({one.phone for one in crowd}) == 500


def test_numbers_are_no_ones_and_live_where_the_table_says():
	for one in people.crowd(1, 600):
		assert one.phone[5:8] == "555" and not one.phone[8:].startswith("01")
		zone, _opens, _closes = people.PLACES[one.phone[2:5]]
		assert str(zone) in parse(one.phone).time_zones


def test_known_numbers_are_passed_over():
	known = {one.phone for one in people.crowd(5, 500)}
	assert not known & {one.phone for one in people.crowd(5, 500, known)}


def test_more_people_than_numbers():
	with pytest.raises(ValueError, match="numbers left"):
		people.crowd(1, len(people.PLACES) * len(people.LINES) + 1)


@given(st.integers(0, 1000), st.integers(3, 150))
def test_a_plan_repeats_is_in_order_and_has_its_kills(seed, kills):
	plan = schedule.plan(seed, kills)
	assert plan == schedule.plan(seed, kills)
	times = [trouble.at for trouble in plan.troubles]
	assert times == sorted(times) and 0 < times[0] and times[-1] <= plan.seconds
	what = Counter(trouble.what for trouble in plan.troubles)
	workers = sum(what[f"kill {victim}"] for victim, _weight in schedule.VICTIMS)
	assert workers + len(plan.planner_kills) == kills and len(plan.planner_kills) >= 2
	assert set(what) >= set(schedule.EVERY_SECONDS)


def test_a_slow_account_recovers():
	plan = schedule.plan(1, 8)
	account = [one.what for one in plan.troubles if one.what.endswith(" account")]
	assert "slow account" in account and account[-1] == "usual account"


def test_every_kind_of_fault_has_its_burst_and_the_carrier_knows_it():
	plan = schedule.plan(1, 110)
	bursts = {trouble.which for trouble in plan.troubles if trouble.what == "faults"}
	assert bursts == set(range(len(schedule.BURSTS)))
	for burst in schedule.BURSTS:
		Faults(1).replace(schedule.ALWAYS | burst)
