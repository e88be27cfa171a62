"""What several look-ups of one number amount to."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.lines.answer import (
	LINE_TYPES,
	NO,
	NO_ANSWER,
	NO_DATA,
	NOT_ASKED,
	WITHOUT_TEXTS,
	YES,
	Known,
	LineAnswer,
	LineFacts,
	checked,
	facts_of,
)
from tests.effort import examples

BEGAN = datetime(2026, 5, 1)
ANSWERS = (YES, NO, NO_DATA, NO_ANSWER, NOT_ASKED)
SILENT = (NO_DATA, NO_ANSWER, NOT_ASKED)
often = settings(max_examples=examples(300), deadline=None)
known = st.builds(
	Known,
	st.integers(0, 1000).map(lambda day: BEGAN + timedelta(days=day)),
	st.sampled_from(ANSWERS),
	st.sampled_from(("", *LINE_TYPES)),
)


def asked(day: int, reassigned: str = NOT_ASKED, line_type: str = "") -> Known:
	return Known(BEGAN + timedelta(days=day), reassigned, line_type)


def test_a_yes_stops_and_a_later_no_lifts_it():
	assert facts_of([asked(1, YES)]).reassigned
	assert not facts_of([asked(1, YES), asked(2, NO)]).reassigned
	assert facts_of([asked(1, NO), asked(2, YES)]).reassigned


@pytest.mark.parametrize("silent", SILENT)
def test_no_answer_lifts_nothing(silent):
	assert facts_of([asked(1, YES), asked(2, silent)]).reassigned
	assert not facts_of([asked(1, silent)]).reassigned


def test_the_persons_own_later_answer_lifts_it():
	day = BEGAN + timedelta(days=1)
	assert facts_of([asked(1, YES)], day).reassigned
	assert not facts_of([asked(1, YES)], day + timedelta(seconds=1)).reassigned
	assert facts_of([asked(1, YES), asked(5, YES)], day + timedelta(days=2)).reassigned


@pytest.mark.parametrize("line_type", LINE_TYPES)
def test_the_latest_known_type_decides_about_texts(line_type):
	assert facts_of([asked(1, line_type=line_type)]).no_texts == (line_type in WITHOUT_TEXTS)
	assert not facts_of([asked(1, line_type="landline"), asked(2, line_type="mobile")]).no_texts
	assert facts_of([asked(1, line_type="landline"), asked(2, line_type="unknown")]).no_texts


@often
@given(st.lists(known, max_size=8), st.randoms())
def test_the_order_makes_no_difference(answers, random):
	mixed = list(answers)
	random.shuffle(mixed)
	distinct = len({one.asked_at for one in answers}) == len(answers)
	if distinct:
		assert facts_of(mixed) == facts_of(answers)


@often
@given(st.lists(known, max_size=8), st.sampled_from(SILENT))
def test_a_silent_answer_changes_nothing(answers, silent):
	later = Known(BEGAN + timedelta(days=2000), silent, "")
	assert facts_of([*answers, later]) == facts_of(answers)


@often
@given(st.lists(known, max_size=8))
def test_at_one_moment_the_stricter_answer_counts(answers):
	at = BEGAN + timedelta(days=2000)
	assert facts_of([*answers, Known(at, YES, ""), Known(at, NO, "")]).reassigned


def test_nothing_known_stops_nothing():
	assert facts_of([]) == LineFacts()


@often
@given(st.text(max_size=300), st.text(max_size=40), st.text(max_size=300), st.text(max_size=400))
def test_what_a_provider_says_is_bounded_and_plain(reassigned, line_type, provider_id, error):
	found = checked(LineAnswer(reassigned, line_type, provider_id, error))
	assert found.reassigned in ANSWERS and found.line_type in ("", *LINE_TYPES)
	assert len(found.provider_id) <= 64 and len(found.error) <= 140
	assert not set("<>\n\x00") & set(found.provider_id + found.error)
	if reassigned not in ANSWERS:
		assert found.reassigned == NO_ANSWER


@pytest.mark.parametrize("wrong", [None, 7, ["yes"], {"yes": 1}])
def test_values_of_other_types_are_no_answer(wrong):
	assert checked(LineAnswer(NO, "mobile", wrong, wrong)) == LineAnswer(NO, "mobile")
