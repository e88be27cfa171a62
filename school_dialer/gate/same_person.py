"""What the people of one chunk stopped at their other numbers, whose a number is, and whose no longer.

A number may be on several records: a landline of both parents, or one parent's mobile that is also given as
the other's second number. It is theirs who have it before their other numbers.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import frappe

from school_dialer.audience import on_record, whose_number
from school_dialer.compliance.model import OptOut
from school_dialer.compliance.vocabulary import CHANNELS
from school_dialer.consent import of_person, providers
from school_dialer.consent.of_person import Owners, Person, Stops
from school_dialer.database import aliases, doctypes

Places = dict[Person, dict[str, int]]
"""The numbers of people, each with its place among the person's numbers (from 0)."""


def of_people(questions: Iterable) -> Iterator[tuple[Person, Any]]:
	"""Yield the checks of a number of a person on record, with the person.

	A list names its file as the person of each row, so only records of people are one person each.
	"""
	for one in questions:
		if one.person and one.person_doctype in on_record.PHONE_FIELDS and one.phone.startswith("+"):
			yield (one.person_doctype, one.person), one


def numbers_on_record(questions: Sequence) -> Places:
	"""Return the numbers of those people of these checks whom the source has not just read."""
	return numbers_of({person: None for person, one in of_people(questions) if one.read is None})


def stops(questions: Sequence, known: Places) -> dict[Person, Stops]:
	"""Return what the people of these checks said of their numbers, with a fixed number of queries.

	`known` is that of `numbers_on_record`. Of those whom the source has just read, all numbers are asked
	about, in their order.
	"""
	asked: Places = defaultdict(dict)
	for person, one in of_people(questions):
		asked[person].setdefault(one.phone, len(asked[person]))
	numbers = asked | known
	return of_person.read(numbers, lambda phones: owners(phones, numbers))


def removed(questions: Sequence, known: Places) -> set[str]:
	"""Return the keys of the planned checks whose number has left the person's record since.

	It may be a stranger's by now. `known` is that of `numbers_on_record`. Another app's audience may call a
	number in a further field, which is read only for those whose number is not in the usual ones.
	"""
	missing = [
		(person, one)
		for person, one in of_people(questions)
		if one.planned and one.read is None and one.phone not in known.get(person, ())
	]
	left = whose_number.not_on({(*person, one.phone) for person, one in missing})
	return {one.key for person, one in missing if (*person, one.phone) in left}


def elsewhere(stopped: dict[Person, Stops], question, channel: str) -> tuple[OptOut, ...]:
	"""Return the opt-outs of this person's other numbers that hold at the number of the check."""
	found = stopped.get((question.person_doctype, question.person)) if stopped else None
	return found.elsewhere(question.phone, channel) if found else ()


def stopped_elsewhere(phone: str, person_doctype: str | None, person: str | None) -> bool:
	"""Return whether this person, or else one whose number it is, stopped something at another number."""
	named = [(person_doctype, person)] if person_doctype and person else owners([phone], {}).get(phone, [])
	numbers = numbers_of(named)
	for one in named:
		numbers[one].setdefault(phone, len(numbers[one]))
	found = of_person.read(numbers, lambda phones: owners(phones, numbers))
	return any(one.elsewhere(phone, channel) for one in found.values() for channel in CHANNELS)


def numbers_of(people: Iterable[Person]) -> Places:
	"""Return the numbers on the records of these people. Those without any are absent."""
	names = defaultdict(list)
	for doctype, name in people:
		names[doctype].append(name)
	found: Places = defaultdict(dict)
	for doctype, some in names.items():
		if doctype in on_record.PHONE_FIELDS and doctypes.exists(doctype):
			for known in on_record.numbers_of(doctype, some):
				places = found[doctype, known.name]
				places.setdefault(known.phone, len(places))
	return found


def owners(phones: Collection[str], known: Places) -> Owners:
	"""Return whose each of these numbers is, among those who gave it or were called at it.

	Their records say whether they still have it. `known` are the numbers of some people. All of them are
	found by index: no table of people is searched for a number.
	"""
	rows = frappe.db.sql(
		"""select person_doctype, person, provided_by from `tabContact Consent` where phone in %(phones)s
		union select person_doctype, person, null from `tabDialer Recipient` where phone in %(phones)s""",
		{"phones": tuple(phones)},
	)
	people = {(doctype, name) for doctype, name, _by in rows if doctype and name}
	for _doctype, _name, provided_by in rows:
		people.update(tuple(one.split("/", 1)) for one in providers.read(provided_by, None))
	renamed = aliases.current(people)
	people = {(doctype, renamed.get((doctype, name), name)) for doctype, name in people}
	places = known | numbers_of(people - known.keys())
	found: dict[str, dict[Person, int]] = defaultdict(dict)
	for person, own in places.items():
		for phone in own.keys() & set(phones):
			found[phone][person] = own[phone]
	return {phone: first(some) for phone, some in found.items()}


def first(places: dict[Person, int]) -> list[Person]:
	"""Return those who have a number before their other numbers, of each kind of record."""
	best: dict[str, int] = {}
	for (doctype, _name), place in places.items():
		best[doctype] = min(place, best.get(doctype, place))
	return [person for person, place in places.items() if place == best[person[0]]]
