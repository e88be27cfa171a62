"""A small dialer that does what the documentation says of numbers, retries, and people who share a call.

It has the known faults of people who share a number, so that it shows which findings they explain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.families import course as c
from tests.families.course import Course
from tests.families.judge import Heard, Observed
from tests.families.known import would_hear
from tests.families.promise import MUST_NOT, concerns, guardians_of, hears, standing
from tests.families.school import Family

REPEATED = ("no answer", "voicemail", "fails", "busy", "silent", "hangs up")
Line = tuple[int, str]
"""A guardian and a number."""


@dataclass
class Recipient:
	"""One call's people: the line to call now, all lines in their order, and the children it is about."""

	line: Line
	order: list[Line]
	children: set[int]
	status: str = "Pending"
	due: bool = True
	tries: Counter[Line] = field(default_factory=Counter)
	gone: set[int] = field(default_factory=set)
	"""Guardians who hung up once."""


class Dialer:
	def __init__(self, course: Course):
		self.course, self.script = course, course.script
		self.seen = Observed()
		self.campaigns: list[dict[str, Recipient]] = []
		self.called: Counter[str] = Counter()
		self.about: set[int] = set()

	def play(self) -> Observed:
		dials = set(self.course.dials())
		for index, move in enumerate(self.script.moves):
			now = self.course.with_stops(self.seen.stops).at(index)
			if move in (c.START, c.LOOK):
				self.plan(now)
			if index in dials:
				self.dial(index, now, move == c.LATER)
		for campaign in self.campaigns:
			for one in campaign.values():
				for child in one.children or self.children_of(one.line[0]):
					self.seen.shown.setdefault(child, set()).add(one.status)
		return self.seen

	def children_of(self, guardian: int) -> set[int]:
		return {link.child for link in self.course.family.links if link.guardian == guardian}

	def may(self, family: Family, line: Line, children: set[int]) -> set[int]:
		return {one for one in children if standing(self.script, family, line[0], one, line[1]) != MUST_NOT}

	def plan(self, family: Family) -> None:
		everyone = {one for one in range(len(family.children)) if concerns(self.script, family, one)}
		about = everyone - self.about
		self.about |= about
		planned: dict[str, Recipient] = {}
		for people, children in self.households(family, about):
			lines = [(one, line) for one in people for line in family.guardians[one].lines]
			if not lines:
				told = {one for one in children if would_hear(self.course, family, people[0], one)}
				made, key = Recipient((people[0], ""), [], told, "Blocked"), f"no number {people[0]}"
				planned[key] = self.merged(planned[key], made) if key in planned else made
				continue
			allowed = [line for line in lines if self.may(family, line, children)]
			first = (allowed or lines)[0]
			order = list({line[1]: line for line in reversed(allowed)}.values())[::-1]
			told = self.may(family, first, children)
			made = Recipient(first, order, told, "Pending" if allowed else "Blocked")
			numbers = sorted({line for _one, line in lines})
			together = self.script.reach == c.ONE_GUARDIAN and len(numbers) > 1
			key = " ".join(numbers) if together else first[1]
			planned[key] = self.merged(planned[key], made) if key in planned else made
		self.campaigns.append(planned)

	def households(self, family: Family, about: set[int]) -> Iterator[tuple[list[int], set[int]]]:
		if self.script.reach == c.ONE_GUARDIAN:
			yield from ((guardians_of(family, child), {child}) for child in sorted(about))
			return
		for one in range(len(family.guardians)):
			if children := self.children_of(one) & about:
				yield [one], children

	@staticmethod
	def merged(one: Recipient, other: Recipient) -> Recipient:
		if one.status == other.status:
			numbers = {line for _one, line in one.order}
			one.order += [line for line in other.order if line[1] not in numbers]
			one.children |= other.children
			return one
		return one if one.status == "Pending" else other

	def dial(self, index: int, family: Family, later: bool) -> None:
		for campaign in self.campaigns:
			for one in campaign.values():
				one.due = one.due or later
			while due := [one for one in campaign.values() if one.status == "Pending" and one.due]:
				self.call(due[0], campaign, index, family)

	def call(self, one: Recipient, campaign: dict[str, Recipient], index: int, family: Family) -> None:
		guardian, line = one.line
		allowed = self.may(family, one.line, one.children or self.children_of(guardian))
		if not allowed:
			one.order = [other for other in one.order if other[1] != line]
			self.go_on(one, campaign, "refused", "Blocked")
			return
		one.children = allowed
		one.tries[one.line] += 1
		self.called[line] += 1
		word = self.course.family.listens(line, 1 if self.script.channel == "Text" else self.called[line])
		self.seen.rang.append((line, index))
		sent = self.script.channel == "Text" and word not in ("refused", "fails")
		if hears(self.script, word) or sent:
			named = frozenset(allowed if self.script.names_children else ())
			language = family.guardians[guardian].language
			self.seen.heard.append(Heard(line, index, named, language))
		if word == "presses 9":
			self.seen.stops.append((line, index))
		if sent or word in ("listens", "unsure", "presses 9"):
			one.status = "Reached"
		else:
			self.go_on(one, campaign, word, "Not Reached")

	def go_on(self, one: Recipient, campaign: dict[str, Recipient], word: str, end: str) -> None:
		"""Choose the next line: one that was not tried at once, another one after the delay."""
		taken = {
			other.line[1]
			for other in campaign.values()
			if other is not one and other.status not in ("Blocked", "Cancelled")
		}
		spent: Counter[int] = Counter()
		for (guardian, _line), count in one.tries.items():
			spent[guardian] += count
		usable = [
			line
			for line in one.order
			if spent[line[0]] < self.script.tries
			and (line[1] not in taken or line == one.line)
			and (word in REPEATED or line[1] != one.line[1])
			and (word != "hangs up" or line[0] != one.line[0] or line == one.line)
			and line[0] not in one.gone
		]
		if word == "hangs up":
			one.gone.add(one.line[0])
		if not usable:
			one.status = end
			return
		fewest = min(one.tries[line] for line in usable)
		again = word == "busy" and one.line in usable
		one.line = one.line if again else next(line for line in usable if one.tries[line] == fewest)
		one.children = one.children | self.children_of(one.line[0]) & self.about
		one.due = not one.tries[one.line]
