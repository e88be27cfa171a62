"""Consent that came with enrolment: the family gave the number to the school, and the school can show how (FCC 16-88).

A roster alone is no consent. This records, for many people at once, the explicit statement of a named user that these numbers were
given at enrolment, with the form or wording that shows it. Numbers that opted out or agreed already are left as they are.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from school_dialer.compliance.model import ALL_PURPOSES, ANY_CHANNEL, NUMBER_PROVIDED
from school_dialer.consent import events, ledger
from school_dialer.consent.events import Event, Evidence
from school_dialer.phone import InvalidNumber, parse

CHUNK = 500


@dataclass(frozen=True)
class Enrolled:
	"""A person and their numbers as on record."""

	doctype: str
	name: str
	phones: tuple[str, ...]


@dataclass
class Counts:
	"""What recording would do, or did. `people` have `numbers` different valid numbers, a shared one counted for each of them; each is
	in one of the last three."""

	people: int = 0
	without_number: int = 0
	invalid: int = 0
	numbers: int = 0
	agreed_already: int = 0
	opted_out: int = 0
	to_record: int = 0
	seen: set[tuple[str, str]] = field(default_factory=set, repr=False)

	def as_dict(self) -> dict[str, int]:
		return {each.name: getattr(self, each.name) for each in fields(self) if each.repr}


def take_numbers(
	people: Iterable[Enrolled], default_country: str, counts: Counts
) -> list[tuple[str, Enrolled]]:
	"""The numbers of `people` that have neither agreed nor opted out, once for each person, counted into `counts`."""
	owners: list[tuple[str, Enrolled]] = []
	for person in people:
		counts.people += 1
		counts.without_number += not person.phones
		for raw in person.phones:
			try:
				phone = parse(raw, default_country).e164
			except InvalidNumber:
				counts.invalid += 1
				continue
			if (phone, person.name) not in counts.seen:
				counts.seen.add((phone, person.name))
				owners.append((phone, person))
	counts.numbers += len(owners)
	facts = ledger.read(phone for phone, _person in owners)
	open_numbers = []
	for phone, person in owners:
		if facts[phone].opt_outs:
			counts.opted_out += 1
		elif any(
			consent.purpose == ALL_PURPOSES
			for consent in facts[phone].of(person.doctype, person.name).consents
		):
			counts.agreed_already += 1
		else:
			open_numbers.append((phone, person))
	counts.to_record += len(open_numbers)
	return open_numbers


def record_numbers(
	numbers: Sequence[tuple[str, Enrolled]],
	evidence: Evidence,
	at: datetime,
	after_chunk: Callable[[int], None],
) -> int:
	"""Record "number provided" for each number, in chunks; `after_chunk` gets how many it had (and may commit)."""
	for start in range(0, len(numbers), CHUNK):
		some = numbers[start : start + CHUNK]
		ledger.record_many(
			[
				Event(
					events.GRANT,
					phone,
					evidence,
					ANY_CHANNEL,
					ALL_PURPOSES,
					basis=NUMBER_PROVIDED,
					at=at,
					person_doctype=person.doctype,
					person=person.name,
				)
				for phone, person in some
			]
		)
		after_chunk(len(some))
	return len(numbers)
