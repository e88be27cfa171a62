"""The model asks for nothing impossible: a school that keeps each promise has done nothing wrong."""

from collections import Counter

import pytest

from tests.families import judge as j
from tests.families.corrections import corrections
from tests.families.course import Course
from tests.families.drawing import courses_of
from tests.families.judge import Heard, Observed, heard_where, judge
from tests.families.languages import language_of
from tests.families.promise import MUST, at_number, hears, to_alert
from tests.families.resends import hears_again, resends
from tests.families.story import tell
from tests.unit.families.orderly import Dialer, correct

COURSES = [course for group in courses_of(150, 3, 15) for course in group]


def dutiful(course: Course) -> Observed:
	"""Return what is seen of a school that calls each number in each round until someone there has heard."""
	seen, attempts, done = Observed(alerted=set(to_alert(course))), Counter(), set()
	campaigns = course.script.campaigns
	for move in course.dials():
		family, campaign = course.at(move), next(one for one in campaigns if move in one)
		again = any(resend < move for resend in resends(course))
		for line in family.lines:
			children = frozenset(
				child
				for child in range(len(family.children))
				if at_number(course.script, family, child, line) == MUST
				and not (again and hears_again(course, (child, line, move), heard_where(course, seen)))
			)
			if children - {child for child, *heard in done if heard == [line, campaign]}:
				attempts[line] += 1
				seen.rang.append((line, move))
				texted = course.script.fallback and attempts[line] >= course.script.tries
				if texted or hears(course.script, course.family.listens(line, attempts[line])):
					seen.heard.append(heard_by(course, line, move, children))
					done |= {(child, line, campaign) for child in children}
	correct(course, seen)
	for child in range(len(course.family.children)):
		seen.shown[child] = {"Not Reached"}
	return seen


def heard_by(course: Course, line: str, move: int, children: frozenset[int]) -> Heard:
	family = course.at(move)
	language = language_of(family, family.holders(line)[0], line)
	named = children if course.script.names_children else frozenset()
	return Heard(line, move, named, language)


def test_a_dutiful_school_does_nothing_wrong():
	for course in COURSES:
		assert judge(course, dutiful(course)) == []


def test_an_orderly_school_does_nothing_wrong():
	for group in courses_of(200, 5, 10):
		for course in group:
			found = judge(course, Dialer(course).play())
			assert found == [], tell(course, found)


def without_second_numbers(course: Course, seen: Observed) -> None:
	first = {one.lines[0] for one in course.family.guardians if one.lines}
	seen.heard = [one for one in seen.heard if one.line in first]


def to_everyone(course: Course, seen: Observed) -> None:
	seen.rang += [(line, move) for move in course.dials() for line in course.family.lines]


def to_no_one(course: Course, seen: Observed) -> None:
	seen.heard = []


def in_english(course: Course, seen: Observed) -> None:
	seen.heard = [Heard(one.line, one.move, one.children, "en") for one in seen.heard]


def without_corrections(course: Course, seen: Observed) -> None:
	seen.rang = [one for one in seen.rang if one[1] not in set(corrections(course))]


def as_if_reached(course: Course, seen: Observed) -> None:
	seen.shown = {child: {"Reached"} for child in seen.shown}


@pytest.mark.parametrize(
	("fault", "kind"),
	[
		(without_second_numbers, j.SILENT),
		(to_everyone, j.TOLD),
		(to_no_one, j.SILENT),
		(without_corrections, j.SILENT),
		(in_english, j.WORDS),
		(as_if_reached, j.ALERT),
	],
)
def test_a_careless_school_is_found_out(fault, kind):
	found = Counter()
	for course in COURSES:
		seen = dutiful(course)
		fault(course, seen)
		found.update(finding.kind for finding in judge(course, seen))
	assert found[kind] and set(found) <= {kind, j.ALERT if kind == j.SILENT else kind}
