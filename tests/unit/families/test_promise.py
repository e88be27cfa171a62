"""The model of who must hear, on small families made by hand."""

from dataclasses import replace

import pytest

from tests.families import course as c
from tests.families.course import Course, Event, Script
from tests.families.promise import (
	MAY,
	MUST,
	MUST_NOT,
	Duty,
	at_number,
	duties,
	may_ring,
	to_alert,
	without_news,
)
from tests.families.school import (
	COURT_ORDER,
	EMERGENCY_ONLY,
	Child,
	Consent,
	Family,
	Field,
	Guardian,
	Link,
	OptOut,
)

EVENT = Script()
ABSENCE = Script(c.ATTENDANCE, moves=(c.LOOK, c.DIAL, c.LATER))
FIRE = Script(c.EMERGENCY)
ROSA = Guardian(Field(("A",)))
OMAR = Guardian(Field(("B",)))
FAMILY = Family((Child(),), (ROSA,), (Link(0, 0),), (Consent("A"),))


def test_a_mother_who_agreed_and_listens_must_hear():
	assert duties(Course(EVENT, FAMILY)) == [Duty(0, (0,))]
	assert at_number(EVENT, FAMILY, 0, "A") == MUST


@pytest.mark.parametrize(
	"change",
	[
		{"consents": ()},
		{"consents": (Consent("A", ends=-1),)},
		{"consents": (Consent("A", purpose="Fees"),)},
		{"opt_outs": (OptOut("A"),)},
		{"opt_outs": (OptOut("A", "this purpose", "Event"),)},
		{"links": (Link(0, 0, permission=EMERGENCY_ONLY),)},
		{"links": (Link(0, 0, permission=COURT_ORDER),)},
		{"links": (Link(0, 0), Link(0, 0, permission=COURT_ORDER))},
		{"children": (Child(left=True),)},
	],
)
def test_no_one_may_call_without_the_right_and_the_consent(change):
	family = replace(FAMILY, **change)
	assert at_number(EVENT, family, 0, "A") == MUST_NOT
	assert not may_ring(EVENT, family, "A")
	assert duties(Course(EVENT, family)) == []


def test_an_emergency_needs_no_consent_and_stops_at_everything_alone():
	alone = replace(FAMILY, consents=(), links=(Link(0, 0, permission=EMERGENCY_ONLY),))
	assert at_number(FIRE, alone, 0, "A") == MUST
	assert at_number(FIRE, replace(alone, opt_outs=(OptOut("A"),)), 0, "A") == MUST
	assert at_number(FIRE, replace(alone, opt_outs=(OptOut("A", "everything"),)), 0, "A") == MUST_NOT


@pytest.mark.parametrize(
	"number", [Field(("A",), "label before"), Field(("B", "A"), "slash"), Field((), "unreadable")]
)
def test_a_court_order_is_of_the_number_however_it_is_written(number):
	family = Family(
		(Child(),),
		(ROSA, Guardian(number)),
		(Link(0, 0), Link(1, 0, "Father", COURT_ORDER)),
		(Consent("A"),),
	)
	assert at_number(EVENT, family, 0, "A") == MUST_NOT


def test_records_are_for_parents_of_a_minor():
	stranger = replace(FAMILY, links=(Link(0, 0, "Others"),))
	assert at_number(ABSENCE, stranger, 0, "A") == MUST_NOT
	assert at_number(EVENT, stranger, 0, "A") == MUST
	chosen = replace(FAMILY, links=(Link(0, 0, "Others", records="Yes"),))
	assert at_number(ABSENCE, chosen, 0, "A") == MUST
	assert at_number(ABSENCE, replace(FAMILY, children=(Child(adult=True),)), 0, "A") == MUST_NOT
	assert at_number(ABSENCE, replace(FAMILY, children=(Child(absent=False),)), 0, "A") == MUST_NOT


TWO = Guardian(Field(("A",)), Field(("B",)))
OF_TWO = replace(FAMILY, guardians=(TWO,), consents=(Consent("A"), Consent("B")), opt_outs=(OptOut("A"),))


def test_a_stop_is_of_the_person_at_all_their_numbers_but_not_in_an_emergency():
	assert at_number(EVENT, OF_TWO, 0, "B") == MUST_NOT
	everything = replace(OF_TWO, opt_outs=(OptOut("A", "everything"),))
	assert at_number(EVENT, everything, 0, "B") == MUST_NOT
	assert [at_number(FIRE, everything, 0, line) for line in "AB"] == [MUST_NOT, MUST]


def test_a_stop_at_a_number_of_two_people_counts_for_those_who_have_it_first():
	both = replace(OF_TWO, guardians=(TWO, ROSA))
	assert at_number(EVENT, both, 0, "B") == MUST_NOT
	second = replace(OF_TWO, guardians=(Guardian(Field(("B",)), Field(("A",))), ROSA))
	assert at_number(EVENT, second, 0, "B") == MUST
	named = replace(both, opt_outs=(OptOut("A", guardian=1),))
	assert at_number(EVENT, named, 0, "B") == MUST


def test_a_stop_on_another_record_of_the_same_person_may_count():
	records = (Guardian(Field(("B",))), replace(ROSA, again=0))
	assert at_number(EVENT, replace(OF_TWO, guardians=records), 0, "B") == MAY


def test_a_wrong_number_stops_everything_at_the_number_alone():
	family = replace(OF_TWO, opt_outs=())
	course = Course(EVENT, family, (Event(1, c.WRONG, "A"),))
	assert [at_number(script, course.at(1), 0, "A") for script in (EVENT, FIRE)] == [MUST_NOT, MUST_NOT]
	assert at_number(EVENT, course.at(1), 0, "B") == MUST
	for what in (c.UNDONE, c.MISTAKE):
		assert Course(EVENT, family, (Event(1, what, "A"),)).at(1) == family


def test_a_number_that_is_closed_before_the_first_call_is_passed_over():
	family = replace(OF_TWO, opt_outs=())
	assert duties(Course(EVENT, family, (Event(1, c.WRONG, "A"),))) == [Duty(0, (0,))]
	assert duties(Course(EVENT, family, (Event(1, c.STOP, "A"),))) == []
	moves = (c.START, c.DIAL, c.LATER)
	assert duties(Course(Script(moves=moves), family, (Event(2, c.WRONG, "A"),))) == []


def test_mail_is_the_word_of_its_sender():
	family = replace(OF_TWO, guardians=(TWO, Guardian(Field(("C",)), Field(("A",)))), opt_outs=())
	family = replace(family, links=(Link(0, 0), Link(1, 0)), consents=(*OF_TWO.consents, Consent("C")))
	after = Course(EVENT, family, (Event(1, c.MAIL, guardian=0),)).at(1)
	assert [at_number(EVENT, after, 0, line) for line in "ABC"] == [MUST_NOT, MUST_NOT, MUST]


def test_two_people_with_one_number_hear_of_both_children():
	family = Family(
		(Child(), Child()),
		(ROSA, replace(ROSA, language="es")),
		(Link(0, 0), Link(1, 1, "Father")),
		(Consent("A", 0), Consent("A", 1)),
	)
	assert duties(Course(ABSENCE, family)) == [Duty(0, (0,)), Duty(1, (1,))]
	over = replace(family, consents=(Consent("A", 0, ends=-10), Consent("A", 1)))
	assert [at_number(ABSENCE, over, child, "A") for child in (0, 1)] == [MUST_NOT, MUST]


def test_where_one_guardian_is_enough_one_of_them_must_hear():
	family = Family((Child(),), (ROSA, OMAR), (Link(0, 0), Link(1, 0)), (Consent("A"), Consent("B")))
	course = Course(replace(EVENT, reach=c.ONE_GUARDIAN), family)
	assert duties(course) == [Duty(0, (0, 1))]
	early = replace(course, family=replace(family, listeners=(("A", ("hangs up",)),)))
	assert duties(early) == [Duty(0, (0, 1))]
	for word in ("busy", "no answer"):
		late = replace(family, listeners=(("A", ("hangs up",)), ("B", (word, "listens"))))
		script = replace(course.script, tries=2, moves=(c.START, c.DIAL, c.LATER))
		assert duties(replace(course, script=script, family=late)) == []


def test_half_siblings_are_called_about_one_by_one_where_one_guardian_is_enough():
	links = (Link(0, 0), Link(0, 1), Link(1, 1))
	listeners = (("A", ("listens", "no answer")), ("B", ("listens",)))
	agreed = (Consent("A"), Consent("B"))
	family = Family((Child(), Child()), (ROSA, OMAR), links, agreed, listeners=listeners)
	script = replace(EVENT, reach=c.ONE_GUARDIAN)
	assert Duty(0, (0,)) not in duties(Course(script, family))
	assert Duty(0, (0,)) in duties(Course(EVENT, family))
	assert Duty(0, (0,)) in duties(Course(script, replace(family, links=(Link(0, 0), Link(0, 1)))))


def test_records_wait_for_a_key_that_a_silent_person_does_not_press():
	family = replace(FAMILY, listeners=(("A", ("silent",)),))
	assert duties(Course(ABSENCE, family)) == []


@pytest.mark.parametrize(
	("behaviors", "tries", "sure"),
	[
		(("no answer", "listens"), 2, True),
		(("no answer", "listens"), 1, False),
		(("busy", "listens"), 2, True),
		(("hangs up", "listens"), 3, False),
		(("presses 9",), 3, False),
		(("silent",), 1, True),
		(("unsure",), 1, True),
	],
)
def test_who_picks_up_in_time_must_hear(behaviors, tries, sure):
	script = replace(EVENT, tries=tries, moves=(c.START, c.DIAL, c.LATER))
	family = replace(FAMILY, listeners=(("A", behaviors),))
	assert bool(duties(Course(script, family))) is sure


def test_what_changes_on_the_way_ends_the_duty_and_closes_the_number():
	course = Course(ABSENCE, FAMILY, (Event(2, c.STOP, "A"),))
	assert duties(course) == []
	assert may_ring(ABSENCE, course.at(1), "A") and not may_ring(ABSENCE, course.at(2), "A")
	assert not may_ring(ABSENCE, Course(ABSENCE, FAMILY, (Event(1, c.PRESENT),)).at(1), "A")
	assert not may_ring(ABSENCE, Course(ABSENCE, FAMILY, (Event(1, c.ORDER),)).at(1), "A")
	assert duties(Course(ABSENCE, FAMILY, (Event(1, c.RENAMED),))) == [Duty(0, (0,))]


def test_a_sibling_who_is_marked_later_counts_at_the_second_look():
	script = Script(c.ATTENDANCE, moves=(c.LOOK, c.DIAL, c.LOOK, c.DIAL))
	family = replace(FAMILY, children=(Child(), Child(absent=False)), links=(Link(0, 0), Link(0, 1)))
	course = Course(script, family, (Event(2, c.ABSENT, child=1),))
	assert duties(course) == [Duty(0, (0,)), Duty(1, (0,))]


def test_a_child_whose_absence_was_corrected_is_left_to_the_next_look():
	course = Course(ABSENCE, FAMILY, (Event(1, c.PRESENT), Event(1, c.ABSENT)))
	assert duties(course) == []
	later = replace(FAMILY, children=(Child(absent=False),))
	assert without_news(Course(ABSENCE, later, (Event(1, c.ABSENT),)), []) == []


def test_a_retry_is_sure_only_after_its_delay():
	script = replace(EVENT, tries=3, moves=(c.START, c.DIAL, c.DIAL, c.LATER))
	family = replace(FAMILY, listeners=(("A", ("no answer", "no answer", "listens")),))
	assert duties(Course(script, family)) == []
	assert duties(Course(replace(script, moves=(*script.moves, c.LATER)), family)) == [Duty(0, (0,))]


def test_a_campaign_that_is_paused_or_waits_for_approval_calls_no_one():
	moves = (c.START, c.DIAL, c.PAUSE, c.CHANGE, c.RESUME, c.LATER, c.APPROVE, c.DIAL)
	assert list(Course(Script(c.EMERGENCY, moves=moves), FAMILY).dials()) == [1, 7]
	assert list(Course(Script(c.EVENT, moves=moves), FAMILY).dials()) == [1, 5, 7]


def test_staff_must_see_the_children_about_whom_no_one_heard():
	course = Course(
		ABSENCE, replace(FAMILY, children=(Child(), Child(absent=False)), links=(Link(0, 0), Link(0, 1)))
	)
	assert without_news(course, []) == [0]
	assert without_news(course, [0]) == []


def test_no_one_hears_of_a_child_who_has_left_since_the_plan():
	for script in (EVENT, FIRE):
		course = Course(script, FAMILY, (Event(1, c.LEAVES),))
		assert duties(course) == [] and without_news(course, []) == []
		assert not may_ring(script, course.at(1), "A")


def test_an_absence_that_is_marked_again_after_a_call_in_vain_must_be_heard_of():
	script = replace(ABSENCE, moves=c.LOOKED_AGAIN, tries=2)
	corrected = (Event(2, c.PRESENT), Event(3, c.ABSENT))
	family = replace(FAMILY, listeners=(("A", ("no answer", "listens")),))
	assert duties(Course(script, family, corrected)) == [Duty(0, (0,))]
	assert duties(Course(script, FAMILY, corrected)) == [], "who heard it is not called again"
	assert duties(Course(script, family, corrected[:1])) == []
	assert duties(Course(replace(script, tries=1), family, corrected)) == []


def test_a_number_that_has_left_the_record_is_left_alone():
	for script in (EVENT, FIRE):
		course = Course(script, FAMILY, (Event(1, c.MOVED),))
		assert may_ring(script, course.at(0), "A") and not may_ring(script, course.at(1), "A")
		assert duties(course) == []
	assert may_ring(FIRE, course.at(1), c.NEW) and not may_ring(EVENT, course.at(1), c.NEW)
	both = replace(FAMILY, guardians=(ROSA, ROSA), links=(Link(0, 0), Link(1, 0)))
	assert duties(Course(EVENT, both, (Event(1, c.MOVED),))) == [Duty(0, (1,))]


def test_who_stopped_at_a_number_that_is_no_ones_any_more_may_have_been_anyone():
	course = Course(EVENT, replace(OF_TWO, opt_outs=(OptOut("A"),)), (Event(1, c.MOVED),))
	assert at_number(EVENT, course.at(1), 0, "B") == MAY


def test_who_is_no_guardian_any_more_does_not_hear():
	course = Course(EVENT, FAMILY, (Event(1, c.UNLINKED),))
	assert not may_ring(EVENT, course.at(1), "A")
	assert duties(course) == [] and without_news(course, []) == [0]


def test_a_merged_record_leaves_its_children_and_consent_and_not_its_number():
	again = Guardian(Field(("A",)), Field(("B",)), again=0)
	links = (Link(0, 0), Link(1, 1))
	family = Family((Child(), Child()), (ROSA, again), links, (Consent("A", 1), Consent("B", 1)))
	assert at_number(EVENT, family, 0, "A") == MUST_NOT
	after = Course(EVENT, family, (Event(1, c.MERGED, guardian=1),)).at(1)
	assert [at_number(EVENT, after, child, "A") for child in (0, 1)] == [MUST, MUST]
	assert not may_ring(EVENT, after, "B")
	barred = replace(family, links=(Link(0, 0, permission=COURT_ORDER), Link(1, 0)))
	assert not may_ring(FIRE, Course(FIRE, barred, (Event(1, c.MERGED, guardian=1),)).at(1), "A")


def test_where_it_is_too_early_only_an_emergency_comes():
	family = replace(FAMILY, far=("A",))
	assert duties(Course(EVENT, family)) == [] and not may_ring(EVENT, family, "A")
	assert duties(Course(FIRE, family)) == [Duty(0, (0,))]
	two = replace(OF_TWO, opt_outs=(), far=("A",))
	assert duties(Course(EVENT, two)) == [Duty(0, (0,))], "the other number is called now"
	assert duties(Course(EVENT, replace(two, listeners=(("B", ("no answer", "listens")),)))) == []


def test_an_approved_leave_excuses_and_a_canceled_one_takes_the_attendance_with_it():
	for what in (c.EXCUSED, c.UNEXCUSED):
		course = Course(ABSENCE, FAMILY, (Event(1, what),))
		assert duties(course) == [] and not may_ring(ABSENCE, course.at(1), "A")
		marked = replace(course, events=(Event(1, what), Event(2, c.ABSENT))).at(2)
		assert may_ring(ABSENCE, marked, "A") is (what == c.UNEXCUSED)


def test_staff_must_be_told_of_a_court_order_that_names_no_number():
	father = Guardian(Field((), "unreadable"))
	links = (Link(0, 0), Link(1, 0, "Father", COURT_ORDER))
	family = replace(FAMILY, guardians=(ROSA, father), links=links)
	assert to_alert(Course(EVENT, family)) == [0]
	assert to_alert(Course(EVENT, FAMILY)) == []
	assert to_alert(Course(EVENT, replace(family, children=(Child(left=True),)))) == []
	assert to_alert(Course(replace(EVENT, moves=(c.START,)), family)) == [], "no call shows a plan"
