"""What the app promises when a message was wrong: who must hear its correction, and who must not.

Written from docs/school/corrections.md, as `promise` is from the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.families.course import CORRECT, EMERGENCY, Course
from tests.families.promise import MUST, at_number, is_barred
from tests.families.school import WRONG_NUMBER

UNANSWERED = ("no answer", "busy", "fails")


def corrections(course: Course) -> Iterator[int]:
	"""Yield the moves in which a message is corrected."""
	return (index for index, move in enumerate(course.script.moves) if move == CORRECT)


def may_be_corrected(course: Course, move: int, line: str, asked: set[str]) -> bool:
	"""Return whether this number may be called for the correction.

	`asked`: the numbers that were called or texted before. Who opted out since, or may not be contacted by
	court order, is not.
	"""
	return line in asked and not is_in_vain(course, line) and not is_closed(course, move, line)


def is_in_vain(course: Course, line: str) -> bool:
	"""Return whether no call to this number is answered, and the carrier says so."""
	script, behaviors = course.script, dict(course.family.listeners).get(line) or ("listens",)
	calls_only = script.channel == "Voice" and not script.fallback and not script.loses_requests
	return calls_only and all(one in UNANSWERED for one in behaviors)


def must_be_corrected(course: Course, move: int, line: str) -> bool:
	"""Return whether a number at which the message was heard must be called, or texted, for the correction.

	Whose number it is no more, or whose child, may be left alone.
	"""
	family = course.at(move)
	children = range(len(family.children))
	known = any(at_number(course.script, family, child, line) == MUST for child in children)
	return known and not is_closed(course, move, line)


def is_closed(course: Course, move: int, line: str) -> bool:
	"""Return whether an opt-out at the number or court orders about all children hold it back.

	The correction of an emergency is only stopped by an opt-out of everything.
	"""
	script, family = course.script, course.at(move)
	stops = [one for one in family.opt_outs if one.line == line and one.covers(script.purpose, script.school)]
	if any(script.purpose != EMERGENCY or one.scope in ("everything", WRONG_NUMBER) for one in stops):
		return True
	return all(is_barred(family, child, line) for child in range(len(family.children)))
