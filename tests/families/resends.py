"""What the app promises when those are tried again whom a campaign did not reach: they hear, no one twice.

Written from docs/school/campaigns.md, as `promise` is from the rest. Who may hear at all is asked there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from tests.families.course import AGAIN, MERGED, ONE_GUARDIAN, PRESENT, RESEND, Course
from tests.families.promise import (
	MUST,
	MUST_NOT,
	all_listen,
	guardians_of,
	hears,
	is_alone,
	moments_of,
	standing,
)

CALM = ("", "doubled")
"""What is wrong at a carrier that takes each request once."""
CALLED_LATER = ("no answer", "voicemail", "busy")
"""After these the same number is called again after a delay, as often as the campaign has tries."""
Hearing = tuple[int, str, int]
"""A child about whom the message was heard, at this number, in this move."""


def resends(course: Course) -> Iterator[int]:
	"""Yield the moves in which those who were not reached are tried again."""
	return (index for index, move in enumerate(course.script.moves) if move == RESEND)


def hears_again(course: Course, again: Hearing, before: Collection[Hearing]) -> bool:
	"""Return whether all who hear of the child by this call or text are sure to have heard of it before.

	Nothing is said of a person on two records, nor of an absence that was corrected.
	"""
	child, line, move = again
	script, family = course.script, course.at(move)
	if script.loses_requests or any(event.what in (MERGED, PRESENT) for event in course.events):
		return False
	people = {one for one in family.holders(line) if standing(script, family, one, child, line) != MUST_NOT}
	informed = who_heard_of(course, child, before)
	return bool(people and informed) and (script.reach == ONE_GUARDIAN or people <= informed)


def who_heard_of(course: Course, child: int, before: Collection[Hearing]) -> set[int]:
	"""Return the guardians who are sure to have heard about this child, at a number of their own."""
	found = set()
	for about, line, move in before:
		holders = course.at(move).holders(line)
		if about == child and len(holders) == 1 and is_plain(course, line):
			found.update(holders)
	return found


def is_plain(course: Course, line: str) -> bool:
	"""Return whether the app knows of all who hear something at this number that they did."""
	if course.script.channel == "Text":
		return all_listen(course, line)
	return set(dict(course.family.listeners).get(line) or ("listens",)) == {"listens"}


def owed(course: Course, move: int, rang: Sequence[tuple[str, int]]) -> Iterator[tuple[int, int, str]]:
	"""Yield those who must hear by this resend if they did not before: guardian, child, and number.

	Only guardians of one number that no one else has: other calls come before theirs, or in place of them.
	"""
	script, family = course.script, course.at(move)
	merged = any(event.what == MERGED for event in course.events)
	if merged or script.fallback or script.faults not in CALM:
		return
	for guardian, person in enumerate(family.guardians):
		for child in range(len(family.children)):
			if len(person.lines) == 1 and is_owed(course, move, (guardian, child, person.lines[0]), rang):
				yield guardian, child, person.lines[0]


def is_owed(course: Course, move: int, one: tuple[int, int, str], rang: Sequence[tuple[str, int]]) -> bool:
	"""Return whether this guardian must hear about this child at this number now.

	Either no call came before, as the guardian had stopped them and texted START since, or all were in vain.
	"""
	script, (guardian, child, line) = course.script, one
	changed = [event.before for event in course.events if event.what == AGAIN]
	marked = any(event.what == PRESENT and event.child == child for event in course.events)
	moments = moments_of(course, next(each for each in script.campaigns if move in each), child)
	calls = [each for each in moments[1:] if each > move]
	if marked or not calls or max(changed, default=0) > move or not is_alone(course, line, moments):
		return False
	planned = course.at(moments[0])
	others = script.reach == ONE_GUARDIAN and guardians_of(planned, child) != [guardian]
	if others or planned.guardians[guardian].lines != (line,):
		return False
	stands = {each: standing(script, course.at(each), *one) for each in (*moments, move)}
	before = {stand for each, stand in stands.items() if each < move}
	now = {stand for each, stand in stands.items() if each >= move}
	asked = sum(called == line and at < move for called, at in rang)
	given_up = not asked if before == {MUST_NOT} else before == {MUST} and is_given_up(course, line, asked)
	return given_up and now == {MUST} and picks_up(course, line, asked, len(calls))


def is_given_up(course: Course, line: str, asked: int) -> bool:
	"""Return whether the campaign has called so often in vain that it does not call again."""
	calls = [course.family.listens(line, number) for number in range(1, asked + 1)]
	voice = course.script.channel == "Voice"
	return voice and asked == course.script.tries and all(one in CALLED_LATER for one in calls)


def picks_up(course: Course, line: str, asked: int, rounds: int) -> bool:
	"""Return whether someone is sure to listen, at one of the calls that a resend makes in so many rounds."""
	if course.script.channel == "Text":
		return all_listen(course, line)
	most = min(course.script.tries, rounds)
	calls = [course.family.listens(line, asked + number) for number in range(1, most + 1)]
	heard = next((place for place, one in enumerate(calls) if hears(course.script, one)), None)
	return heard is not None and all(one in CALLED_LATER for one in calls[:heard])
