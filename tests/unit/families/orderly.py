"""A small dialer that does what the documentation says of numbers, retries, and people who share a call.

It has no fault: whatever the judge finds in what it does, the model asks for too much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.families import course as c
from tests.families.corrections import corrections, must_be_corrected
from tests.families.course import Course
from tests.families.judge import Heard, Observed
from tests.families.languages import language_of
from tests.families.promise import MUST_NOT, concerns, guardians_of, hears, standing, to_alert
from tests.families.school import Family

REPEATED = ("no answer", "voicemail", "fails", "busy", "silent", "hangs up", "screens")
Line = tuple[int, str]
"""A guardian and a number."""
Party = tuple[int, str, int]
"""A guardian, a number, and a child about whom the guardian is told there."""


@dataclass
class Recipient:
	"""One call's people: the number to call now, who is still to be told where, and what staff see."""

	line: str
	parties: list[Party]
	status: str = "Pending"
	due: bool = True
	texted: bool = False
	one_is_enough: bool = False
	heard: set[tuple[int, int]] = field(default_factory=set)
	"""Guardians who were told, and about whom."""
	left_out: set[int] = field(default_factory=set)
	tries: Counter[Line] = field(default_factory=Counter)
	gone: set[int] = field(default_factory=set)
	"""Guardians who hung up once."""

	@property
	def open(self) -> list[Party]:
		return [
			(guardian, line, child)
			for guardian, line, child in self.parties
			if (guardian, child) not in self.heard and not (self.one_is_enough and child in self.told)
		]

	@property
	def told(self) -> set[int]:
		return {child for _guardian, child in self.heard}

	@property
	def order(self) -> list[Line]:
		"""The numbers, each with its first guardian, in calling order."""
		return list({line: (guardian, line) for guardian, line, _child in reversed(self.open)}.values())[::-1]

	def about(self, line: str) -> set[int]:
		return {child for _guardian, number, child in self.open if number == line}

	def shown(self) -> Iterator[tuple[int, str]]:
		yield from ((child, "Reached") for child in self.told)
		yield from ((child, "Blocked") for child in self.left_out)
		status = "Not Reached" if self.status == "Reached" else self.status
		yield from ((child, status) for _guardian, _line, child in self.open)


def children_of(family: Family, guardian: int) -> set[int]:
	return {link.child for link in family.links if link.guardian == guardian}


def correct(course: Course, seen: Observed) -> None:
	"""Call everyone who heard a message for its correction, unless something holds it back."""
	known = course.with_stops(seen.stops)
	for move in corrections(course):
		heard = {one.line for one in seen.heard if one.message and one.move < move}
		seen.rang += [(line, move) for line in sorted(heard) if must_be_corrected(known, move, line)]


class Dialer:
	def __init__(self, course: Course):
		self.course, self.script = course, course.script
		self.seen = Observed(alerted=set(to_alert(course)))
		self.campaigns: list[dict[str, Recipient]] = []
		self.called: Counter[str] = Counter()
		self.about: set[int] = set()

	def play(self) -> Observed:
		dials = set(self.course.dials())
		for index, move in enumerate(self.script.moves):
			now = self.course.with_stops(self.seen.stops).at(index)
			self.about &= self.told | {one for one in self.about if concerns(self.script, now, one)}
			if move == c.START:
				self.about = set()
			if move in (c.START, c.LOOK):
				self.plan(now)
			if move == c.RESEND:
				self.plan_again(now)
			if index in dials:
				self.dial(index, now, move == c.LATER)
		correct(self.course, self.seen)
		for campaign in self.campaigns:
			for one in campaign.values():
				for child, status in one.shown():
					self.seen.shown.setdefault(child, set()).add(status)
		return self.seen

	@property
	def told(self) -> set[int]:
		return {child for campaign in self.campaigns for one in campaign.values() for child in one.told}

	def allowed(self, family: Family, parties: Iterable[Party]) -> list[Party]:
		return [
			(one, line, child)
			for one, line, child in parties
			if standing(self.script, family, one, child, line) != MUST_NOT
		]

	def plan(self, family: Family) -> None:
		everyone = {one for one in range(len(family.children)) if concerns(self.script, family, one)}
		about = everyone - self.about
		self.about |= about
		planned: dict[str, Recipient] = {}
		for people, children in self.households(family, about):
			key, made = self.household(family, people, children)
			planned[key] = self.merged(planned[key], made) if key in planned else made
		self.campaigns.append(planned)

	def plan_again(self, family: Family) -> None:
		"""Plan those whom no campaign told, and whom none still calls, as they are on record now."""
		recipients = [one for campaign in self.campaigns for one in campaign.values()]
		settled = {pair for one in recipients for pair in one.heard}
		settled |= {(each[0], each[2]) for one in recipients if one.status == "Pending" for each in one.open}
		planned: dict[str, Recipient] = {}
		for people, children in self.households(family, self.about):
			if self.script.reach == c.ONE_GUARDIAN:
				left = children - {child for _guardian, child in settled}
			else:
				left = {child for child in children if (people[0], child) not in settled}
			if left := {child for child in left if concerns(self.script, family, child)}:
				key, made = self.household(family, people, left)
				planned[key] = self.merged(planned[key], made) if key in planned else made
		self.campaigns.append(planned)

	def household(self, family: Family, people: list[int], children: set[int]) -> tuple[str, Recipient]:
		lines = [(one, line) for one in people for line in family.guardians[one].lines]
		asked = [
			(*line, child) for line in lines for child in sorted(children & children_of(family, line[0]))
		]
		parties = self.allowed(family, asked)
		left_out = children - {child for _one, _line, child in parties}
		if not parties:
			first = lines[0][1] if lines else ""
			made = Recipient(first, [], "Blocked", left_out=left_out)
		else:
			made = Recipient(parties[0][1], parties, left_out=left_out)
		made.one_is_enough = self.script.reach == c.ONE_GUARDIAN
		numbers = sorted({line for _one, line in lines})
		together = self.script.reach == c.ONE_GUARDIAN and len(numbers) > 1
		return " ".join(numbers) if together else made.line or f"no number {people[0]}", made

	def households(self, family: Family, about: set[int]) -> Iterator[tuple[list[int], set[int]]]:
		if self.script.reach == c.ONE_GUARDIAN:
			known = {child: guardians_of(family, child) for child in sorted(about)}
			yield from ((people, {child}) for child, people in known.items() if people)
			return
		for one in range(len(family.guardians)):
			if children := children_of(family, one) & about:
				yield [one], children

	@staticmethod
	def merged(one: Recipient, other: Recipient) -> Recipient:
		"""Join two who share a call. Who may not be told beside one who may is left out of it."""
		first, second = (one, other) if one.parties or not other.parties else (other, one)
		first.parties += [party for party in second.parties if party not in first.parties]
		first.left_out |= second.left_out
		return first

	def dial(self, index: int, family: Family, later: bool) -> None:
		for campaign in self.campaigns:
			for one in campaign.values():
				one.due = one.due or later
			while due := [one for one in campaign.values() if one.status == "Pending" and one.due]:
				self.call(due[0], campaign, index, family)
			if self.script.fallback and campaign is self.campaigns[-1]:
				self.text(campaign, index, family)

	def text(self, campaign: dict[str, Recipient], index: int, family: Family) -> None:
		"""Text each of those whom no call reached, once, at the first of their numbers that may be texted."""
		for one in campaign.values():
			allowed = self.allowed(family, one.open)
			if one.status != "Not Reached" or one.texted or not allowed:
				continue
			one.texted = True
			guardian, line, _child = allowed[0]
			about = {child for _guardian, number, child in allowed if number == line}
			named = frozenset(about if self.script.names_children else ())
			self.seen.rang.append((line, index))
			if self.course.family.listens(line, 1) not in ("fails", "refused"):
				self.seen.heard.append(Heard(line, index, named, language_of(family, guardian, line)))

	def call(self, one: Recipient, campaign: dict[str, Recipient], index: int, family: Family) -> None:
		line = one.line
		told = self.allowed(family, (party for party in one.open if party[1] == line))
		if not told:
			one.left_out |= one.about(line)
			one.parties = [party for party in one.parties if party[1] != line]
			self.go_on(one, campaign, line, "refused", "Blocked")
			return
		guardian, children = told[0][0], {child for _guardian, _line, child in told}
		one.tries[guardian, line] += 1
		self.called[line] += 1
		word = self.course.family.listens(line, 1 if self.script.channel == "Text" else self.called[line])
		self.seen.rang.append((line, index))
		sent = self.script.channel == "Text" and word not in ("refused", "fails")
		if hears(self.script, word) or sent:
			named = frozenset(children if self.script.names_children else ())
			language = language_of(family, guardian, line)
			self.seen.heard.append(Heard(line, index, named, language))
		if word == "presses 9":
			self.seen.stops.append((line, index))
		if sent or word in ("listens", "unsure", "presses 9"):
			one.heard |= {(party[0], party[2]) for party in told}
			if one.open:
				self.go_on(one, campaign, line, "told some", "Not Reached")
			else:
				one.status = "Reached"
		else:
			self.go_on(one, campaign, line, word, "Not Reached", guardian)

	def go_on(
		self,
		one: Recipient,
		campaign: dict[str, Recipient],
		current: str,
		word: str,
		end: str,
		guardian: int = -1,
	) -> None:
		"""Choose the next line: one that was not tried at once, another one after the delay."""
		others = [
			other
			for other in campaign.values()
			if other is not one and other.status not in ("Blocked", "Cancelled")
		]
		spent: Counter[int] = Counter()
		for (caller, _line), count in one.tries.items():
			spent[caller] += count
		most = self.script.tries + (word == "told some")
		usable = [
			line
			for line in one.order
			if spent[line[0]] < most
			and (line[1] == current or not self.is_taken(line[1], one, others))
			and (word in REPEATED or line[1] != current)
			and (word != "hangs up" or line[0] != guardian or line[1] == current)
			and line[0] not in one.gone
		]
		if word == "hangs up":
			one.gone.add(guardian)
		if not usable:
			one.status = end
			return
		fewest = min(one.tries[line] for line in usable)
		again = word == "busy" and (guardian, current) in usable
		chosen = (guardian, current) if again else next(one_ for one_ in usable if one.tries[one_] == fewest)
		one.line = chosen[1]
		one.due = not one.tries[chosen]

	@staticmethod
	def is_taken(line: str, one: Recipient, others: list[Recipient]) -> bool:
		"""Return whether others are called there about all whom this one would be called about."""
		called = set()
		for other in others:
			if other.line == line:
				called |= other.told | other.about(line)
		return bool(called) and called >= one.about(line)
