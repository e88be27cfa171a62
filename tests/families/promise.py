"""What the app promises a family: who must hear, who may, who must not, and which number is left alone.

This is a reference, written from the documentation and the law, and shares no code with the app. Where two
readings are possible, neither MUST nor MUST NOT is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.families.course import (
	ABSENT,
	AGAIN,
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
	"""A child about whom at least one of these guardians must hear in a campaign, at one of their numbers."""

	child: int
	guardians: tuple[int, ...]
	lines: tuple[str, ...] = field(default=(), compare=False)
	campaign: range = field(default=range(0), compare=False)


def concerns(script: Script, family: Family, child: int) -> bool:
	"""Return whether the campaign is about this child at all."""
	one = family.children[child]
	there = not one.left and script.is_about(one.school)
	return there and ((one.absent and not one.excused) or not script.about_records)


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

	A stop closes the number. It is also of the person who made it, at the other numbers on their record, but
	not at one from which they texted START since. An emergency still comes to those, and a wrong number says
	nothing of a person.
	"""
	stops = [one for one in family.opt_outs if one.covers(script.purpose, script.school)]
	if any(one.line == line for one in stops):
		return True
	if script.purpose == EMERGENCY:
		return False
	found = [holds_at(family, one, guardian, line) for one in stops if one.scope != WRONG_NUMBER]
	return True if True in found else None if None in found else False


def holds_at(family: Family, stop: OptOut, guardian: int, line: str) -> bool | None:
	"""Return whether a stop at another number of this guardian holds at this one.

	START from a number of several people opens it only for what was stopped there.
	"""
	word = is_word_of(family, stop, guardian)
	if not word or line not in stop.lifted:
		return word
	if family.holders(line) == [guardian]:
		return False
	sure = {family.person(one) for one in family.owners(line)} != {family.person(guardian)}
	return word if sure else None


def is_word_of(family: Family, stop: OptOut, guardian: int) -> bool | None:
	"""Return whether a stop is this guardian's.

	None where another record of the same person may be meant, or the one whose number it was before.
	"""
	if stop.guardian is None and stop.line in family.given:
		return None
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
	"""Return about whom someone must hear in each campaign, whatever the app does in between."""
	children = range(len(course.family.children))
	campaigns = [one for one in course.script.campaigns if not course.cancels(one)]
	return [duty for one in campaigns for child in children for duty in duties_of(course, one, child)]


def duties_of(course: Course, campaign: range, child: int) -> list[Duty]:
	if any(event.what == PRESENT and event.child == child for event in course.events):
		return once_more(course, campaign, child)
	moments = moments_of(course, campaign, child)
	if not moments:
		return []
	family = course.at(moments[0])
	everyone = guardians_of(family, child)
	able = [one for one in everyone if will_hear(course, one, child, moments)]
	lines = {one: family.guardians[one].lines for one in everyone}
	if course.script.reach != ONE_GUARDIAN:
		return [Duty(child, (one,), lines[one], campaign) for one in able]
	# Another one may have heard before those who are sure to. Who is busy is called again first.
	waits = any("busy" in words for _line, words in course.family.listeners)
	numbers = tuple(line for each in lines.values() for line in each)
	return [Duty(child, tuple(everyone), numbers, campaign)] if able and not waits else []


def once_more(course: Course, campaign: range, child: int) -> list[Duty]:
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
	return [Duty(child, (0,), (line,), campaign)] if listens and sure and len(family.children) == 1 else []


def guardians_of(family: Family, child: int) -> list[int]:
	return list(dict.fromkeys(link.guardian for link in family.links if link.child == child))


def moments_of(course: Course, campaign: range, child: int) -> list[int]:
	"""Return when a campaign plans the child's calls, and the moves that call from then on.

	Empty without a call.

	A rule looks several times, and plans a child's calls when it first finds the child.
	"""
	planned = planned_at(course, campaign, child)
	calls = [i for i in course.dials() if planned is not None and i > planned and i in campaign]
	return [planned, *calls] if calls else []


def planned_at(course: Course, campaign: range, child: int) -> int | None:
	begins = [i for i in campaign if course.script.moves[i] in (START, LOOK)]
	return next((i for i in begins if concerns(course.script, course.at(i), child)), None)


def will_hear(course: Course, guardian: int, child: int, moments: list[int]) -> bool:
	"""Return whether this guardian is sure to hear: allowed at all of these moments, and listening.

	A number that is closed between the plan and the first call is passed over, even if it is open again.
	"""
	planned, *called = (course.at(moment) for moment in moments)
	script, lines = course.script, planned.guardians[guardian].lines
	if any(event.what == AGAIN and moments[0] < event.before for event in course.events):
		return False
	standings = {line: {standing(script, one, guardian, child, line) for one in called} for line in lines}
	if any(len(each) > 1 or MAY in each for each in standings.values()):
		return False
	allowed = [
		line
		for line in lines
		if standings[line] == {MUST} == {standing(script, planned, guardian, child, line)}
	]
	if not allowed:
		return False
	return picks_up(course, allowed, moments) or gets_text(course, lines, allowed, moments)


def hears(script: Script, behavior: str) -> bool:
	"""Return whether this person hears the message. Who is silent confirms nothing: only records wait."""
	if script.channel == "Text":
		return behavior in (*LISTENS, "silent", "voicemail", "busy", "hangs up")
	return behavior in LISTENS or (behavior == "silent" and not script.about_records)


def gets_text(course: Course, lines: tuple[str, ...], allowed: list[str], moments: list[int]) -> bool:
	"""Return whether a guardian of one number is sure to be called in vain, and then to get the text."""
	script = course.script
	sure = script.fallback and script.reach != ONE_GUARDIAN and not script.loses_requests
	if not sure or lines != tuple(allowed) or not is_alone(course, lines[0], moments):
		return False
	calls = [course.family.listens(lines[0], number) for number in range(1, script.tries + 1)]
	in_vain = all(one in (*CALLED_AGAIN, "busy") for one in calls)
	return in_vain and calls[0] != "fails" and rounds(script, moments) >= script.tries


def rounds(script: Script, moments: list[int]) -> int:
	"""Return how often someone is called who does not answer, if there are tries enough."""
	return 1 + sum(script.moves[move] == LATER for move in moments[2:])


def picks_up(course: Course, allowed: list[str], moments: list[int]) -> bool:
	"""Return whether one of these numbers, called in this order, is sure to be listened at."""
	family, script = course.family, course.script
	first = allowed[0]
	if script.channel == "Text" and script.loses_requests:
		return False  # Which of several texts was lost is not always known.
	if family.far and script.purpose != EMERGENCY and not all_listen(course, first):
		return False  # The household may wait for the hour at another number.
	alone = is_alone(course, first, moments)
	if all_listen(course, first) or (alone and hears(script, family.listens(first, 1))):
		return True
	if not alone or script.channel == "Text":
		return False
	# With one guardian the others are called again before, each after a delay.
	most = 1 if script.reach == ONE_GUARDIAN else min(script.tries, rounds(script, moments))
	attempts = [family.listens(first, number) for number in range(1, most + 1)]
	if len(allowed) == 1:
		heard = next((i for i, one in enumerate(attempts) if hears(script, one)), None)
		return heard is not None and all(one in (*CALLED_AGAIN, "busy") for one in attempts[:heard])
	second = script.tries > 1 and is_alone(course, allowed[1], moments) and all_listen(course, allowed[1])
	return second and attempts[0] in CALLED_AGAIN


def all_listen(course: Course, line: str) -> bool:
	behaviors = dict(course.family.listeners).get(line) or ("listens",)
	return all(hears(course.script, one) for one in behaviors)


def is_alone(course: Course, line: str, moments: list[int]) -> bool:
	"""Return whether all calls to this number so far are one guardian's, so that they can be counted.

	With one guardian of each child, half siblings are called about one by one.
	"""
	looks, began = course.script.moves.count(LOOK), course.script.moves[: moments[0]].count(START)
	family = course.at(moments[0])
	holders = family.holders(line)
	if looks > 1 or began or len(holders) != 1:
		return False
	children = {link.child for link in family.links if link.guardian in holders}
	calls = {frozenset(guardians_of(family, child)) for child in children}
	return course.script.reach != ONE_GUARDIAN or len(calls) == 1


def without_news(course: Course, told: Iterable[int]) -> list[int]:
	"""Return the children about whom no one heard, so that staff have to see it."""
	last = course.script.campaigns[-1]
	if course.cancels(last):
		return []
	end = course.at(len(course.script.moves))
	about = [child for child in range(len(end.children)) if concerns(course.script, end, child)]
	return [
		child
		for child in about
		if child not in set(told)
		and (planned := planned_at(course, last, child)) is not None
		and guardians_of(course.at(planned), child)
	]


def to_alert(course: Course) -> list[int]:
	"""Return the children of whom staff have to hear that a court order names no number one can read."""
	campaigns, children = course.script.campaigns, range(len(course.family.children))
	found = [moments_of(course, one, child) for one in campaigns for child in children]
	planned = [moments[0] for moments in found if moments]
	if not planned:
		return []
	family = course.at(min(planned))
	return sorted(
		{
			link.child
			for link in family.links
			if link.permission == COURT_ORDER
			and family.guardians[link.guardian].unreadable
			and not family.children[link.child].left
		}
	)
