"""Compare what the carrier and the staff saw of a family with what was promised."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.families.corrections import corrections, may_be_corrected, must_be_corrected
from tests.families.course import CORRECT, ONE_GUARDIAN, Course
from tests.families.languages import spoken
from tests.families.promise import MUST_NOT, at_number, duties, may_ring, to_alert, without_news
from tests.families.resends import hears_again, owed, resends

TOLD, SILENT, WORDS, ALERT = KINDS = ("must_not_told", "must_but_silent", "wrong_words", "unalerted")
HIDDEN = ("Reached", "In Campaign")
"""What staff see of a child as if its family had heard."""


@dataclass(frozen=True)
class Heard:
	"""Words at a number during a move: to a person, or left on a machine. `children` are those they name."""

	line: str
	move: int
	children: frozenset[int] = frozenset()
	language: str = "en"
	message: bool = True
	"""Whether the message itself was said, and not only who calls."""
	by_machine: bool = False
	broken: bool = False
	"""Whether the words have a place that was not filled in."""
	corrects: bool = False
	"""Whether the words take the message back."""


@dataclass
class Observed:
	"""What was seen of a family.

	`rang`: each request to the carrier, as number and move. `stops`: who pressed 9, and when. `shown`: what
	staff see of each child. `alerted`: the children of whom staff were told that their court order cannot be
	kept.
	"""

	rang: list[tuple[str, int]] = field(default_factory=list)
	heard: list[Heard] = field(default_factory=list)
	stops: list[tuple[str, int]] = field(default_factory=list)
	shown: dict[int, set[str]] = field(default_factory=dict)
	alerted: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Finding:
	"""`guardians`: those of whom one had to hear."""

	kind: str
	child: int | None
	line: str
	says: str
	guardians: tuple[int, ...] = ()


def judge(course: Course, seen: Observed) -> list[Finding]:
	"""Return everything that is not as promised."""
	course = course.with_stops(seen.stops)
	return [
		*told_wrongly(course, seen),
		*silent(course, seen),
		*corrected_wrongly(course, seen),
		*tried_wrongly(course, seen),
		*wrong_words(course, seen),
		*unseen(course, seen),
		*unalerted(course, seen),
	]


def told_wrongly(course: Course, seen: Observed) -> list[Finding]:
	found, dials = [], set(course.dials())
	for line, move in dict.fromkeys(seen.rang):
		if course.script.moves[move] == CORRECT:
			continue
		if move not in dials:
			found.append(Finding(TOLD, None, line, f"number {line} was called while nothing may leave"))
			continue
		if not may_ring(course.script, course.at(move), line):
			found.append(Finding(TOLD, None, line, f"number {line} was called, and no one there may hear"))
	for one in seen.heard:
		for child in sorted(one.children):
			if at_number(course.script, course.at(one.move), child, one.line) == MUST_NOT:
				found.append(Finding(TOLD, child, one.line, f"{{child}} was named at number {one.line}"))
	return list(dict.fromkeys(found))


def told_about(course: Course, seen: Observed, campaign: range) -> dict[int, set[str]]:
	"""Return where people heard in a campaign about each child, by name or, if none are said, at all."""
	found: dict[int, set[str]] = {}
	for child, line, move in heard_where(course, seen):
		if move in campaign:
			found.setdefault(child, set()).add(line)
	return found


def heard_where(course: Course, seen: Observed) -> list[tuple[int, str, int]]:
	"""Return each child about whom people heard, with the number and the move, in order."""
	return [
		(child, one.line, one.move)
		for one in seen.heard
		if one.message and not one.by_machine
		for child in (sorted(one.children) if course.script.names_children else may_hear_at(course, one))
	]


def may_hear_at(course: Course, one: Heard) -> list[int]:
	family = course.at(one.move)
	everyone = range(len(family.children))
	return [child for child in everyone if at_number(course.script, family, child, one.line) != MUST_NOT]


def silent(course: Course, seen: Observed) -> list[Finding]:
	"""Return who did not hear. Where one guardian is enough, one who stopped the call has answered it."""
	one_is_enough = course.script.reach == ONE_GUARDIAN
	found = []
	for duty in duties(course):
		told = told_about(course, seen, duty.campaign).get(duty.child, set())
		stopped = {line for line, move in seen.stops if one_is_enough and move in duty.campaign}
		if not set(duty.lines) & (told | stopped):
			who = " or ".join(f"{{guardian {one}}}" for one in duty.guardians)
			says = f"{who} must hear about {{child}} and did not"
			found.append(Finding(SILENT, duty.child, "", says, duty.guardians))
	return found


def corrected_wrongly(course: Course, seen: Observed) -> list[Finding]:
	"""Return who heard the message and not its correction, and who was called without having heard it."""
	found = []
	for move in corrections(course):
		asked = Counter(line for line, at in seen.rang if at < move)
		heard = {one.line for one in seen.heard if one.message and one.move < move}
		called = {line for line, at in seen.rang if at == move}
		for line in sorted(called):
			if not may_be_corrected(course, move, line, asked[line]):
				says = f"number {line} was called for a correction that is not for it"
				found.append(Finding(TOLD, None, line, says))
		for line in sorted(heard - called):
			if must_be_corrected(course, move, line):
				says = f"number {line} heard the message and not its correction"
				found.append(Finding(SILENT, None, line, says))
		again = [one.line for one in seen.heard if one.message and one.move >= move]
		says = "number {0} heard the message after it was corrected"
		found += [Finding(TOLD, None, line, says.format(line)) for line in again]
	return found


def tried_wrongly(course: Course, seen: Observed) -> list[Finding]:
	"""Return who was tried again and had heard already, and who was not and had heard nothing."""
	found, hearings = [], heard_where(course, seen)
	for again in resends(course):
		late = [index for index, (_child, _line, move) in enumerate(hearings) if move > again]
		for index in late:
			child, line, _move = hearings[index]
			if hears_again(course, hearings[index], hearings[:index]):
				says = f"number {line} heard about {{child}} once more after everyone there had heard"
				found.append(Finding(TOLD, child, line, says))
		for guardian, child, line in owed(course, again, seen.rang):
			if (child, line) not in {(about, where) for about, where, _move in hearings}:
				says = f"{{guardian {guardian}}} must hear about {{child}} by the second try and did not"
				found.append(Finding(SILENT, child, line, says, (guardian,)))
	return list(dict.fromkeys(found))


def wrong_words(course: Course, seen: Observed) -> list[Finding]:
	found = []
	for one in seen.heard:
		languages = spoken(course, one.line, one.move)
		if one.broken:
			found.append(Finding(WORDS, None, one.line, f"number {one.line} heard words with a blank"))
		if one.by_machine and one.children:
			found.append(Finding(WORDS, None, one.line, f"a machine at number {one.line} has a child's name"))
		if (one.message or one.corrects) and languages and one.language not in languages:
			found.append(Finding(WORDS, None, one.line, f"number {one.line} heard another language"))
	return list(dict.fromkeys(found))


def unseen(course: Course, seen: Observed) -> list[Finding]:
	"""Return the children of whom staff see nothing. Who stopped a call has answered it."""
	last = course.script.campaigns[-1]
	told = {
		*told_about(course, seen, last),
		*(child for line, move in seen.stops if move in last for child in children_at(course, line)),
	}
	return [
		Finding(ALERT, child, "", "no one heard about {child}, and staff do not see it")
		for child in without_news(course, told)
		if not seen.shown.get(child, set()) - set(HIDDEN)
	]


def unalerted(course: Course, seen: Observed) -> list[Finding]:
	says = "staff were not told that a court order about {child} has a number that cannot be read"
	return [Finding(ALERT, child, "", says) for child in to_alert(course) if child not in seen.alerted]


def children_at(course: Course, line: str) -> set[int]:
	holders = course.family.holders(line)
	return {link.child for link in course.family.links if link.guardian in holders}
