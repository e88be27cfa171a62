"""Lost answers are matched to their calls and texts, however alike they look."""

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from school_dialer.carriers.base import Placed
from school_dialer.outbound.attempts.matching import ALIKE, REST, Lost, Matches, match

NOON = datetime(2026, 12, 1, 12, tzinfo=timezone.utc)
MASKED = "+1312555XXXX"


def lost(index: int, seconds: float = 0.0, phone: str | None = None, sent: bool = False) -> Lost:
	at = NOON + timedelta(seconds=seconds, microseconds=index)
	return Lost(f"log-{index}", phone or f"+1312555{index:04d}", at, sent)


def placed(sid: str, seconds: int = 0, to: str = MASKED) -> Placed:
	return Placed(sid, "sent", to, NOON + timedelta(seconds=seconds))


def matched(logs: list[Lost], found: list[Placed]) -> dict[str, str]:
	return {log: one.sid for log, one in match(logs, found).placed.items()}


def test_a_number_that_is_shown_decides():
	found = [placed("b", to="+13125550002"), placed("a", to="+13125550001")]
	assert matched([lost(1), lost(2)], found) == {"log-1": "a", "log-2": "b"}


def test_another_number_is_no_ones():
	assert matched([lost(1)], [placed("x", to="+1404555XXXX"), placed("y", to="+13125550002")]) == {}


def test_of_a_chunk_that_was_cut_off_the_first_were_sent():
	assert matched([lost(3), lost(1), lost(2)], [placed("a"), placed("b")]) == {"log-1": "a", "log-2": "b"}


def test_time_tells_neighbours_apart():
	assert matched([lost(1), lost(2, seconds=20)], [placed("b", 21)]) == {"log-2": "b"}


def test_one_number_called_twice():
	logs = [lost(1, 0, "+13125550001"), lost(2, 60, "+13125550001")]
	found = [placed("second", 61, "+13125550001"), placed("first", 1, "+13125550001")]
	assert matched(logs, found) == {"log-1": "first", "log-2": "second"}


def test_what_may_belong_to_a_request_on_its_way_is_no_ones_yet():
	"""A neighbor's text sent just now says nothing about the one that was lost half a minute ago."""
	waits = match([lost(1), lost(2, phone="+14045550002")], [placed("new", 35)], [lost(3, 35)])
	assert waits == Matches(waiting={"log-1"})
	found = [placed("a", to="+13125550001"), placed("new", 35)]
	matches = match([lost(1), lost(2)], found, [lost(3, 35)])
	assert (matches.placed.keys(), matches.waiting, matches.tied) == ({"log-1"}, {"log-2"}, set())


def test_a_later_call_to_the_same_number_is_another_one():
	"""For example, after a night in which nothing ran."""
	assert matched([lost(1, 0, "+13125550001")], [placed("next day", 18_000, "+13125550001")]) == {}
	assert matched([lost(1, 3_600)], [placed("an hour before")]) == {}


def test_of_two_sent_at_once_neither_is_said_to_be_the_one_that_arrived():
	"""One request was lost on the way out, and the answer to the other on its way back."""
	logs = [lost(1, 0.036, sent=True), lost(2, 0.667, sent=True), lost(3, 40, sent=True)]
	assert match(logs, [placed("of 2")]) == Matches(tied={"log-1", "log-2"})
	assert matched(logs, [placed("of 3", 40)]) == {"log-3": "of 3"}


def test_of_two_sent_at_once_both_are_found():
	logs = [lost(1, 0.9, sent=True), lost(2, 1.4, sent=True)]
	assert matched(logs, [placed("a", 1), placed("b", 1)]) == {"log-1": "a", "log-2": "b"}
	assert matched(logs, [placed("a", 0), placed("b", 1)]) == {"log-1": "a", "log-2": "b"}


def test_one_that_was_sent_and_one_of_a_killed_worker_are_tied_too():
	assert match([lost(1, 0.2, sent=True), lost(2, 0.5)], [placed("x")]).tied == {"log-1", "log-2"}


def test_a_whole_number_breaks_the_tie():
	logs = [lost(1, sent=True), lost(2, sent=True)]
	assert matched(logs, [placed("x"), placed("b", to="+13125550002")]) == {"log-1": "x", "log-2": "b"}


@given(
	st.floats(0, 1),
	st.floats(0, (REST - 2 * ALIKE).total_seconds(), exclude_max=True),
	st.lists(st.booleans(), min_size=1, max_size=6),
)
def test_after_the_rest_time_tells_them_apart(begin, way, arrived):
	"""Texts whose answers were lost, one after the other.

	Each starts no sooner than the rest time after the one before failed. Some arrived, and these are found,
	whatever happened to the others.
	"""
	apart = way + REST.total_seconds()
	logs = [lost(index, begin + index * apart, sent=True) for index in range(len(arrived))]
	found = [
		placed(log.log, int((log.placed_at - NOON).total_seconds() + way))
		for log, there in zip(logs, arrived, strict=True)
		if there
	]
	assert matched(logs, found) == {one.sid: one.sid for one in found}


@given(
	st.lists(st.tuples(st.integers(0, 290), st.sampled_from(["312", "404"])), max_size=12),
	st.lists(st.tuples(st.integers(0, 290), st.sampled_from(["312", "404"])), max_size=12),
)
def test_each_is_given_once_and_to_a_number_it_may_be(logs, found):
	asked = [lost(index, at, f"+1{area}555{index:04d}") for index, (at, area) in enumerate(logs)]
	there = [placed(f"sid-{index}", at, f"+1{area}555XXXX") for index, (at, area) in enumerate(found)]
	matches = match(asked, there)
	pairs = matches.placed
	assert not matches.waiting and not matches.tied
	sids = [one.sid for one in pairs.values()]
	assert len(sids) == len(set(sids))
	phones = {one.log: one.phone for one in asked}
	assert all(one.to[:8] == phones[log][:8] for log, one in pairs.items())
	for area in ("312", "404"):
		counts = [sum(one[1] == area for one in some) for some in (logs, found)]
		assert sum(one.to[2:5] == area for one in pairs.values()) == min(counts)
