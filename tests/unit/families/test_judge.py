"""What the judge finds, and how the story is told."""

from dataclasses import replace

from tests.families import course as c
from tests.families import judge as j
from tests.families.course import Course, Script
from tests.families.judge import Heard, Observed, judge
from tests.families.school import COURT_ORDER, Child, Consent, Family, Field, Guardian, Link
from tests.families.story import tell

FAMILY = Family(
	(Child(), Child()),
	(Guardian(Field(("A",))), Guardian(Field(("B",), "label before"), language="es")),
	(Link(0, 0), Link(1, 1, "Father")),
	(Consent("A"), Consent("B")),
)
COURSE = Course(Script(c.ATTENDANCE, moves=(c.LOOK, c.DIAL, c.LATER)), FAMILY)
BOTH = [Heard("A", 1, frozenset({0})), Heard("B", 1, frozenset({1}), "es")]


def kinds(course: Course, **seen) -> list[str]:
	rang = [(one.line, one.move) for one in seen.get("heard", ())]
	return [one.kind for one in judge(course, Observed(**{"rang": rang, **seen}))]


def test_all_is_well_when_each_hears_of_their_own_child():
	assert kinds(COURSE, heard=BOTH) == []


def test_a_family_that_hears_nothing_is_missed_and_must_be_seen_by_staff():
	assert kinds(COURSE, heard=BOTH[:1]) == [j.SILENT, j.ALERT]
	assert kinds(COURSE, heard=BOTH[:1], shown={1: {"In Campaign", "Reached"}}) == [j.SILENT, j.ALERT]
	assert kinds(COURSE, heard=BOTH[:1], shown={1: {"In Campaign", "Not Reached"}}) == [j.SILENT]


def test_a_child_named_to_a_stranger_is_found():
	assert kinds(COURSE, heard=[BOTH[0], Heard("B", 1, frozenset({0, 1}), "es")]) == [j.TOLD]


def test_a_call_to_a_number_that_must_be_left_alone_is_found():
	closed = replace(COURSE, family=replace(FAMILY, consents=(Consent("A"),)))
	shown = {1: {"Blocked"}}
	assert kinds(closed, heard=BOTH[:1], shown=shown) == []
	assert kinds(closed, heard=BOTH[:1], rang=[("B", 1)], shown=shown) == [j.TOLD]


def test_who_pressed_9_is_left_alone_from_then_on():
	again = [*BOTH, Heard("A", 2, frozenset({0}))]
	assert kinds(COURSE, heard=again) == []
	assert kinds(COURSE, heard=again, stops=[("A", 1)]) == [j.TOLD, j.TOLD]


def test_where_one_guardian_is_enough_a_stop_answers_the_call():
	family = replace(FAMILY, children=(Child(),), links=(Link(0, 0), Link(1, 0, "Father")))
	one = Course(replace(COURSE.script, reach=c.ONE_GUARDIAN), family)
	assert kinds(one) == [j.SILENT, j.ALERT]
	assert kinds(one, stops=[("A", 1)]) == []


def test_a_call_while_nothing_may_leave_is_found():
	script = replace(COURSE.script, moves=(c.LOOK, c.DIAL, c.PAUSE, c.LATER))
	paused = replace(COURSE, script=script)
	assert kinds(paused, heard=BOTH) == []
	assert kinds(paused, heard=BOTH, rang=[("A", 1), ("B", 1), ("A", 3)]) == [j.TOLD]


def test_words_in_the_wrong_language_or_on_a_machine_are_found():
	assert kinds(COURSE, heard=[BOTH[0], replace(BOTH[1], language="en")]) == [j.WORDS]
	machine = replace(BOTH[1], by_machine=True, message=False)
	assert kinds(COURSE, heard=[*BOTH, machine]) == [j.WORDS]
	assert kinds(COURSE, heard=[*BOTH, replace(machine, children=frozenset())]) == []
	assert kinds(COURSE, heard=[BOTH[0], replace(BOTH[1], broken=True)]) == [j.WORDS]


def test_an_emergency_names_no_child_and_counts_for_those_of_the_number():
	fire = Course(Script(c.EMERGENCY), FAMILY)
	assert kinds(fire, heard=[Heard("A", 1), Heard("B", 1, language="es")]) == []
	assert kinds(fire, heard=[Heard("A", 1)]) == [j.SILENT, j.ALERT]
	assert kinds(fire, heard=[Heard("A", 1), Heard("B", 1, message=False)]) == [j.SILENT, j.ALERT]


def test_the_story_says_who_what_and_what_went_wrong():
	findings = judge(COURSE, Observed(rang=[("A", 1)], heard=BOTH[:1]))
	told = tell(COURSE, findings)
	assert "Omar has “(home) 312-555-0101” (number B), speaks Spanish." in told
	assert "2. Everyone who is due is contacted." in told
	assert told.endswith("WRONG: No one heard about Ben, and staff do not see it.")
	assert "WRONG: Omar must hear about Ben and did not." in told


def test_staff_who_were_not_told_of_a_court_order_that_cannot_be_kept_are_found():
	father = Guardian(Field((), "digits missing"))
	links = (*FAMILY.links, Link(2, 0, "Father", COURT_ORDER))
	family = replace(FAMILY, guardians=(*FAMILY.guardians, father), links=links)
	seen = {"heard": BOTH[1:], "shown": {0: {"Blocked"}}}
	assert kinds(replace(COURSE, family=family), **seen) == [j.ALERT]
	assert kinds(replace(COURSE, family=family), **seen, alerted={0}) == []
