"""In which language a number may be called, on small families made by hand."""

from dataclasses import replace

from tests.families import course as c
from tests.families import judge as j
from tests.families.course import Course, Event, Script
from tests.families.judge import Heard, Observed, judge
from tests.families.languages import language_of, spoken
from tests.families.school import UNKNOWN, Child, Consent, Family, Field, Guardian, Link

ROSA, OMAR = Guardian(Field(("A",)), language="es"), Guardian(Field(("A",)), language=UNKNOWN)
FAMILY = Family((Child(),), (OMAR, ROSA), (Link(0, 0, "Father"), Link(1, 0)), (Consent("A"),))
COURSE = Course(Script(), FAMILY)


def test_each_may_hear_their_own_language():
	both = replace(FAMILY, guardians=(ROSA, replace(OMAR, language="en")))
	assert spoken(replace(COURSE, family=both), "A", 1) == {"en", "es"}
	assert spoken(COURSE, "B", 1) == set()


def test_who_has_no_language_hears_that_of_the_other_one_at_the_number():
	assert spoken(COURSE, "A", 1) == {"es"} and language_of(FAMILY, 0, "A") == "es"
	heard = Heard("A", 1, frozenset({0}))
	assert [one.kind for one in judge(COURSE, Observed([("A", 1)], [heard]))] == [j.WORDS]
	assert judge(COURSE, Observed([("A", 1)], [replace(heard, language="es")])) == []


def test_alone_they_hear_the_schools_language():
	alone = replace(FAMILY, guardians=(OMAR, replace(ROSA, mobile=Field(("B",)))))
	assert spoken(replace(COURSE, family=alone), "A", 1) == {"en"} and language_of(alone, 0, "A") == "en"


def test_who_may_be_called_alone_may_hear_either():
	mine = replace(FAMILY, children=(Child(), Child()), links=(*FAMILY.links, Link(0, 1, "Father")))
	assert spoken(replace(COURSE, family=mine), "A", 1) == {"en", "es"}
	removed = Event(1, c.UNLINKED, guardian=1, child=0)
	assert spoken(replace(COURSE, events=(removed,)), "A", 1) == {"en", "es"}
