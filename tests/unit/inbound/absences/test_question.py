"""A question by text: a number answers it once, and nothing else does."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.inbound.absences.intent import Intent
from school_dialer.inbound.absences.question import (
	CHOSEN,
	DECLINED,
	REPEATED,
	TAKEN_BACK,
	Question,
	answer_in,
	initials,
)

DAY = date(2026, 3, 9)


def asked(children: int = 2) -> Question:
	return Question.about(Intent("Absence", 0, "en"), DAY, [f"S{count}" for count in range(children)], False)


@pytest.mark.parametrize(
	("text", "numbers"),
	[("1", (1,)), (" 2. ", (2,)), ("1, 2", (1, 2)), ("2 & 1", (2, 1)), ("１", (1,)), ("٢", (2,))],
)
def test_numbers_choose(text, numbers):
	answer = answer_in(text, asked())
	assert (answer.outcome, answer.numbers) == (CHOSEN, numbers)


@pytest.mark.parametrize(
	"text", ["", "3", "12", "1 1", "0 1", "1 0", "one", "1 please", "Ana", "?", "-", "9" * 60]
)
def test_nothing_else_answers(text):
	assert answer_in(text, asked()) is None


def test_zero_declines_and_later_takes_back():
	assert answer_in("0", asked()).outcome == DECLINED
	done = asked().answered((1,), ["R1"])
	assert answer_in("0", done).outcome == TAKEN_BACK
	assert answer_in("1", done).outcome == REPEATED
	assert answer_in("2", done) is None
	assert answer_in("0", done.answered((0,))).outcome == REPEATED


@given(st.text(max_size=60), st.integers(1, 8))
def test_a_choice_is_always_among_the_children(text, children):
	answer = answer_in(text, asked(children))
	if answer and answer.outcome == CHOSEN:
		assert all(1 <= number <= children for number in answer.numbers)
		assert not any(character.isalpha() for character in text)


@given(st.lists(st.sampled_from(["0", "1", "2", "1 2", "x", "3"]), max_size=12))
def test_whatever_comes_in_whatever_order_it_is_answered_once(texts):
	"""Doubled and late texts: the first choice stands, until 0 takes it back."""
	put, chosen, taken_back = asked(), 0, 0
	for text in texts:
		answer = answer_in(text, put)
		if answer is None or answer.outcome == REPEATED:
			continue
		chosen += answer.outcome == CHOSEN
		taken_back += answer.outcome == TAKEN_BACK
		put = put.answered(answer.numbers, ["R"] if answer.outcome == CHOSEN else ())
	assert chosen <= 1 and taken_back <= chosen


@given(
	st.sampled_from(["Absence", "Late arrival"]),
	st.lists(st.text(min_size=1, max_size=20), max_size=8),
	st.booleans(),
	st.none() | st.lists(st.integers(0, 8), max_size=3).map(tuple),
)
def test_it_is_read_as_it_was_written(kind, students, waited, answer):
	put = Question.about(Intent(kind, 0, "es"), DAY, students, waited)
	put = put if answer is None else put.answered(answer, ["R1"])
	assert Question.of(put.text) == put


@pytest.mark.parametrize(
	("names", "short"),
	[
		(["Ana"], ["A."]),
		(["Ana", "Luis"], ["A.", "L."]),
		(["Ana", "Alma"], ["An.", "Al."]),
		(["Maria", "Mario"], None),
		(["Ana", "Anabel"], None),
		(["Jo", "Joe"], None),
		(["Ana", "ana"], None),
		(["小明", "小红"], None),
		(["Ana", ""], None),
		([""], None),
	],
)
def test_initials_tell_children_apart_without_a_whole_name(names, short):
	assert initials(names) == short


@given(st.lists(st.text(st.characters(categories=["L"]), max_size=12), min_size=1, max_size=5))
def test_initials_are_never_a_whole_name(names):
	for name, short in zip(names, initials(names) or [], strict=False):
		assert short.rstrip(".") != name
