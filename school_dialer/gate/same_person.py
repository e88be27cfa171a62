"""What the people of one chunk stopped at their other numbers, and whose a number is.

A number may be on several records: a landline of both parents, or one parent's mobile that is also given as
the other's second number. It is theirs who have it before their other numbers.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import frappe

from school_dialer.audience import on_record
from school_dialer.compliance.model import OptOut
from school_dialer.consent import of_person
from school_dialer.consent.of_person import Owners, Person, Stops
from school_dialer.database import doctypes


def stops(questions: Sequence) -> dict[Person, Stops]:
	"""Return what the people of these checks stopped, with a fixed number of queries.

	Of people whom the source has just read, all numbers are asked about, in their order.
	"""
	asked: dict[Person, dict[str, int]] = defaultdict(dict)
	unread: dict[Person, None] = {}
	for one in questions:
		if one.person_doctype and one.person and one.phone.startswith("+"):
			person = one.person_doctype, one.person
			asked[person].setdefault(one.phone, len(asked[person]))
			if one.read is None:
				unread[person] = None
	if not asked:
		return {}
	on_file = numbers_of(unread)
	numbers = {person: phones | on_file.get(person, {}) for person, phones in asked.items()}
	return of_person.read(numbers, lambda phones: owners(phones, numbers))


def opt_outs(
	stopped: dict[Person, Stops], question, channel: str, of_number: tuple[OptOut, ...]
) -> tuple[OptOut, ...]:
	"""Return the opt-outs that hold in this check. `of_number` are those on record for its number."""
	found = stopped.get((question.person_doctype, question.person)) if stopped else None
	return found.at(question.phone, channel, of_number) if found else of_number


def numbers_of(people: Iterable[Person]) -> dict[Person, dict[str, int]]:
	"""Return the numbers on these people's records, each with its place among them (from 0)."""
	names = defaultdict(list)
	for doctype, name in people:
		names[doctype].append(name)
	found: dict[Person, dict[str, int]] = defaultdict(dict)
	for doctype, some in names.items():
		if doctype in on_record.PHONE_FIELDS and doctypes.exists(doctype):
			for known in on_record.numbers_of(doctype, some):
				places = found[doctype, known.name]
				places.setdefault(known.phone, len(places))
	return found


def owners(phones: Collection[str], known: dict[Person, dict[str, int]]) -> Owners:
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
		people.update(person for person in map(named, (provided_by or "").splitlines()) if all(person))
	places = known | numbers_of(people - known.keys())
	found: dict[str, dict[Person, int]] = defaultdict(dict)
	for person, own in places.items():
		for phone in own.keys() & set(phones):
			found[phone][person] = own[phone]
	return {phone: first(some) for phone, some in found.items()}


def named(line: str) -> Person:
	"""Return the person of a line of `consent.providers`."""
	doctype, _slash, name = line.partition("\t")[0].partition("/")
	return doctype, name


def first(places: dict[Person, int]) -> list[Person]:
	"""Return those who have a number before their other numbers, of each kind of record."""
	best: dict[str, int] = {}
	for (doctype, _name), place in places.items():
		best[doctype] = min(place, best.get(doctype, place))
	return [person for person, place in places.items() if place == best[person[0]]]
