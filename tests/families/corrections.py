"""What the app promises when a message was wrong: who must hear its correction, and who must not.

Written from docs/school/corrections.md, as `promise` is from the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.families.course import CORRECT, EMERGENCY, Course
from tests.families.promise import MUST, at_number, is_barred
from tests.families.school import WRONG_NUMBER

UNANSWERED = ("no answer", "busy", "fails", "refused")
UNSENT = ("fails", "refused")
"""What the carrier says of a number to which no text came. What becomes of one is the same each time."""


def corrections(course: Course) -> Iterator[int]:
	"""Yield the moves in which a message is corrected."""
	return (index for index, move in enumerate(course.script.moves) if move == CORRECT)


def may_be_corrected(course: Course, move: int, line: str, asked: int) -> bool:
	"""Return whether this number may be called for the correction.

	`asked`: how often it was called or texted before. Who opted out since, or may not be contacted by court
	order, is not.
	"""
	return asked > 0 and not is_in_vain(course, line, asked) and not is_closed(course, move, line)


def is_in_vain(course: Course, line: str, asked: int) -> bool:
	"""Return whether no one was reached by so many calls and texts, and the carrier said so each time."""
	script = course.script
	calls = [course.family.listens(line, number) for number in range(1, asked + 1)]
	if script.loses_requests:
		return False
	unsent = course.family.listens(line, 1) in UNSENT and all(one in UNSENT for one in calls)
	if script.channel == "Text":
		return unsent
	return all(one in UNANSWERED for one in calls) and (unsent or not script.fallback)


def must_be_corrected(course: Course, move: int, line: str) -> bool:
	"""Return whether a number at which the message was heard must be called, or texted, for the correction.

	Whose number it is no more, or whose child, may be left alone.
	"""
	family = course.at(move)
	children = range(len(family.children))
	known = any(at_number(course.script, family, child, line) == MUST for child in children)
	return known and line not in family.given and not is_closed(course, move, line)


def is_closed(course: Course, move: int, line: str) -> bool:
	"""Return whether an opt-out at the number or court orders about all children hold it back.

	The correction of an emergency is only stopped by an opt-out of everything.
	"""
	script, family = course.script, course.at(move)
	stops = [one for one in family.opt_outs if one.line == line and one.covers(script.purpose, script.school)]
	if any(script.purpose != EMERGENCY or one.scope in ("everything", WRONG_NUMBER) for one in stops):
		return True
	return all(is_barred(family, child, line) for child in range(len(family.children)))
