"""The pacer in real Redis: one stream for each number, without bursts."""

import secrets
from itertools import pairwise

import frappe
import pytest

from school_dialer.dialing import pacer


@pytest.fixture
def number() -> str:
	return f"+1312{secrets.randbelow(10**7):07d}"


def test_slots_of_one_number_never_overlap(number):
	reservations = [pacer.reserve(number, 10, count) for count in (1, 3, 2, 1)]
	for earlier, later in pairwise(reservations):
		assert later.first == earlier.first + earlier.gap * earlier.count
	assert reservations[0].gap == 100_000
	assert reservations[1].delay(2) == pytest.approx(reservations[1].wait + 0.2)


def test_numbers_do_not_wait_for_each_other(number):
	pacer.reserve(number, 1, 30)
	assert pacer.reserve(number + "0", 1).wait == 0


def test_unused_slots_go_back_unless_others_follow(number):
	first = pacer.reserve(number, 1, 5)
	assert pacer.give_back(first, 1)
	second = pacer.reserve(number, 1)
	assert second.first == first.first + first.gap
	third = pacer.reserve(number, 1, 5)
	pacer.reserve(number, 1)
	assert not pacer.give_back(third, 0)


def test_lost_keys_cost_one_early_request_at_most(number):
	pacer.reserve(number, 1, 10)
	frappe.cache().delete(pacer.pacer_key(number))
	assert pacer.reserve(number, 1).wait == 0
	assert pacer.reserve(number, 1).wait > 0.9


def test_no_number_in_redis(number):
	pacer.reserve(number, 1)
	assert number[2:] not in pacer.pacer_key(number)


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_of_nothing_is_refused(number, rate):
	with pytest.raises(ValueError):
		pacer.reserve(number, rate)
