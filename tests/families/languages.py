"""In which language a number may be called: one that is on record there, or else the school's.

Written from docs/school/messages.md, as `promise` is from the rest.
"""

from __future__ import annotations

from tests.families.course import Course
from tests.families.promise import MUST, concerns, standing
from tests.families.school import UNKNOWN, Family

OF_SCHOOL = "en"


def spoken(course: Course, line: str, move: int) -> set[str]:
	"""Return the languages in which people may hear this number's message. Empty if it is on no record."""
	own = {
		family.guardians[one].language
		for family in (course.family, course.at(move))
		for one in family.holders(line)
	}
	if UNKNOWN not in own:
		return own
	return own - {UNKNOWN} if is_on_record(course, line, move) else own - {UNKNOWN} | {OF_SCHOOL}


def is_on_record(course: Course, line: str, move: int) -> bool:
	"""Return whether everyone without a language shares all calls at the number with one who has one.

	Who is called about another child, or was left out until now, may be called alone.
	"""
	family = course.at(move)
	holders = family.holders(line)
	known = [one for one in holders if family.guardians[one].language]
	return all(
		any(shares_calls(course, one, other, line, move) for other in known)
		for one in holders
		if not family.guardians[one].language
	)


def shares_calls(course: Course, guardian: int, other: int, line: str, move: int) -> bool:
	"""Return whether the other one was called here about each child of this guardian so far."""
	children = {link.child for link in course.family.links if link.guardian == guardian}
	records = [course.at(index) for index in range(move + 1)]
	return all(
		standing(course.script, now, other, child, line) == MUST
		for now in records
		for child in children
		if concerns(course.script, now, child)
	)


def language_of(family: Family, guardian: int, line: str) -> str:
	"""Return the language of a call to this guardian at this number."""
	people = (guardian, *family.holders(line))
	return next(filter(None, (family.guardians[one].language for one in people)), OF_SCHOOL)
