"""Consent from enrollment: the family gave the number to the school, and the school can show how (FCC 16-88).

A roster alone is not consent. This records, for many people at once, the explicit statement of a named user
that these numbers were given at enrollment, with the form or wording that shows it. Numbers that have opted
out of all calls and texts, or consented already, are left unchanged. An opt-out of one purpose, one channel,
or one school stays in force, and keeps no one from being enrolled for the rest.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

from school_dialer.base.bounds import phone_field
from school_dialer.compliance.vocabulary import ALL_PURPOSES, ANY_CHANNEL, CHANNELS, NUMBER_PROVIDED
from school_dialer.consent import events, ledger
from school_dialer.consent.events import OF_ONE, Event, Evidence
from school_dialer.consent.facts import ConsentFacts

CHUNK = 500


@dataclass(frozen=True)
class Enrolled:
	"""A person and their numbers on record."""

	doctype: str
	name: str
	phones: tuple[str, ...]


@dataclass
class Counts:
	"""What recording would do, or did.

	`people` have `numbers` different valid numbers; a number shared by several people counts once for each of
	them. Each number is counted in one of `agreed_already`, `opted_out` and `to_record`.
	"""

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
	"""Return (phone, person) for numbers that neither consented nor stopped everything, and update `counts`.

	`phone` is E.164. Each number occurs once per person.
	"""
	owners: list[tuple[str, Enrolled]] = []
	for person in people:
		counts.people += 1
		counts.without_number += not person.phones
		for raw in person.phones:
			numbers = phone_field.read(raw, default_country).numbers
			counts.invalid += not numbers
			for phone in numbers:
				if (phone, person.name) not in counts.seen:
					counts.seen.add((phone, person.name))
					owners.append((phone, person))
	counts.numbers += len(owners)
	facts = ledger.read(phone for phone, _person in owners)
	open_numbers = []
	for phone, person in owners:
		if is_stopped(facts[phone]):
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


def is_stopped(facts: ConsentFacts) -> bool:
	"""Return whether a consent would change nothing: wide opt-outs are on every channel."""
	wide = [opt_out.channel for opt_out in facts.opt_outs if opt_out.scope not in OF_ONE]
	return all(channel in wide for channel in CHANNELS)


def record_numbers(
	numbers: Sequence[tuple[str, Enrolled]],
	evidence: Evidence,
	at: datetime,
	after_chunk: Callable[[int], None],
) -> int:
	"""Record "number provided" for each number, in chunks. Returns the number of events.

	`at` is aware. `after_chunk` gets the size of each chunk after it is recorded, and may commit.
	"""
	for start in range(0, len(numbers), CHUNK):
		chunk = numbers[start : start + CHUNK]
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
				for phone, person in chunk
			]
		)
		after_chunk(len(chunk))
	return len(numbers)
