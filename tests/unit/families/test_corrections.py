"""Who may be called to correct a message: those who may have heard it, by the calls that were made."""

from dataclasses import replace

import pytest

from tests.families import course as c
from tests.families import judge as j
from tests.families.corrections import is_in_vain, may_be_corrected
from tests.families.course import Course, Event, Script
from tests.families.judge import Heard, Observed, judge
from tests.families.school import Child, Consent, Family, Field, Guardian, Link

CALL = Script(tries=2, moves=(c.START, c.DIAL, c.LATER, c.CORRECT))
FAMILY = Family((Child(),), (Guardian(Field(("A",))),), (Link(0, 0),), (Consent("A"),))
MOVE = 3


def course_of(*words: str, **script) -> Course:
	return Course(replace(CALL, **script), replace(FAMILY, listeners=(("A", words),)))


@pytest.mark.parametrize(
	"words", [("no answer",), ("busy",), ("fails",), ("refused",), ("no answer", "busy")]
)
def test_calls_that_no_one_and_nothing_answers_are_in_vain(words):
	assert is_in_vain(course_of(*words), "A", 2)
	assert not may_be_corrected(course_of(*words), MOVE, "A", 2)


@pytest.mark.parametrize("word", ["listens", "voicemail", "unsure", "silent", "hangs up", "presses 9"])
def test_a_call_that_anyone_or_a_machine_answers_may_have_told(word):
	assert not is_in_vain(course_of("no answer", word), "A", 2)
	assert may_be_corrected(course_of("no answer", word), MOVE, "A", 2)


def test_what_a_further_call_would_come_to_does_not_count():
	assert is_in_vain(course_of("no answer", "listens"), "A", 1)


def test_a_carrier_that_loses_what_it_was_asked_leaves_all_calls_unknown():
	assert not is_in_vain(course_of("no answer", faults="lost answers"), "A", 2)
	assert is_in_vain(course_of("no answer", faults="too fast"), "A", 2)


def test_a_text_reaches_a_number_that_no_one_answers():
	assert not is_in_vain(course_of("no answer", channel="Text"), "A", 1)
	assert is_in_vain(course_of("fails", channel="Text"), "A", 1)
	assert not is_in_vain(course_of("no answer", fallback=True), "A", 3)
	assert is_in_vain(course_of("refused", fallback=True), "A", 3)


def test_a_number_that_was_never_called_and_one_that_stopped_are_left_alone():
	assert not may_be_corrected(course_of("listens"), MOVE, "A", 0)
	stopped = replace(course_of("listens"), events=(Event(MOVE, c.STOP, "A"),))
	assert not may_be_corrected(stopped, MOVE, "A", 1)


def test_the_judge_finds_a_correction_of_what_no_one_heard():
	in_vain = course_of("no answer")
	calls = [("A", 1), ("A", 2)]
	shown = {0: {"Not Reached"}}
	assert judge(in_vain, Observed(calls, shown=shown)) == []
	found = judge(in_vain, Observed([*calls, ("A", MOVE)], shown=shown))
	assert [one.kind for one in found] == [j.TOLD]
	heard = [Heard("A", 2, frozenset({0}))]
	later = course_of("no answer", "listens")
	assert [one.kind for one in judge(later, Observed(calls, heard))] == [j.SILENT]
	assert judge(later, Observed([*calls, ("A", MOVE)], heard)) == []
