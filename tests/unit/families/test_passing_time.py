"""What the model says of an evening, a night, and a number that another guardian has by now."""

from dataclasses import replace

import pytest

from tests.families import course as c
from tests.families.corrections import must_be_corrected
from tests.families.course import Course, Event, Script
from tests.families.languages import spoken
from tests.families.promise import MUST, MUST_NOT, at_number, duties, may_ring, stopped
from tests.families.school import SOON, Child, Consent, Family, Field, Guardian, Link, OptOut
from tests.families.simpler import is_sound
from tests.families.story import tell

ROSA, OMAR = Guardian(Field(("A",)), language="es"), Guardian(Field(("B",)))
ALONE = Family((Child(),), (ROSA,), (Link(0, 0),), (Consent("A"),))
BOTH = replace(ALONE, guardians=(ROSA, OMAR), consents=(Consent("A"), Consent("B")))
"""Omar is on record, and not as the guardian of the child."""
OVERNIGHT = (c.START, c.DIAL, c.EVENING, c.DIAL, c.NIGHT, c.DIAL)
GIVEN = Event(1, c.GIVEN, "A", guardian=1)


@pytest.mark.parametrize(
	("purpose", "dials"), [(c.EVENT, [1, 5]), (c.EMERGENCY, [1, 3, 5]), (c.ATTENDANCE, [1])]
)
def test_calls_come_late_in_emergencies_only_and_no_absence_is_of_yesterday(purpose, dials):
	assert list(Course(Script(purpose, moves=OVERNIGHT), ALONE).dials()) == dials


def test_who_is_planned_in_the_evening_must_hear_in_the_morning():
	script = Script(moves=(c.START, c.EVENING, c.DIAL, c.NIGHT, c.DIAL))
	assert duties(Course(script, ALONE))
	ends = replace(ALONE, consents=(Consent("A", ends=SOON),))
	assert not duties(Course(script, ends))


def test_a_number_is_of_one_who_has_it_by_now():
	course = Course(Script(), BOTH, (GIVEN,))
	assert may_ring(course.script, course.at(0), "A") and not may_ring(course.script, course.at(1), "A")
	own = replace(BOTH, links=(Link(0, 0), Link(1, 0, "Father")))
	now = Course(Script(), own, (GIVEN,)).at(1)
	assert at_number(Script(), now, 0, "A") == MUST and now.holders("B") == []
	hers = replace(own, consents=(Consent("A", 0),))
	assert at_number(Script(), Course(Script(), hers, (GIVEN,)).at(1), 0, "A") == MUST_NOT


def test_nothing_is_said_of_a_word_that_came_from_the_number_before():
	own = replace(BOTH, links=(Link(0, 0), Link(1, 0, "Father")), opt_outs=(OptOut("A"),))
	now = Course(Script(), replace(own, guardians=(ROSA, OMAR)), (GIVEN,)).at(1)
	assert stopped(Script(), now, 1, "A") and stopped(Script(), now, 0, "C") is None
	corrected = Course(Script(moves=(c.START, c.DIAL, c.CORRECT)), own, (GIVEN,))
	assert not must_be_corrected(corrected, 2, "A")


def test_the_call_may_be_in_the_language_of_both():
	course = Course(Script(), BOTH, (GIVEN,))
	assert spoken(course, "A", 0) == {"es"} and spoken(course, "A", 1) == {"es", "en"}
	assert is_sound(course) and "Omar has the mobile number A now" in tell(course)
