"""Who must hear by a second try, and who must not hear once more, on small families made by hand."""

from dataclasses import replace

import pytest

from tests.families import course as c
from tests.families import judge as j
from tests.families.course import Course, Event, Script
from tests.families.judge import Heard, Observed, judge
from tests.families.resends import hears_again, owed, resends
from tests.families.school import COURT_ORDER, Child, Consent, Family, Field, Guardian, Link, OptOut

AGAIN = Script(tries=2, moves=(c.START, c.DIAL, c.LATER, c.RESEND, c.DIAL, c.LATER))
ONE = replace(AGAIN, reach=c.ONE_GUARDIAN)
MOVE, LATE = 3, 4
ROSA, OMAR = Guardian(Field(("A",))), Guardian(Field(("B",)))
IN_VAIN = ("no answer", "no answer", "listens")
FAMILY = Family((Child(),), (ROSA,), (Link(0, 0),), (Consent("A"),), listeners=(("A", IN_VAIN),))
COURSE = Course(AGAIN, FAMILY)
TWICE = [("A", 1), ("A", 2)]
PARENTS = replace(
	FAMILY,
	guardians=(ROSA, OMAR),
	links=(Link(0, 0), Link(1, 0, "Father")),
	consents=(Consent("A"), Consent("B")),
	listeners=(),
)


def owed_by(course: Course, rang: list[tuple[str, int]]) -> list[tuple[int, int, str]]:
	return list(owed(course, MOVE, rang))


def test_the_second_try_is_a_move_of_the_same_campaign():
	assert list(resends(COURSE)) == [MOVE]
	assert AGAIN.campaigns == [range(6)]
	assert list(COURSE.dials()) == [1, 2, 4, 5]


def test_who_was_called_in_vain_as_often_as_it_is_tried_must_hear_by_the_second_try():
	assert owed_by(COURSE, TWICE) == [(0, 0, "A")]
	assert owed_by(COURSE, TWICE[:1]) == []


@pytest.mark.parametrize("word", ["listens", "fails", "hangs up", "silent", "refused", "screens"])
def test_nothing_is_said_where_a_call_may_have_been_answered_or_the_number_be_of_no_use(word):
	family = replace(FAMILY, listeners=(("A", ("no answer", word, "listens")),))
	assert owed_by(replace(COURSE, family=family), TWICE) == []


def test_nothing_is_owed_by_a_try_at_which_no_one_is_sure_to_listen():
	family = replace(FAMILY, listeners=(("A", ("no answer",)),))
	assert owed_by(replace(COURSE, family=family), TWICE) == []
	third = replace(FAMILY, listeners=(("A", (*IN_VAIN[:2], "busy", "listens")),))
	assert owed_by(replace(COURSE, family=third), TWICE) == [(0, 0, "A")]
	once = Script(moves=(c.START, c.DIAL, c.RESEND, c.DIAL))
	busy = replace(FAMILY, listeners=(("A", ("busy", "busy", "listens")),))
	assert list(owed(Course(once, busy), 2, TWICE[:1])) == []


@pytest.mark.parametrize(
	"event",
	[
		Event(MOVE, c.STOP, "A"),
		Event(MOVE, c.ORDER, guardian=0, child=0),
		Event(MOVE, c.UNLINKED, guardian=0, child=0),
		Event(MOVE, c.LEAVES, child=0),
		Event(MOVE, c.MOVED, guardian=0),
		Event(LATE, c.STOP, "A"),
	],
)
def test_nothing_is_owed_to_who_may_not_be_called_any_more(event):
	assert owed_by(replace(COURSE, events=(event,)), TWICE) == []


def test_who_texts_start_before_the_second_try_hears_by_it():
	family = replace(FAMILY, opt_outs=(OptOut("A"),), listeners=())
	opened = Course(AGAIN, family, (Event(MOVE, c.AGAIN, "A"),))
	assert owed_by(opened, []) == [(0, 0, "A")]
	assert owed_by(replace(opened, events=()), []) == []
	assert owed_by(replace(opened, events=(Event(LATE, c.AGAIN, "A"),)), []) == []


def test_nothing_is_owed_where_the_carrier_loses_what_it_was_asked_or_another_guardian_comes_first():
	assert owed_by(replace(COURSE, script=replace(AGAIN, faults="lost answers")), TWICE) == []
	both = replace(PARENTS, listeners=FAMILY.listeners)
	assert owed_by(Course(AGAIN, both), TWICE) == [(0, 0, "A")]
	assert owed_by(Course(ONE, both), TWICE) == []


def test_who_heard_at_their_own_number_must_not_hear_once_more():
	course = replace(COURSE, family=PARENTS)
	before = [(0, "A", 1)]
	assert hears_again(course, (0, "A", LATE), before)
	assert not hears_again(course, (0, "B", LATE), before)
	assert not hears_again(course, (0, "A", LATE), [])
	assert hears_again(replace(course, script=ONE), (0, "B", LATE), before)


def test_of_two_at_one_number_no_one_is_sure_to_have_heard():
	shared = replace(PARENTS, guardians=(ROSA, ROSA), consents=(Consent("A"),))
	assert not hears_again(replace(COURSE, family=shared), (0, "A", LATE), [(0, "A", 1)])


@pytest.mark.parametrize("word", ["unsure", "silent", "hangs up", "voicemail"])
def test_who_heard_and_did_not_show_it_may_be_called_once_more(word):
	family = replace(PARENTS, listeners=(("A", (word,)),))
	assert not hears_again(replace(COURSE, family=family), (0, "A", LATE), [(0, "A", 1)])


def test_an_absence_that_was_corrected_and_a_carrier_that_loses_calls_may_be_called_once_more():
	before, again = [(0, "A", 1)], (0, "A", LATE)
	marked = replace(COURSE, family=PARENTS, events=(Event(2, c.PRESENT),))
	assert not hears_again(marked, again, before)
	lost = Course(replace(AGAIN, faults="lost requests"), PARENTS)
	assert not hears_again(lost, again, before)


def test_the_judge_finds_who_is_told_twice_and_who_is_forgotten():
	both = Course(AGAIN, PARENTS)
	first = [Heard("A", 1, frozenset({0})), Heard("B", 1, frozenset({0}))]
	rang = [("A", 1), ("B", 1)]
	assert judge(both, Observed(rang, first)) == []
	again = [*first, Heard("A", LATE, frozenset({0}))]
	assert [one.kind for one in judge(both, Observed([*rang, ("A", LATE)], again))] == [j.TOLD]
	nothing = Observed(TWICE, shown={0: {"Not Reached"}})
	assert j.SILENT in [one.kind for one in judge(COURSE, nothing)]
	heard = [Heard("A", LATE, frozenset({0}))]
	assert judge(COURSE, Observed([*TWICE, ("A", LATE)], heard)) == []


def test_a_second_try_that_ignores_a_stop_or_a_court_order_is_found():
	heard = [Heard("A", LATE, frozenset({0}))]
	seen = Observed([*TWICE, ("A", LATE)], heard)
	for event in (Event(MOVE, c.STOP, "A"), Event(MOVE, c.ORDER, guardian=0, child=0)):
		assert {one.kind for one in judge(replace(COURSE, events=(event,)), seen)} == {j.TOLD}
	barred = replace(FAMILY, links=(Link(0, 0, permission=COURT_ORDER),))
	assert {one.kind for one in judge(replace(COURSE, family=barred), seen)} == {j.TOLD}
