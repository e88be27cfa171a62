"""What a person stopped, at whichever of their numbers they said it.

A revocation is of the person, by any reasonable means (47 CFR 64.1200(a)(10)), so it holds at the person's
other numbers too. The events of all of them are read in the order in which they were written:

- An opt-out counts for the person whom it names, or else for whom the number is.
- A report of a wrong number is about the number, and says nothing about its owner elsewhere.
- START, or a consent that the person gives again, lifts what they stopped at any of their numbers. From a
  number of several people it lifts only what was stopped at that number: another may have said it.
- Where a number may be of several, an opt-out that names no one counts for each, because one of them said it.
  It never takes emergencies from them elsewhere: the others said nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import frappe

from school_dialer.compliance.model import OptOut
from school_dialer.compliance.vocabulary import ALL_NON_EMERGENCY, EVERYTHING
from school_dialer.consent import chain, facts, state
from school_dialer.consent.events import GRANT, OPT_IN, OPT_OUT, RESCOPE, VERIFY, WRONG_NUMBER, Event
from school_dialer.consent.integrity import stream
from school_dialer.consent.replies.reviews import SAYS_WRONG_NUMBER
from school_dialer.database import aliases

Person = tuple[str, str]
"""DocType and name."""
Owners = Mapping[str, Collection[Person]]
"""Whose each number is, as far as records say: those who have it before their other numbers."""


@dataclass
class Stops:
	"""What one person stopped, by number. At those in `lifted` they have started again since."""

	said: dict[str, state.Rows] = field(default_factory=lambda: defaultdict(dict))
	lifted: set[str] = field(default_factory=set)

	def at(self, phone: str, channel: str, of_number: tuple[OptOut, ...]) -> tuple[OptOut, ...]:
		"""Return the opt-outs that hold for this person at this number.

		`of_number` are those on record for it. They hold for all who have it, unless it is this person's
		alone and they started again from another.
		"""
		here = self._of(phone, channel) if phone in self.lifted else of_number
		others = (one for number in self.said if number != phone for one in self._of(number, channel))
		return (*here, *(replace(one, elsewhere=True) for one in others))

	def _of(self, phone: str, channel: str) -> tuple[OptOut, ...]:
		found = (
			facts.opt_out_of(row.opt_out_scope, row.purpose, row.channel, row.opted_out_at)
			for row in self.said.get(phone, {}).values()
			if row.opt_out_scope and row.channel == channel
		)
		return tuple(filter(None, found))


def read(
	numbers: Mapping[Person, Collection[str]], owners_of: Callable[[Collection[str]], Owners]
) -> dict[Person, Stops]:
	"""Return what these people stopped, with a fixed number of queries.

	Most stopped nothing, and are absent. `numbers` are on the people's records. `owners_of` is asked about those of people who stopped something.
	"""
	involved = {person: phones for person, phones in _with_stops(numbers).items() if len(phones) > 1}
	if not involved:
		return {}
	phones = sorted({phone for some in involved.values() for phone in some})
	rows = sorted(stream.events_of(phones), key=lambda row: row[chain.AT])
	events = [stream.event_from_row(row) for row in rows]
	now = aliases.current({(one.person_doctype, one.person) for one in events if one.person})
	owners = owners_of(phones)
	found = {}
	for person, own in involved.items():
		current = frozenset(numbers.get(person, ()))
		said = [one for one in events if one.phone in own]
		found[person] = fold(person, said, current, owners, now)
	return found


def _with_stops(numbers: Mapping[Person, Collection[str]]) -> dict[Person, set[str]]:
	"""Return all numbers of those people at one of whose numbers something is stopped.

	One that a person gave up counts if an opt-out there named them.
	"""
	phones = sorted({phone for some in numbers.values() for phone in some})
	if not phones:
		return {}
	rows = frappe.db.sql(
		"""select phone, person_doctype, person from `tabContact Consent`
		where phone in %(phones)s and opt_out_scope > ''
		union select phone, person_doctype, person from `tabContact Consent`
		where person in %(names)s and opt_out_scope > ''""",
		{"phones": phones, "names": [name for _doctype, name in numbers]},
	)
	stopped = {phone for phone, _doctype, _name in rows}
	named = defaultdict(set)
	for phone, doctype, name in rows:
		named[doctype, name].add(phone)
	return {
		person: {*own, *named.get(person, ())}
		for person, own in numbers.items()
		if named.get(person) or not stopped.isdisjoint(own)
	}


def fold(
	person: Person,
	events: Iterable[Event],
	numbers: Collection[str],
	owners: Owners,
	now: Mapping[Person, str],
) -> Stops:
	"""Return what `events` of a person's numbers, as written one after the other, leave stopped for them.

	`numbers` are those on the person's record, and `now` has the present names of people who were renamed.
	"""
	found, strangers, doubted = Stops(), set(), set()
	for event in events:
		phone = event.phone
		if _says_wrong(event):
			doubted.add(phone)
			if event.kind == WRONG_NUMBER and event.evidence.source not in state.HEARSAY:
				strangers.add(phone)
			continue
		if phone in strangers and event.kind in (GRANT, VERIFY):
			strangers -= {phone} if event.evidence.source in state.SCHOOLS_WORD else set()
		mine = _whose(event, person, now)
		if phone in strangers or mine is False or (mine is None and phone not in numbers):
			continue
		alone = mine or _owns(person, owners.get(phone, ()), alone=True)
		if not (alone or _owns(person, owners.get(phone, ()))):
			continue
		if _take(found, event, alone):
			found.lifted.update(found.said.keys() - {phone})
	own = {number for number in found.lifted if _owns(person, owners.get(number, ()), alone=True)}
	found.lifted &= own - doubted
	return found


def _take(found: Stops, event: Event, alone: bool) -> bool:
	"""Apply one event of the person, and return whether it lifted what they stopped at other numbers.

	`alone`: no one else can have said it.
	"""
	phone = event.phone
	if event.kind == OPT_OUT:
		scope = event.scope if alone or event.scope != EVERYTHING else ALL_NON_EMERGENCY
		state.apply(found.said[phone], replace(event, scope=scope), "")
	elif event.kind == RESCOPE:
		state.apply(found.said[phone], event, "")
	elif event.kind == OPT_IN or (event.kind == GRANT and event.by_person):
		for number, rows in found.said.items():
			if number == phone or alone:
				state.apply(rows, replace(event, phone=number), "")
		return alone
	return False


def _says_wrong(event: Event) -> bool:
	return event.kind == WRONG_NUMBER or event.evidence.note == SAYS_WRONG_NUMBER


def _whose(event: Event, person: Person, now: Mapping[Person, str]) -> bool | None:
	"""Return whether the event names this person, or None if it names no one.

	A record of another kind, such as a guardian's Contact, may describe the same person.
	"""
	named = (event.person_doctype or "", event.person or "")
	if not named[1] or named[0] != person[0]:
		return None
	return (named[0], now.get(named, named[1])) == person


def _owns(person: Person, owners: Collection[Person], alone: bool = False) -> bool:
	"""Return whether the number is this person's, or is so before all others' of the same kind."""
	alike = {one for one in owners if one[0] == person[0]}
	return alike == {person} if alone else person in alike
