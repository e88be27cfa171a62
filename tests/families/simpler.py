"""Simpler forms of a course, to find the shortest story that still goes wrong.

Each differs from the course in one thing. As families do not touch each other, all of them can be played
together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.families import school as s
from tests.families.course import MERGED, Course
from tests.families.school import Child, Family, Field, Guardian, Link


def simpler(course: Course) -> list[Course]:
	"""Return what is left when one thing of the course is left out or made ordinary."""
	found = [replace(course, events=events) for events in without_each(course.events)]
	found += [replace(course, family=family) for family in simpler_families(course.family)]
	found += without_person(course)
	return list(dict.fromkeys(one for one in found if one != course and is_sound(one)))


def without_each(rows: tuple) -> Iterator[tuple]:
	for index in range(len(rows)):
		yield rows[:index] + rows[index + 1 :]


def simpler_families(family: Family) -> Iterator[Family]:
	for links in without_each(family.links):
		yield replace(family, links=links)
	for stops in without_each(family.opt_outs):
		yield replace(family, opt_outs=stops)
	for far in without_each(family.far):
		yield replace(family, far=far)
	for index, one in enumerate(family.guardians):
		for simple in simpler_guardians(one):
			yield replace(family, guardians=put(family.guardians, index, simple))
	for index, link in enumerate(family.links):
		plain = Link(link.guardian, link.child)
		yield replace(family, links=put(family.links, index, replace(plain, permission=link.permission)))
		yield replace(family, links=put(family.links, index, replace(link, permission=s.ALL)))
	for index, one in enumerate(family.consents):
		plain = replace(one, purpose=s.ANY_PURPOSE, ends=None)
		yield replace(family, consents=put(family.consents, index, plain))
	for index, (line, _behaviors) in enumerate(family.listeners):
		yield replace(family, listeners=put(family.listeners, index, (line, ("listens",))))
	for index, child in enumerate(family.children):
		yield replace(family, children=put(family.children, index, Child(child.absent)))


def simpler_guardians(one: Guardian) -> Iterator[Guardian]:
	if one.other:
		yield replace(one, other=None)
		yield replace(one, mobile=one.other, other=None)
	if one.mobile and len(one.mobile.lines) > 1:
		yield replace(one, mobile=Field(one.mobile.lines[:1]))
	if one.mobile and one.mobile.lines and one.mobile.notation not in s.OF_TWO:
		yield replace(one, mobile=Field(one.mobile.lines))
	yield replace(one, language="en", again=None)


def put(rows: tuple, index: int, value: object) -> tuple:
	return (*rows[:index], value, *rows[index + 1 :])


def without_person(course: Course) -> Iterator[Course]:
	"""Yield the course without its last guardian, and without its last child."""
	family = course.family
	last = len(family.guardians) - 1
	kept = [link for link in family.links if link.guardian != last]
	if kept and last:
		lines = {line for one in family.guardians[:last] for line in one.lines}
		yield replace(
			course,
			family=replace(
				family,
				guardians=family.guardians[:last],
				links=tuple(kept),
				consents=tuple(one for one in family.consents if one.line in lines and one.guardian != last),
				opt_outs=tuple(one for one in family.opt_outs if one.line in lines),
				listeners=tuple(one for one in family.listeners if one[0] in lines),
				far=tuple(line for line in family.far if line in lines),
			),
			events=tuple(one for one in course.events if one.guardian != last and one.line in {"", *lines}),
		)
	last = len(family.children) - 1
	if last:
		yield replace(
			course,
			family=replace(
				family,
				children=family.children[:last],
				links=tuple(link for link in family.links if link.child != last),
			),
			events=tuple(one for one in course.events if one.child != last),
		)


def is_sound(course: Course) -> bool:
	"""Return whether each child still has a guardian, and nothing speaks of a number that is gone."""
	family = course.family
	lines = {*family.lines, ""}
	return (
		{link.child for link in family.links} == set(range(len(family.children)))
		and all(one.line in lines for one in (*family.consents, *family.opt_outs, *course.events))
		and all(one.again is None or one.again < len(family.guardians) for one in family.guardians)
		and all(family.person(one.guardian) != one.guardian for one in course.events if one.what == MERGED)
	)
