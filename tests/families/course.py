"""What happens to a family, in order: the school's moves with one campaign or two, and events in between.

A campaign is the school's, so its moves are the same for all families that are played together. An event is
one family's own, and happens just before the move with its index.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from tests.families.school import (
	COURT_ORDER,
	DISTRICT,
	SOON,
	THIS_SCHOOL,
	WRONG_NUMBER,
	Family,
	Field,
	Guardian,
	OptOut,
)

ATTENDANCE, EVENT, EMERGENCY = "Attendance", "Event", "Emergency"
EVERYONE, ONE_GUARDIAN = "Everyone", "One guardian of each student"

LOOK, START, DIAL, LATER = "look", "start", "dial", "later"
PAUSE, CHANGE, RESUME, APPROVE, CANCEL = "pause", "change", "resume", "approve", "cancel"
INTRUDE, MAINTAIN, WAIT, CORRECT = "intrude", "maintain", "wait", "correct"
RESEND = "resend"
EVENING, NIGHT = "evening", "night"
"""The moves. `look`: a rule looks for absences. `dial`: everyone who is due is called. `later`: the delays of
all retries have passed, and who is due then is called. `intrude`: someone adds numbers by REST, and with
SQL. `maintain`: a worker wants to call while the site is in maintenance. `wait`: more than an hour passes,
and what ends `SOON` is over. `correct`: staff correct the message, and who heard it is called. `resend`:
staff try those again whom the campaign did not reach, in the same way. `evening`: it gets so late that no
one may be called anywhere, but in an emergency. `night`: the next school day begins, and absences are of the
day before. A second `start` is another campaign
to the same families.
"""
DIALS = (DIAL, LATER)
LOOKED_AGAIN = (LOOK, DIAL, LATER, LOOK, DIAL, LATER)
"""A rule calls, and looks once more when the retries are over."""

STOP, CLERK, ORDER, ABSENT, PRESENT, RENAMED = "STOP", "clerk", "order", "absent", "present", "renamed"
PASSES = (WAIT, EVENING, NIGHT)
"""Moves after which what ends `SOON` is over."""
LEAVES, EXCUSED, UNEXCUSED = "leaves", "leave approved", "leave approved and canceled"
MOVED, UNLINKED, MERGED = "another number", "no guardian any more", "merged"
GIVEN = "given to another"
"""A mobile number is entered at another guardian, in place of theirs, and removed where it was."""
CHILD_RENAMED = "child renamed"
AGAIN, TICKET, AGENT = "START", "ticket", "agent"
ONE_SCHOOL, OTHER_SCHOOL = "one school", "another school"
NEW = "N"
"""The number that a guardian has after `MOVED`. No one has called there, or agreed to it."""
DOWN, UNASKED, MAIL = "STOP while down", "STOP and a digit", "mail"
MISTAKE, WRONG, UNDONE = "mistake", "wrong number", "wrong number, undone"

STOPS = (STOP, CLERK, DOWN, UNASKED)
"""Events that close a number. `STOP and a digit`: our question is not delivered, and a digit arrives."""
WRITTEN = (MAIL, TICKET)
"""Events in which a person stops all of their numbers."""
AT_NUMBERS = (*STOPS, MISTAKE, WRONG, UNDONE, AGAIN)
"""Events at a number. A mistake is a clerk's, who records a stop and takes it back. A wrong number is
reported on the preference page, where this can be undone for ten minutes.
"""
OF_CHILD: dict[str, dict[str, bool]] = {
	ABSENT: {"absent": True},
	PRESENT: {"absent": False},
	EXCUSED: {"excused": True},
	UNEXCUSED: {"absent": False, "excused": False},
	LEAVES: {"left": True},
}
"""What an event changes of a child. Education cancels the attendance together with a leave."""


@dataclass(frozen=True)
class Script:
	"""One campaign, or two alike: what it is about, whom it calls, how often, and the school's moves."""

	purpose: str = EVENT
	channel: str = "Voice"
	reach: str = EVERYONE
	tries: int = 1
	moves: tuple[str, ...] = (START, DIAL)
	faults: str = ""
	"""What is wrong at the carrier during the calls: one of the player's `FAULTS`, or nothing."""
	fallback: bool = False
	"""Whether those whom no call reached get a text."""
	school: int | None = None
	"""Which school of a district calls about its children, or `DISTRICT`. None: there is one school."""

	@property
	def names_children(self) -> bool:
		return self.purpose == EVENT or (self.purpose, self.channel) == (ATTENDANCE, "Voice")

	@property
	def about_records(self) -> bool:
		return self.purpose == ATTENDANCE

	def is_about(self, school: int) -> bool:
		return self.school in (None, DISTRICT, school)

	@property
	def campaigns(self) -> list[range]:
		"""Return the moves of each campaign. A rule's are one, as it does not begin again with a child."""
		begins = [index for index, move in enumerate(self.moves) if move == START] or [0]
		ends = [*begins[1:], len(self.moves)]
		return [range(begin, end) for begin, end in zip(begins, ends, strict=True)]

	@property
	def loses_requests(self) -> bool:
		return self.faults in ("errors", "lost answers", "lost requests")


@dataclass(frozen=True)
class Event:
	"""`line` for what a number does, `guardian` and `child` for what changes on a record."""

	before: int
	what: str
	line: str = ""
	guardian: int = 0
	child: int = 0


@dataclass(frozen=True)
class Course:
	script: Script
	family: Family
	events: tuple[Event, ...] = ()

	def at(self, move: int) -> Family:
		"""Return the family's records as they are during this move."""
		family = self.family
		for event in self.events:
			if event.before <= move:
				family = after(family, event)
		if set(PASSES) & set(self.script.moves[:move]):
			kept = tuple(one for one in family.consents if one.ends != SOON)
			family = replace(family, consents=kept)
		return family

	def dials(self) -> Iterator[int]:
		"""Yield the moves in which people are called: while the campaign has begun and nothing stops it."""
		begun = halted = late = False
		for index, move in enumerate(self.script.moves):
			if move == START:
				begun, halted = True, False
			elif move == LOOK:
				begun = True
			elif move == EVENING:
				late = self.script.purpose != EMERGENCY
			elif move == NIGHT:
				late = self.script.about_records
			elif move in (PAUSE, CANCEL, CORRECT):
				halted = True
			elif move == RESUME:
				halted = CHANGE in self.script.moves[:index] and self.script.purpose == EMERGENCY
			elif move == APPROVE:
				halted = False
			if begun and not halted and not late and move in DIALS:
				yield index

	def cancels(self, campaign: range) -> bool:
		return CANCEL in [self.script.moves[move] for move in campaign]

	def with_stops(self, stops: Iterable[tuple[str, int]]) -> Course:
		"""Return the course with stops during calls, which close their number from the next move on."""
		pressed = (Event(move + 1, STOP, line) for line, move in stops)
		events = sorted((*pressed, *self.events), key=lambda one: one.before)
		return replace(self, events=tuple(events))


def after(family: Family, event: Event) -> Family:
	"""Return the records after this event. The carrier's own events leave them as they are."""
	if event.what in STOPS:
		return replace(family, opt_outs=(*family.opt_outs, OptOut(event.line)))
	if event.what == WRONG:
		return replace(family, opt_outs=(*family.opt_outs, OptOut(event.line, WRONG_NUMBER)))
	if event.what == AGAIN:
		return replace(family, opt_outs=tuple(lifted(family, event.line)))
	if event.what == AGENT:
		named = event.line in family.guardians[event.guardian].lines
		stop = OptOut(event.line, guardian=event.guardian if named else None)
		return replace(family, opt_outs=(*family.opt_outs, stop))
	if event.what == ONE_SCHOOL:
		school = family.children[event.child].school
		stop = OptOut(event.line, THIS_SCHOOL, guardian=event.guardian, school=school)
		return replace(family, opt_outs=(*family.opt_outs, stop))
	if event.what in WRITTEN:
		lines = family.lines_of(family.person(event.guardian))
		stops = (OptOut(line, guardian=event.guardian) for line in lines)
		return replace(family, opt_outs=(*family.opt_outs, *stops))
	if event.what == ORDER:
		links = (
			replace(link, permission=COURT_ORDER)
			if (link.guardian, link.child) == (event.guardian, event.child)
			else link
			for link in family.links
		)
		return replace(family, links=tuple(links))
	if event.what == OTHER_SCHOOL:
		children = list(family.children)
		children[event.child] = replace(children[event.child], school=1 - children[event.child].school)
		return replace(family, children=tuple(children))
	if event.what in OF_CHILD:
		children = list(family.children)
		children[event.child] = replace(children[event.child], **OF_CHILD[event.what])
		return replace(family, children=tuple(children))
	return of_record(family, event)


def lifted(family: Family, line: str) -> Iterator[OptOut]:
	"""Yield the stops that are left after a START: at other numbers, and of a stranger's number."""
	for one in family.opt_outs:
		if one.scope == WRONG_NUMBER:
			yield one
		elif one.line != line:
			yield replace(one, lifted=(*one.lifted, line))


def of_record(family: Family, event: Event) -> Family:
	"""Return the records after an event that changes whose record has what."""
	people = list(family.guardians)
	if event.what == MOVED:
		people[event.guardian] = replace(people[event.guardian], mobile=Field((NEW,)))
		return replace(family, guardians=tuple(people))
	if event.what == GIVEN:
		for index, one in enumerate(people):
			if one.mobile and one.mobile.lines == (event.line,):
				people[index] = replace(one, mobile=None)
		people[event.guardian] = replace(people[event.guardian], mobile=Field((event.line,)))
		return replace(family, guardians=tuple(people), given=(*family.given, event.line))
	if event.what == UNLINKED:
		gone = (event.guardian, event.child)
		return replace(family, links=tuple(one for one in family.links if (one.guardian, one.child) != gone))
	if event.what == MERGED:
		kept = family.person(event.guardian)
		people[event.guardian] = Guardian(None)
		of_both = {
			rows: tuple(
				replace(one, guardian=kept) if one.guardian == event.guardian else one
				for one in getattr(family, rows)
			)
			for rows in ("links", "consents", "opt_outs")
		}
		return replace(family, guardians=tuple(people), **of_both)
	return family
