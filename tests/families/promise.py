"""What the app promises a family: who must hear, who may, who must not, and which number is left alone.

This is a reference, written from the documentation and the law, and shares no code with the app. Where two
readings are possible, neither MUST nor MUST NOT is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tests.families.course import (
	ABSENT,
	EMERGENCY,
	LATER,
	LOOK,
	LOOKED_AGAIN,
	ONE_GUARDIAN,
	PRESENT,
	START,
	Course,
	Script,
)
from tests.families.school import ALL, COURT_ORDER, EMERGENCY_ONLY, WRONG_NUMBER, Family, Link, OptOut

MUST, MAY, MUST_NOT = "must hear", "may hear", "must not hear"
LISTENS = ("listens", "unsure")
"""What a person does who hears the whole message. The carrier is unsure of some who answer."""
CALLED_AGAIN = ("no answer", "voicemail", "fails")
"""After these the next number of the person is called, and the same one later."""


@dataclass(frozen=True)
class Duty:
	"""A child about whom at least one of these guardians must hear."""

	child: int
	guardians: tuple[int, ...]


def concerns(script: Script, family: Family, child: int) -> bool:
	"""Return whether the campaign is about this child at all."""
	one = family.children[child]
	return not one.left and ((one.absent and not one.excused) or not script.about_records)


def may_know(script: Script, family: Family, link: Link) -> bool:
	"""Return whether this guardian may be told about this child, whatever the number."""
	if script.purpose == EMERGENCY:
		return link.permission in (ALL, EMERGENCY_ONLY)
	if link.permission != ALL:
		return False
	return not script.about_records or (link.receives and not family.children[link.child].adult)


def is_barred(family: Family, child: int, line: str) -> bool:
	"""Return whether a court order keeps this child from the number.

	A number of the barred guardian that no one can read may be any number.
	"""
	return any(
		line in family.guardians[link.guardian].lines or family.guardians[link.guardian].unreadable
		for link in family.links
		if link.child == child and link.permission == COURT_ORDER
	)


def stopped(script: Script, family: Family, guardian: int, line: str) -> bool | None:
	"""Return whether a stop keeps this guardian from being called here. None if it may.

	A stop closes the number. It is also of the person who made it, at the other numbers on their record. An
	emergency still comes to those, and a wrong number says nothing of a person.
	"""
	stops = [one for one in family.opt_outs if one.covers(script.purpose)]
	if any(one.line == line for one in stops):
		return True
	if script.purpose == EMERGENCY:
		return False
	found = [is_word_of(family, one, guardian) for one in stops if one.scope != WRONG_NUMBER]
	return True if True in found else None if None in found else False


def is_word_of(family: Family, stop: OptOut, guardian: int) -> bool | None:
	"""Return whether a stop is this guardian's. None where another record of the same person may be meant."""
	if stop.guardian is not None:
		sure = stop.guardian == guardian
		same = family.person(stop.guardian) == family.person(guardian)
	else:
		owners = family.owners(stop.line)
		if not owners:
			return None  # No record says by now who stopped there.
		sure = guardian in owners
		same = family.person(guardian) in map(family.person, owners)
	return sure or (None if same else False)


def too_early(script: Script, family: Family, line: str) -> bool:
	"""Return whether no call may come at this hour. An emergency comes at any hour."""
	return line in family.far and script.purpose != EMERGENCY


def consented(script: Script, family: Family, guardian: int, line: str) -> bool:
	return script.purpose == EMERGENCY or any(
		consent.covers(guardian, line, script.purpose) for consent in family.consents
	)


def standing(script: Script, family: Family, guardian: int, child: int, line: str) -> str:
	"""Return MUST, MAY, or MUST NOT for this guardian, about this child, at this number, if it is called."""
	links = [link for link in family.links if (link.guardian, link.child) == (guardian, child)]
	if (
		not links
		or line not in family.guardians[guardian].lines
		or too_early(script, family, line)
		or not all(may_know(script, family, link) for link in links)
		or not concerns(script, family, child)
		or is_barred(family, child, line)
		or not consented(script, family, guardian, line)
	):
		return MUST_NOT
	stop = stopped(script, family, guardian, line)
	return MUST_NOT if stop else MAY if stop is None else MUST


def at_number(script: Script, family: Family, child: int, line: str) -> str:
	"""Return what holds for the number: the most that one of the people there may hear."""
	found = {standing(script, family, one, child, line) for one in family.holders(line)}
	return next((one for one in (MUST, MAY) if one in found), MUST_NOT)


def may_ring(script: Script, family: Family, line: str) -> bool:
	children = range(len(family.children))
	return any(at_number(script, family, child, line) != MUST_NOT for child in children)


def duties(course: Course) -> list[Duty]:
	"""Return about whom someone must hear, whatever the app does in between."""
	if course.canceled:
		return []
	found = []
	for child in range(len(course.family.children)):
		if any(event.what == PRESENT and event.child == child for event in course.events):
			found += once_more(course, child)
			continue
		moments = moments_of(course, child)
		everyone = guardians_of(course.family, child)
		able = [one for one in everyone if will_hear(course, one, child, moments)]
		if course.script.reach == ONE_GUARDIAN:
			# Another one may have heard before those who are sure to. Who is busy is called again first.
			waits = any("busy" in words for _line, words in course.family.listeners)
			found += [Duty(child, tuple(everyone))] if able and not waits else []
		else:
			found += [Duty(child, (one,)) for one in able]
	return found


def once_more(course: Course, child: int) -> list[Duty]:
	"""Return who must hear of an absence that was corrected after a call in vain, and is marked again.

	A rule looks each minute, and here only when its turn comes. So nothing is said of other corrections, nor
	where someone else may have heard before.
	"""
	script, family = course.script, course.family
	events = [(event.before, event.what) for event in course.events]
	plain = script.channel == "Voice" and script.tries > 1 and not script.loses_requests
	if not plain or script.moves != LOOKED_AGAIN or events != [(2, PRESENT), (3, ABSENT)]:
		return []
	if script.reach == ONE_GUARDIAN or len(family.guardians) > 1 or len(family.guardians[0].lines) != 1:
		return []
	(line,) = family.lines
	first, *others = dict(family.listeners).get(line) or ("listens",)
	listens = first in CALLED_AGAIN and others and all(hears(script, words) for words in others)
	sure = all(standing(script, course.at(move), 0, child, line) == MUST for move in (0, 1, 4, 5))
	return [Duty(child, (0,))] if listens and sure and len(family.children) == 1 else []


def guardians_of(family: Family, child: int) -> list[int]:
	return list(dict.fromkeys(link.guardian for link in family.links if link.child == child))


def moments_of(course: Course, child: int) -> list[int]:
	"""Return when the child's calls are planned, and the moves that call from then on. Empty without a call.

	A rule looks several times, and plans a child's calls when it first finds the child.
	"""
	moves = course.script.moves
	begins = [i for i, move in enumerate(moves) if move in (START, LOOK)]
	planned = next((i for i in begins if concerns(course.script, course.at(i), child)), None)
	calls = [i for i in course.dials() if planned is not None and i > planned]
	return [planned, *calls] if calls else []


def will_hear(course: Course, guardian: int, child: int, moments: list[int]) -> bool:
	"""Return whether this guardian is sure to hear: allowed at all of these moments, and listening.

	A number that is closed between the plan and the first call is passed over.
	"""
	if not moments:
		return False
	planned, *called = (course.at(moment) for moment in moments)
	script, lines = course.script, course.family.guardians[guardian].lines
	standings = {line: {standing(script, one, guardian, child, line) for one in called} for line in lines}
	if any(len(each) > 1 or MAY in each for each in standings.values()):
		return False
	allowed = [
		line
		for line in lines
		if standings[line] == {MUST} == {standing(script, planned, guardian, child, line)}
	]
	return bool(allowed) and picks_up(course, allowed, moments[1:])


def hears(script: Script, behavior: str) -> bool:
	"""Return whether this person hears the message. Who is silent confirms nothing: only records wait."""
	if script.channel == "Text":
		return behavior in (*LISTENS, "silent", "voicemail", "busy", "hangs up")
	return behavior in LISTENS or (behavior == "silent" and not script.about_records)


def picks_up(course: Course, allowed: list[str], dials: list[int]) -> bool:
	"""Return whether one of these numbers, called in this order, is sure to be listened at."""
	family, script = course.family, course.script
	first = allowed[0]
	if script.channel == "Text" and script.loses_requests:
		return False  # Which of several texts was lost is not always known.
	if family.far and script.purpose != EMERGENCY and not all_listen(course, first):
		return False  # The household may wait for the hour at another number.
	if all_listen(course, first) or (is_alone(course, first) and hears(script, family.listens(first, 1))):
		return True
	if not is_alone(course, first) or script.channel == "Text":
		return False
	rounds = 1 + sum(script.moves[move] == LATER for move in dials[1:])
	if script.reach == ONE_GUARDIAN:
		rounds = 1  # The others are called again before, each after a delay.
	attempts = [family.listens(first, number) for number in range(1, min(script.tries, rounds) + 1)]
	if len(allowed) == 1:
		heard = next((i for i, one in enumerate(attempts) if hears(script, one)), None)
		return heard is not None and all(one in (*CALLED_AGAIN, "busy") for one in attempts[:heard])
	second = script.tries > 1 and is_alone(course, allowed[1]) and all_listen(course, allowed[1])
	return second and attempts[0] in CALLED_AGAIN


def all_listen(course: Course, line: str) -> bool:
	behaviors = dict(course.family.listeners).get(line) or ("listens",)
	return all(hears(course.script, one) for one in behaviors)


def is_alone(course: Course, line: str) -> bool:
	"""Return whether this number's calls are one guardian's, so that they can be counted."""
	looks = course.script.moves.count(LOOK)
	return looks <= 1 and len(course.family.holders(line)) == 1


def without_news(course: Course, told: Iterable[int]) -> list[int]:
	"""Return the children about whom no one heard, so that staff have to see it."""
	if course.canceled or not list(course.dials()):
		return []
	end = course.at(len(course.script.moves))
	about = [child for child in range(len(end.children)) if concerns(course.script, end, child)]
	return [child for child in about if child not in set(told) and moments_of(course, child)]


def to_alert(course: Course) -> list[int]:
	"""Return the children of whom staff have to hear that a court order names no number one can read."""
	family = course.family
	if not any(moments_of(course, child) for child in range(len(family.children))):
		return []
	return sorted(
		{
			link.child
			for link in family.links
			if link.permission == COURT_ORDER
			and family.guardians[link.guardian].unreadable
			and not family.children[link.child].left
		}
	)
