"""What the people of one chunk stopped at their other numbers, whose a number is, and whose no longer.

A number may be on several records: a landline of both parents, or one parent's mobile that is also given as
the other's second number. It is theirs who have it before their other numbers.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import frappe

from school_dialer.audience import on_record, whose_number
from school_dialer.base.database import aliases, doctypes
from school_dialer.compliance.model import OptOut
from school_dialer.compliance.vocabulary import CHANNELS
from school_dialer.consent import of_person, providers
from school_dialer.consent.of_person import Owners, Person, Stops

Places = dict[Person, dict[str, int]]
"""The numbers of people, each with its place among the person's numbers (from 0)."""
Recorded = dict[Person, list[on_record.NumberOnRecord]]
"""The numbers of people as they are on record."""


def of_people(checks: Iterable) -> Iterator[tuple[Person, Any]]:
	"""Yield the checks of a number of a person on record, with the person.

	A list names its file as the person of each row, so only records of people are one person each.
	"""
	for check in checks:
		if check.person and on_record.phone_fields(check.person_doctype) and check.phone.startswith("+"):
			yield (check.person_doctype, check.person), check


def read_recorded_numbers(checks: Sequence) -> Recorded:
	"""Return the numbers of those people of these checks whom the source has not just read."""
	return recorded_of({person: None for person, check in of_people(checks) if check.read is None})


def opt_outs_beside_numbers(checks: Sequence, recorded: Recorded) -> dict[str, tuple[OptOut, ...]]:
	"""Return what the words beside the number of each check ask for, by its key."""
	opt_outs = {check.key: check.stops for check in checks}
	for person, check in of_people(checks):
		for number in recorded.get(person, ()):
			if number.phone == check.phone:
				opt_outs[check.key] += number.stops
	return opt_outs


def read_stops(checks: Sequence, numbers_of_people: Places) -> dict[Person, Stops]:
	"""Return what the people of these checks said of their numbers, with a fixed number of queries.

	`numbers_of_people` are the `places` of those on record now. Of those whom the source has just read, all
	numbers are asked about, in their order.
	"""
	asked: Places = defaultdict(dict)
	for person, check in of_people(checks):
		asked[person].setdefault(check.phone, len(asked[person]))
	numbers = asked | numbers_of_people
	return of_person.read_stops(numbers, lambda phones: owners(phones, numbers))


def keys_of_removed_numbers(checks: Sequence, recorded: Recorded) -> set[str]:
	"""Return the keys of the planned checks whose number has left the person's record since.

	It may be a stranger's by now. One beside which stands that it is gone has left it too. Another app's
	audience may call a number in a further field, which is read only for those whose number is not in the
	usual ones.
	"""
	still = {(person, line.phone) for person, lines in recorded.items() for line in lines if not line.gone}
	missing = [
		(person, check)
		for person, check in of_people(checks)
		if check.planned and check.read is None and (person, check.phone) not in still
	]
	left = whose_number.not_on({(*person, check.phone) for person, check in missing})
	return {check.key for person, check in missing if (*person, check.phone) in left}


def opt_outs_at_other_numbers(stopped: dict[Person, Stops], check, channel: str) -> tuple[OptOut, ...]:
	"""Return the opt-outs of this person's other numbers that hold at the number of the check."""
	person_stops = stopped.get((check.person_doctype, check.person)) if stopped else None
	return person_stops.elsewhere(check.phone, channel) if person_stops else ()


def stopped_elsewhere(phone: str, person_doctype: str | None, person: str | None) -> bool:
	"""Return whether this person, or else one whose number it is, stopped something at another number."""
	named = [(person_doctype, person)] if person_doctype and person else owners([phone], {}).get(phone, [])
	numbers = numbers_of(named)
	for named_person in named:
		numbers[named_person].setdefault(phone, len(numbers[named_person]))
	stops_of = of_person.read_stops(numbers, lambda phones: owners(phones, numbers))
	return any(stopped.elsewhere(phone, channel) for stopped in stops_of.values() for channel in CHANNELS)


def numbers_of(people: Iterable[Person]) -> Places:
	"""Return the numbers on the records of these people. Those without any are absent."""
	return places(recorded_of(people))


def places(recorded: Recorded) -> Places:
	"""Return each person's numbers with their places, in a dict that has an empty one of everyone else."""
	places_of: Places = defaultdict(dict)
	for person, numbers in recorded.items():
		for number in numbers:
			places_of[person].setdefault(number.phone, len(places_of[person]))
	return places_of


def recorded_of(people: Iterable[Person]) -> Recorded:
	names = defaultdict(list)
	for doctype, name in people:
		names[doctype].append(name)
	recorded: Recorded = defaultdict(list)
	for doctype, names_of_doctype in names.items():
		if on_record.phone_fields(doctype) and doctypes.exists(doctype):
			for number in on_record.numbers_of(doctype, names_of_doctype):
				recorded[doctype, number.name].append(number)
	return recorded


def owners(phones: Collection[str], places_known: Places) -> Owners:
	"""Return whose each of these numbers is, among those who gave it or were called at it.

	Their records say whether they still have it. `places_known` are the numbers of some people. All of them
	are found by index, but for a number that each of them has after another one: it is probably of someone
	whom the school never called, so it is searched for among all people of their kind.
	"""
	if not phones:
		return {}
	rows = frappe.db.sql(
		"""select person_doctype, person, provided_by from `tabContact Consent` where phone in %(phones)s
		union select person_doctype, person, null from `tabDialer Recipient` where phone in %(phones)s""",
		{"phones": tuple(phones)},
	)
	people = {(doctype, name) for doctype, name, _by in rows if doctype and name}
	for _doctype, _name, provided_by in rows:
		people.update(tuple(provider.split("/", 1)) for provider in providers.read(provided_by, None))
	renamed = aliases.current(people)
	people = {(doctype, renamed.get((doctype, name), name)) for doctype, name in people}
	everyone = places_known | numbers_of(people - places_known.keys())
	if others := never_called(holders_of(phones, everyone)) - everyone.keys():
		everyone |= numbers_of(others)
	return {phone: first_owners(holders) for phone, holders in holders_of(phones, everyone).items()}


def holders_of(phones: Collection[str], numbers_of_people: Places) -> dict[str, dict[Person, int]]:
	"""Return who has each of these numbers, and at which place among theirs."""
	holders: dict[str, dict[Person, int]] = defaultdict(dict)
	asked = set(phones)
	for person, numbers in numbers_of_people.items():
		for phone in numbers.keys() & asked:
			holders[phone][person] = numbers[phone]
	return holders


def never_called(holders: dict[str, dict[Person, int]]) -> set[Person]:
	"""Return further people who may have the numbers that none of these people of their kind has first."""
	unsettled: dict[str, set[str]] = defaultdict(set)
	for phone, places_of in holders.items():
		for doctype, _name in places_of:
			if all(place for (kind, _other), place in places_of.items() if kind == doctype):
				unsettled[doctype].add(phone)
	return {
		(doctype, name)
		for doctype, phones in unsettled.items()
		for name in whose_number.who_may_have(doctype, phones)
	}


def first_owners(places: dict[Person, int]) -> list[Person]:
	"""Return those who have a number before their other numbers, of each kind of record."""
	best: dict[str, int] = {}
	for (doctype, _name), place in places.items():
		best[doctype] = min(place, best.get(doctype, place))
	return [person for person, place in places.items() if place == best[person[0]]]
