"""Faults of the app that are known and not mended yet: what the judge finds because of them is left out.

Such courses are played all the same, and everything else in them is judged. Whoever mends a fault removes its
entry. `DIALER_FAMILIES_KNOWN=judged` leaves nothing out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from tests.families.course import ONE_GUARDIAN, Course
from tests.families.judge import ALERT, SILENT, Finding
from tests.families.promise import MUST, MUST_NOT, all_listen, guardians_of, may_know, standing
from tests.families.school import COURT_ORDER, Family

JUDGED = os.environ.get("DIALER_FAMILIES_KNOWN") == "judged"


def is_behind_another(course: Course, finding: Finding) -> bool:
	"""Return whether a call for someone else may have been the only one at a number that counts here.

	A recipient is one person with a list of students. Of two people with one number, one represents both:
	the other one's child is not said, and a number that is called for one recipient is left out of others.
	"""
	return any(
		one != guardian and (finding.kind == ALERT or is_party(course, one))
		for guardian in concerned(course, finding)
		for line in needed(course, guardian, finding.child)
		for one in course.family.holders(line)
	)


def concerned(course: Course, finding: Finding) -> Iterable[int]:
	"""Return the guardians whose calls a silence is about, or a child that staff do not see."""
	if finding.kind == SILENT:
		return finding.guardians
	return guardians_of(course.family, finding.child) if finding.kind == ALERT else ()


def needed(course: Course, guardian: int, child: int) -> Iterator[str]:
	"""Yield the numbers of a guardian, up to one that is sure to be called and listened at."""
	family = course.family
	for line in family.guardians[guardian].lines:
		yield line
		if all_listen(course, line) and standing(course.script, family, guardian, child, line) == MUST:
			return


def is_party(course: Course, guardian: int) -> bool:
	links = [link for link in course.family.links if link.guardian == guardian]
	return any(link.permission != COURT_ORDER for link in links)


def is_behind_a_sibling(course: Course, finding: Finding) -> bool:
	"""Return whether a call about a sibling may hide this child, about whom other people or numbers may hear.

	One number and one list of students stand for all: the call is over once someone heard about the sibling,
	and no row says that this child was left out.
	"""
	family = course.family
	for guardian in concerned(course, finding):
		for other in (link.child for link in family.links if link.guardian == guardian):
			for move in range(len(course.script.moves)):
				mine, others = (rights(course, move, guardian, one) for one in (finding.child, other))
				hidden = bool(others) and others != mine and (finding.kind == ALERT or bool(mine))
				if other != finding.child and hidden:
					return True
	return False


def rights(course: Course, move: int, guardian: int, child: int) -> list[tuple[int, str]]:
	"""Return who may be called at which number about the child, of those who are called together.

	Everyone is called alone; with one guardian of each child, all of a child's guardians are one call.
	"""
	family = course.at(move)
	people = guardians_of(family, child) if course.script.reach == ONE_GUARDIAN else [guardian]
	return [
		(one, line)
		for one in people
		for line in family.guardians[one].lines or ("",)
		if standing(course.script, family, one, child, line) != MUST_NOT
		or (not line and would_hear(course, family, one, child))
	]


def would_hear(course: Course, family: Family, guardian: int, child: int) -> bool:
	"""Return whether a guardian without a number is on the list for this child."""
	links = [link for link in family.links if (link.guardian, link.child) == (guardian, child)]
	return all(may_know(course.script, family, link) for link in links) and bool(links)


KNOWN: dict[str, Callable[[Course, Finding], bool]] = {
	"of two people with one number, one is called for both (31 B2)": is_behind_another,
	"a child is not said, and not shown, behind a sibling with other rights (31 B2)": is_behind_a_sibling,
}


def is_known(course: Course, finding: Finding) -> bool:
	return not JUDGED and any(explains(course, finding) for explains in KNOWN.values())
