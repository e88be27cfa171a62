"""Courses that are drawn, and what makes them simpler."""

from collections import Counter

import pytest

from tests.families.drawing import MOVES, courses_of, scripts
from tests.families.promise import duties
from tests.families.school import DISTRICT, SOON
from tests.families.simpler import is_sound, simpler
from tests.families.story import tell

COUNT, TOGETHER, SEED = 240, 10, 7


def test_a_seed_draws_the_same_courses_and_another_seed_others():
	first, second = courses_of(20, SEED, 10), courses_of(20, SEED, 10)
	assert first == second
	assert first != courses_of(20, SEED + 1, 10)


def test_the_courses_are_of_all_kinds_and_most_families_must_hear():
	groups = courses_of(COUNT, SEED, TOGETHER)
	assert sum(map(len, groups)) == COUNT
	played = [group[0].script for group in groups]
	assert all(course.script == group[0].script for group in groups for course in group)
	assert {script.purpose for script in played} == {"Attendance", "Event", "Emergency"}
	assert {script.channel for script in played} == {"Voice", "Text"}
	assert any(script.faults for script in played) and any(script.tries == 3 for script in played)
	courses = [course for group in groups for course in group]
	assert sum(bool(duties(course)) for course in courses) > COUNT / 3
	events = Counter(event.what for course in courses for event in course.events)
	assert {"STOP", "order", "renamed", "wrong number", "mistake", "another number", "merged"} <= set(events)
	assert {"START", "ticket", "agent", "one school", "another school", "given to another"} <= set(events)
	assert {"evening", "night"} <= {move for script in played for move in script.moves}
	assert any(script.fallback for script in played) and {None, 0, DISTRICT} == {one.school for one in played}
	assert any(len(script.campaigns) > 1 for script in played)
	assert any(one.ends == SOON for course in courses for one in course.family.consents)
	assert any(course.family.far for course in courses)
	assert all(is_sound(course) and tell(course) for course in courses)


@pytest.mark.parametrize("purpose", MOVES)
def test_a_share_of_a_thousand_has_all_moves_of_a_purpose(purpose):
	assert {script.moves for script in scripts(purpose, len(MOVES[purpose]), SEED)} == set(MOVES[purpose])


def test_a_simpler_course_is_sound_and_different():
	for group in courses_of(60, SEED, 30):
		for course in group:
			for one in simpler(course):
				assert one != course and is_sound(one)
