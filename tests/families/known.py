"""Faults of the app that are known and not mended yet: what the judge finds because of them is left out.

Such courses are played all the same, and everything else in them is judged. Who mends a fault removes its
entry. `DIALER_FAMILIES_KNOWN=judged` leaves nothing out.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from tests.families.course import EMERGENCY, ONE_GUARDIAN, Course
from tests.families.judge import ALERT, Finding
from tests.families.promise import MUST_NOT, guardians_of, is_barred, may_know, standing
from tests.families.school import ALL, EMERGENCY_ONLY, Family

JUDGED = os.environ.get("DIALER_FAMILIES_KNOWN") == "judged"


def is_left_out_beside_a_sibling(course: Course, finding: Finding) -> bool:
	"""Return whether a child may be without a row: a guardian is called about a sibling, and not about it.

	A person who may hear of no child is Blocked, and staff see it. Of one who may hear of some of them, no
	row says which are left out, nor of which it may hear less than of another.
	"""
	if finding.kind != ALERT:
		return False
	family = course.family
	for guardian in guardians_of(family, finding.child):
		for other in (link.child for link in family.links if link.guardian == guardian):
			for move in range(len(course.script.moves)) if other != finding.child else ():
				mine, others = (rights(course, move, guardian, one) for one in (finding.child, other))
				known, beside = (is_in_row(course, move, guardian, one) for one in (finding.child, other))
				if (others and others != mine) or (beside and not known):
					return True
	return False


def is_in_row(course: Course, move: int, guardian: int, child: int) -> bool:
	"""Return whether no bar keeps the child out of what is planned for this guardian, called or not."""
	family, urgent = course.at(move), course.script.purpose == EMERGENCY
	allowed = (ALL, EMERGENCY_ONLY) if urgent else (ALL,)
	links = [link for link in family.links if (link.guardian, link.child) == (guardian, child)]
	lines = family.guardians[guardian].lines or ("",)
	return all(link.permission in allowed for link in links) and not all(
		is_barred(family, child, line) for line in lines
	)


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
	"a child who is left out of a call about a sibling is not shown (31 B2)": is_left_out_beside_a_sibling,
}


def is_known(course: Course, finding: Finding) -> bool:
	return not JUDGED and any(explains(course, finding) for explains in KNOWN.values())
