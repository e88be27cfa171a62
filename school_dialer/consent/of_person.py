"""What a person stopped at their other numbers.

A revocation is of the person, by any reasonable means (47 CFR 64.1200(a)(10)), so it holds at the person's
other numbers too. The events of all of them are read in the order in which they were written:

- An opt-out counts for the person whom it names, or else for those whose number it was made at. Where a
  number is of several, one of them said it, and it counts for each.
- Emergencies stay on at the other numbers. The law lets them go out without consent, so there is none to
  revoke, and the call in which a person stops them says "at this number".
- A report of a wrong number is about the number. What a stranger says there is not its owner's word. Its undo
  says nothing new, and nor does staff's correction of an opt-out, which leaves all others as they were.
- START, or a consent that the person gives again, opens the number at which it is said, and no other one.
  From a number of several it lifts only what was stopped there: another may have said it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import frappe

from school_dialer.base.database import aliases
from school_dialer.compliance.model import OptOut
from school_dialer.compliance.vocabulary import ALL_NON_EMERGENCY, EMERGENCY, EVERYTHING
from school_dialer.consent import chain, facts, state
from school_dialer.consent.choices import wrong_number
from school_dialer.consent.corrections import that_stand
from school_dialer.consent.events import OPT_OUT, RESCOPE, Event
from school_dialer.consent.integrity import stream
from school_dialer.consent.replies.reviews import SAYS_WRONG_NUMBER

Person = tuple[str, str]
"""DocType and name."""
Owners = Mapping[str, Collection[Person]]
"""Whose each number is, as far as records say: those who have it before their other numbers."""
STOPPING = (OPT_OUT, RESCOPE)


@dataclass(frozen=True, slots=True)
class Stops:
	"""What one person said at their numbers: each event as written, and whether it can be no one else's."""

	said: tuple[tuple[Event, bool], ...]

	def elsewhere(self, phone: str, channel: str) -> tuple[OptOut, ...]:
		"""Return the opt-outs of the person's other numbers that hold at this one."""
		stopped: dict[str, state.Rows] = defaultdict(dict)
		for event, alone in self.said:
			if event.kind in STOPPING:
				state.apply(stopped[event.phone], event, "")
				continue
			opens = alone and event.phone == phone
			for number, rows in stopped.items():
				if opens or number == event.phone:
					state.apply(rows, replace(event, phone=number), "")
		return tuple(
			replace(stop, scope=ALL_NON_EMERGENCY if stop.scope == EVERYTHING else stop.scope, elsewhere=True)
			for number, rows in stopped.items()
			if number != phone
			for stop in _of_rows(rows, channel)
			if stop.purpose != EMERGENCY
		)


def read_stops(
	numbers: Mapping[Person, Collection[str]], owners_of: Callable[[Collection[str]], Owners]
) -> dict[Person, Stops]:
	"""Return what these people said, with a fixed number of queries, if any of them stopped something.

	Those who stopped nothing are absent, as are those with one number. `numbers` are on the people's records.
	`owners_of` is asked about the numbers at which something was said.
	"""
	stopped, strangers = _with_stops(numbers)
	several = {person: phones for person, phones in stopped.items() if len(phones) > 1}
	if not several:
		return {}
	phones = sorted({phone for reached in several.values() for phone in reached})
	rows = sorted(stream.events_of(phones), key=lambda row: row[chain.AT])
	words = [event for _name, event in that_stand(rows) if _is_word(event)]
	now = aliases.current({(event.person_doctype, event.person) for event in words if event.person})
	owners = owners_of(sorted({event.phone for event in words}))
	stops = {}
	for person, own_phones in several.items():
		unnamed = set(numbers[person]) - strangers
		theirs = [event for event in words if event.phone in own_phones]
		stops[person] = Stops(tuple(_said(person, theirs, unnamed, owners, now)))
	return stops


def _with_stops(numbers: Mapping[Person, Collection[str]]) -> tuple[dict[Person, set[str]], set[str]]:
	"""Return all numbers of people at one of whose numbers something is stopped, and which are strangers'.

	A number that a person gave up counts if an opt-out there named them.
	"""
	phones = sorted({phone for own_phones in numbers.values() for phone in own_phones})
	if not phones:
		return {}, set()
	rows = frappe.db.sql(
		"""select phone, person_doctype, person, scope_if_right from `tabContact Consent`
		where phone in %(phones)s and opt_out_scope > ''
		union select phone, person_doctype, person, scope_if_right from `tabContact Consent`
		where person in %(names)s and opt_out_scope > ''
		union select consent.phone, alias.record_doctype, alias.later_name, consent.scope_if_right
		from `tabDialer Alias` alias join `tabContact Consent` consent
			on consent.person = alias.earlier_name and consent.person_doctype = alias.record_doctype
		where alias.later_name in %(names)s and consent.opt_out_scope > ''""",
		{"phones": phones, "names": [name for _doctype, name in numbers]},
	)
	stopped = {phone for phone, *_person in rows}
	strangers = {phone for phone, *_person, scope in rows if scope}
	named = defaultdict(set)
	for phone, doctype, name, _scope in rows:
		named[doctype, name].add(phone)
	return {
		person: {*own_phones, *named.get(person, ())}
		for person, own_phones in numbers.items()
		if person in named or not stopped.isdisjoint(own_phones)
	}, strangers


def _is_word(event: Event) -> bool:
	"""Return whether a person stops or starts something by it, and does not report a wrong number."""
	if event.evidence.note == SAYS_WRONG_NUMBER or wrong_number.is_of_report(event):
		return False
	return event.starts or event.kind in STOPPING


def _said(
	person: Person,
	events: Collection[Event],
	unnamed: Collection[str],
	owners: Owners,
	now: Mapping[Person, str],
) -> Iterator[tuple[Event, bool]]:
	"""Yield the person's own of these events, each with whether it can be no one else's.

	`unnamed` are the numbers where one that names no one may be theirs. `now` has the present names of people
	who were renamed.
	"""
	for event in events:
		mine = _names(event, person, now)
		alike = {owner for owner in owners.get(event.phone, ()) if owner[0] == person[0]}
		if mine or (mine is None and event.phone in unnamed and person in alike):
			yield event, bool(mine) or (alike == {person} and not event.is_of_several(person[0]))


def _names(event: Event, person: Person, now: Mapping[Person, str]) -> bool | None:
	"""Return whether the event names this person, or None if it names no one.

	A record of another kind, such as a guardian's Contact, may describe the same person.
	"""
	named = (event.person_doctype or "", event.person or "")
	if not named[1] or named[0] != person[0]:
		return None
	return (named[0], now.get(named, named[1])) == person


def _of_rows(rows: state.Rows, channel: str) -> Iterator[OptOut]:
	for row in rows.values():
		if row.opt_out_scope and row.channel == channel:
			opt_out = facts.opt_out_of(row.opt_out_scope, row.purpose, row.channel, row.opted_out_at)
			if opt_out:
				yield opt_out
