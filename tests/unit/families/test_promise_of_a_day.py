"""The model of who must hear on a longer day: START, consents that end, texts, and a second campaign."""

from dataclasses import replace

import pytest

from tests.families import course as c
from tests.families.course import Course, Event, Script
from tests.families.judge import SILENT, Heard, Observed, judge
from tests.families.promise import MAY, MUST, MUST_NOT, Duty, at_number, duties, may_ring
from tests.families.school import (
	DISTRICT,
	SOON,
	WRONG_NUMBER,
	Child,
	Consent,
	Family,
	Field,
	Guardian,
	Link,
	OptOut,
)

EVENT = Script()
TWICE = Script(moves=(c.START, c.DIAL, c.START, c.DIAL))
ROSA = Guardian(Field(("A",)), Field(("B",)))
OMAR = Guardian(Field(("C",)), Field(("B",)))
FAMILY = Family((Child(),), (ROSA,), (Link(0, 0),), (Consent("A"), Consent("B")))
BOTH = replace(FAMILY, guardians=(ROSA, OMAR), links=(Link(0, 0), Link(1, 0)))
STARTED = (Event(0, c.STOP, "A"), Event(0, c.AGAIN, "A"))


def test_start_opens_the_number_for_calls_that_are_planned_later():
	assert duties(Course(EVENT, FAMILY, STARTED)) == [Duty(0, (0,))]
	stopped_between = (Event(1, c.STOP, "A"), Event(1, c.AGAIN, "A"))
	course = Course(EVENT, FAMILY, stopped_between)
	assert duties(course) == [] and may_ring(EVENT, course.at(1), "A")


def test_a_stop_after_start_counts():
	assert not may_ring(EVENT, Course(EVENT, FAMILY, (*STARTED, Event(0, c.STOP, "A"))).at(0), "A")


@pytest.mark.parametrize(
	("family", "there"),
	[(FAMILY, MUST), (BOTH, MUST), (replace(FAMILY, consents=(Consent("A"),)), MUST_NOT)],
	ids=["her own", "the other parent is called", "never agreed to"],
)
def test_start_from_another_number_opens_that_one(family, there):
	now = Course(EVENT, family, (Event(0, c.STOP, "A"), Event(0, c.AGAIN, "B"))).at(0)
	assert at_number(EVENT, now, 0, "A") == MUST_NOT
	assert at_number(EVENT, now, 0, "B") == there


def test_start_from_a_number_of_two_people_lifts_nothing_that_one_stopped_elsewhere():
	only_rosas = replace(BOTH, consents=(Consent("A"), Consent("B", guardian=0)))
	now = Course(EVENT, only_rosas, (Event(0, c.STOP, "A"), Event(0, c.AGAIN, "B"))).at(0)
	assert at_number(EVENT, now, 0, "B") == MUST_NOT


def test_where_a_person_is_entered_twice_either_may_have_started():
	twice = replace(BOTH, guardians=(ROSA, Guardian(ROSA.mobile, ROSA.other, again=0)))
	now = Course(EVENT, twice, (Event(0, c.STOP, "A"), Event(0, c.AGAIN, "B"))).at(0)
	assert at_number(EVENT, now, 0, "B") == MAY


def test_start_opens_no_strangers_number():
	family = replace(FAMILY, opt_outs=(OptOut("A", WRONG_NUMBER),))
	assert not may_ring(EVENT, Course(EVENT, family, (Event(0, c.AGAIN, "A"),)).at(0), "A")


def test_a_consent_that_ends_while_the_school_waits_is_over_then():
	script = Script(moves=(c.START, c.WAIT, c.DIAL))
	course = Course(script, replace(FAMILY, consents=(Consent("A", ends=SOON),)))
	assert may_ring(script, course.at(0), "A") and not may_ring(script, course.at(2), "A")
	assert duties(course) == []


@pytest.mark.parametrize(
	("words", "tries", "fallback", "texted"),
	[
		(("no answer",), 1, True, True),
		(("no answer",), 1, False, False),
		(("no answer",), 2, True, True),
		(("no answer",), 3, True, False),
		(("fails",), 1, True, False),
		(("hangs up",), 1, True, False),
	],
)
def test_who_is_called_in_vain_gets_a_text_if_the_campaign_has_one(words, tries, fallback, texted):
	script = Script(tries=tries, moves=(c.START, c.DIAL, c.LATER), fallback=fallback)
	family = replace(FAMILY, guardians=(Guardian(Field(("A",))),), listeners=(("A", words),))
	assert duties(Course(script, family)) == ([Duty(0, (0,))] if texted else [])


def test_a_second_campaign_is_judged_by_itself():
	course = Course(TWICE, FAMILY)
	assert [(one.campaign[0], one.guardians) for one in duties(course)] == [(0, (0,)), (2, (0,))]
	first, second = (Heard("A", move, frozenset({0})) for move in (1, 3))
	shown = {0: {"Not Reached"}}
	assert judge(course, Observed(heard=[first, second], shown=shown)) == []
	(found,) = judge(course, Observed(heard=[first], shown=shown))
	assert found.kind == SILENT


def test_a_canceled_campaign_owes_nothing_and_the_next_one_does():
	script = Script(moves=(c.START, c.CANCEL, c.DIAL, c.START, c.DIAL))
	course = Course(script, FAMILY)
	assert list(course.dials()) == [4]
	assert [one.campaign[0] for one in duties(course)] == [3]


def test_a_ticket_stops_all_numbers_of_a_person_and_an_agent_names_one():
	written = Course(EVENT, FAMILY, (Event(0, c.TICKET),)).at(0)
	assert not may_ring(EVENT, written, "A") and not may_ring(EVENT, written, "B")
	shared = replace(BOTH, guardians=(Guardian(Field(("B",))), Guardian(Field(("B",)), Field(("C",)))))
	shared = replace(shared, consents=(Consent("B"), Consent("C")))
	logged = Course(EVENT, shared, (Event(0, c.AGENT, "B", guardian=0),)).at(0)
	assert not may_ring(EVENT, logged, "B") and may_ring(EVENT, logged, "C")
	said = Course(EVENT, shared, (Event(0, c.STOP, "B"),)).at(0)
	assert not may_ring(EVENT, said, "C")


@pytest.mark.parametrize(("caller", "about"), [(0, [0]), (1, [1]), (DISTRICT, [0, 1])])
def test_a_school_calls_about_its_own_children_and_a_family_may_stop_it(caller, about):
	script = Script(school=caller)
	family = replace(FAMILY, children=(Child(), Child(school=1)), links=(Link(0, 0), Link(0, 1)))
	assert [duty.child for duty in duties(Course(script, family))] == about
	stopped = Course(script, family, (Event(0, c.ONE_SCHOOL, "A"),))
	assert [duty.child for duty in duties(stopped)] == (about if caller else [])
	fire = replace(script, purpose=c.EMERGENCY)
	assert [duty.child for duty in duties(replace(stopped, script=fire))] == about


def test_a_child_who_changed_schools_is_the_other_ones():
	course = Course(Script(school=0), FAMILY, (Event(1, c.OTHER_SCHOOL),))
	assert duties(course) == [] and not may_ring(course.script, course.at(1), "A")
