"""What look-ups may cost."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.lookups.budget import Budget, amount
from tests.effort import examples

often = settings(max_examples=examples(300), deadline=None)
money = st.decimals(0, 10_000, allow_nan=False, places=4)


@often
@given(money, money, money, money, money)
def test_no_limit_is_passed(price, day, month, today, this_month):
	budget = Budget(price, day, month, today, this_month)
	cost = budget.cost(budget.numbers_left)
	assert cost <= budget.left
	if budget.numbers_left:
		assert today + cost <= day and this_month + cost <= month


@often
@given(money.filter(bool), money, money)
def test_what_fits_is_allowed(price, day, month):
	budget = Budget(price, day, month)
	assert budget.cost(budget.numbers_left + 1) > min(day, month)


def test_without_a_price_or_a_limit_nothing_is_asked():
	assert Budget(Decimal(0), Decimal(5), Decimal(5)).numbers_left == 0
	assert Budget(Decimal("0.01"), Decimal(0), Decimal(5)).numbers_left == 0
	assert Budget(Decimal("0.01"), Decimal(5), Decimal(0)).numbers_left == 0


@pytest.mark.parametrize(
	("written", "read"), [(None, "0"), ("", "0"), (0.008, "0.008"), ("0.02", "0.02"), (-1, "0")]
)
def test_amounts_are_read_as_written(written, read):
	assert amount(written) == Decimal(read)


def test_a_thousandth_is_not_lost():
	assert Budget(amount(0.008), amount(0.8), amount(100)).numbers_left == 100
