"""Whether a site goes on from where it was: every combination of the three marks."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.continuity.decision import (
	CLOCK_BACK,
	CONTINUES,
	COPY,
	FIRST,
	RESTORED,
	SILENCE,
	SILENT,
	SKEW,
	UNPROVEN,
	Mark,
	Seen,
	decide,
)

NOW = datetime(2026, 9, 8, 14, 0, tzinfo=timezone.utc)
HERE, THERE = "here", "there"


def mark(generation: int = 100, ago: float = 60, identity: str = "a", place: str = HERE) -> Mark:
	at = NOW - timedelta(seconds=ago)
	return Mark(identity, generation, at, at, place)


def seen(database=None, file=None, redis=None, **more) -> Seen:
	return Seen(database, file, redis, **{"now": NOW, "place": HERE, **more})


@pytest.mark.parametrize(
	("database", "file", "redis", "found"),
	[
		(None, None, None, FIRST),
		(None, mark(), None, RESTORED),
		(None, None, mark(), RESTORED),
		(mark(), mark(), mark(), CONTINUES),
		(mark(), mark(), None, CONTINUES),
		(mark(), None, mark(), CONTINUES),
		(mark(), None, None, COPY),
		(mark(), mark(99), mark(98), CONTINUES),
		(mark(), mark(101), None, RESTORED),
		(mark(), None, mark(101), RESTORED),
		(mark(), mark(90), mark(101), RESTORED),
		(mark(), mark(101), mark(90), RESTORED),
		(mark(), mark(identity="b"), None, COPY),
		(mark(), mark(identity="b"), mark(), COPY),
		(mark(), None, mark(identity="b"), COPY),
		(mark(), mark(place=THERE), None, COPY),
		(mark(place=THERE), mark(), mark(), COPY),
	],
)
def test_the_table_of_the_docs(database, file, redis, found):
	assert decide(seen(database, file, redis)) == found


def test_a_clock_that_went_back_stops_the_site_and_one_that_was_corrected_does_not():
	ahead = mark(ago=-(SKEW.total_seconds() + 1))
	assert decide(seen(ahead, mark())) == CLOCK_BACK
	assert decide(seen(mark(), ahead)) == CLOCK_BACK
	assert decide(seen(mark(ago=-SKEW.total_seconds()), mark())) == CONTINUES


def test_a_site_that_was_silent_asks_the_carrier():
	quiet = mark(ago=SILENCE.total_seconds() + 1)
	assert decide(seen(quiet, quiet)) == SILENT
	assert decide(seen(mark(ago=SILENCE.total_seconds()), mark())) == CONTINUES


@pytest.mark.parametrize(
	"whose",
	[
		seen(mark()),
		seen(None, mark()),
		seen(mark(), mark(identity="b")),
		seen(mark(place=THERE), mark(place=THERE)),
		seen(mark(ago=SILENCE.total_seconds() * 9), mark()),
	],
)
def test_a_copy_that_reaches_a_test_carrier_only_takes_its_place(whose):
	assert decide(replace(whose, simulated=True)) in (CONTINUES, FIRST)


def test_a_restore_shows_in_simulated_mode_too():
	assert decide(seen(mark(), mark(101), simulated=True)) == RESTORED
	assert decide(seen(mark(ago=-3600), mark(), simulated=True)) == CLOCK_BACK


marks = st.builds(mark, st.integers(1, 200), st.integers(0, 3600))
lost = st.none()


@given(marks, marks | lost, marks | lost, st.booleans())
def test_a_mark_ahead_of_the_database_always_shows(database, file, redis, simulated):
	ahead = any(one and one.generation > database.generation for one in (file, redis))
	found = decide(seen(database, file, redis, simulated=simulated))
	assert (found == RESTORED) == ahead


@given(marks, st.integers(0, 50), st.integers(0, 50), st.sampled_from(["redis", "file", "neither"]))
def test_no_mark_that_is_lost_or_old_alone_raises_an_alarm(database, file_behind, redis_behind, gone):
	outside = {
		"file": replace(database, generation=database.generation - file_behind),
		"redis": replace(database, generation=database.generation - redis_behind),
	}
	outside[gone] = None
	assert decide(seen(database, outside["file"], outside["redis"])) in (CONTINUES, SILENT)


@given(marks, marks | lost, marks | lost, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_time_that_passes_is_no_restore(database, file, redis, later):
	before = decide(seen(database, file, redis))
	after = decide(seen(database, file, redis, now=NOW + later))
	assert after == before or {before, after} <= {CONTINUES, SILENT}


def test_a_host_that_is_not_known_has_to_prove_itself_unless_no_family_can_be_called():
	all_marks = (mark(), mark(), mark())
	assert decide(seen(*all_marks, host_known=False)) == UNPROVEN
	assert decide(seen(*all_marks, host_known=False, simulated=True)) == CONTINUES
	assert decide(seen(mark(), None, None, host_known=False)) == COPY
