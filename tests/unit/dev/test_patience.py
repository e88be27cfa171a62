"""The one way to wait: until it happens, or until nothing moves on for as long as patience lasts."""

from itertools import count
from types import SimpleNamespace

import pytest

from dev import patience
from dev.patience import PATIENCE, eventually


@pytest.fixture(autouse=True)
def slept(monkeypatch) -> list[float]:
	"""Let time pass only by what is slept, and return the pauses."""
	pauses: list[float] = []
	clock = SimpleNamespace(monotonic=lambda: sum(pauses), sleep=pauses.append)
	monkeypatch.setattr(patience, "time", clock)
	return pauses


def test_it_returns_what_happened_at_once(slept):
	assert eventually("An answer", lambda: "yes") == "yes" and slept == []


def test_it_waits_as_long_as_patience_lasts_and_says_for_what(slept):
	with pytest.raises(TimeoutError, match=f"The end of the call did not happen within {PATIENCE} s$"):
		eventually("The end of the call", lambda: False)
	assert PATIENCE < sum(slept) < PATIENCE + 1


def test_what_moves_on_may_take_longer(slept):
	steps = count()
	assert eventually("The end", lambda: sum(slept) > 10 * PATIENCE, lambda: next(steps))


def test_what_no_longer_moves_on_is_given_up_with_where_it_stood(slept):
	with pytest.raises(TimeoutError, match="nothing moved on from 30"):
		eventually("The end", lambda: False, lambda: min(int(sum(slept)), 30))
	assert PATIENCE + 29 < sum(slept) < PATIENCE + 32
