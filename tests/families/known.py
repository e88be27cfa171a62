"""Faults of the app that are known and not mended yet: courses that may meet one are left out.

Whoever mends a fault removes its entry. `DIALER_FAMILIES_KNOWN=played` plays these courses too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from tests.families import course as c
from tests.families.course import Course
from tests.families.school import COURT_ORDER, PLAIN

PLAYED = os.environ.get("DIALER_FAMILIES_KNOWN") == "played"


def shares_a_number(course: Course) -> bool:
	family = course.family
	return any(len(family.holders(line)) > 1 for line in family.lines)


def writes_a_number_otherwise(course: Course) -> bool:
	fields = [field for one in course.family.guardians for field in one.fields]
	barred = any(link.permission == COURT_ORDER for link in course.family.links) or happens(course, c.ORDER)
	return any(field.notation not in PLAIN and (field.lines or barred) for field in fields)


def stops_at_one_of_two_numbers(course: Course) -> bool:
	family = course.family
	return any(
		len(family.guardians[one].lines) > 1 for line in stopped_lines(course) for one in family.holders(line)
	)


def stopped_lines(course: Course) -> Iterable[str]:
	yield from (one.line for one in course.family.opt_outs)
	yield from (event.line for event in course.events if event.line)
	for event in course.events:
		if event.what == c.MAIL:
			yield from course.family.lines_of(course.family.person(event.guardian))
	yield from (line for line, words in course.family.listeners if "presses 9" in words)


def is_silent_in_an_emergency(course: Course) -> bool:
	silent = any("silent" in words for _line, words in course.family.listeners)
	return silent and course.script.purpose == c.EMERGENCY


def is_renamed_after_consent(course: Course) -> bool:
	renamed = {event.guardian for event in course.events if event.what == c.RENAMED}
	return any(consent.guardian in renamed for consent in course.family.consents)


def changes_an_emergency(course: Course) -> bool:
	return course.script.purpose == c.EMERGENCY and c.CHANGE in course.script.moves


def is_intruded(course: Course) -> bool:
	return c.INTRUDE in course.script.moves


def answers_unasked(course: Course) -> bool:
	return happens(course, c.UNASKED)


def happens(course: Course, *whats: str) -> bool:
	return any(event.what in whats for event in course.events)


def siblings_on_two_looks(course: Course) -> bool:
	return course.script.moves.count(c.LOOK) > 1 and happens(course, c.ABSENT)


KNOWN: dict[str, Callable[[Course], bool]] = {
	"two records, one number: one child is named, a consent that is over revives": shares_a_number,
	"a label or a second number in a field: a court order bars nothing": writes_a_number_otherwise,
	"after a stop at one number the person's other number is called": stops_at_one_of_two_numbers,
	"an emergency waits for a key from a silent person": is_silent_in_an_emergency,
	"a renamed guardian loses the consent that names the record": is_renamed_after_consent,
	"an emergency changed and approved again calls no one": changes_an_emergency,
	"a number added by REST to an approved emergency is called": is_intruded,
	"a sibling who is marked absent later is skipped": siblings_on_two_looks,
	"a 1 after a question that was not delivered narrows a STOP": answers_unasked,
	"a STOP while the site is down is lost": lambda course: happens(course, c.DOWN),
}


def is_known(course: Course) -> bool:
	return not PLAYED and any(meets(course) for meets in KNOWN.values())
