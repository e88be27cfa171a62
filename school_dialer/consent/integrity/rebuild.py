"""Rebuild Contact Consent from the events, compare it with the stored rows, and correct them on request."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import frappe

from school_dialer.base.phone import mask
from school_dialer.consent import chain, state, store
from school_dialer.consent.integrity import stream
from school_dialer.consent.lock import number_lock
from school_dialer.consent.state import Row, Rows

CHUNK = 500
KEPT = 50
"""The differences that are kept to be shown. A patch may find as many as there are rows."""


@dataclass(frozen=True)
class Difference:
	"""One row of Contact Consent that differs from the events.

	`stored` or `rebuilt` is None where there is no row.
	"""

	phone: str
	channel: str
	purpose: str
	stored: Row | None
	rebuilt: Row | None

	def __str__(self) -> str:
		place = f"{mask(self.phone)} {self.channel} {self.purpose}"
		if self.stored is None or self.rebuilt is None:
			return f"{place}: {'missing' if self.stored is None else 'not founded on any event'}"
		fields = [c for c in store.STATE_COLUMNS if getattr(self.stored, c) != getattr(self.rebuilt, c)]
		return f"{place}: differs in {', '.join(fields)}"


@dataclass
class Differences:
	"""How many rows differed, and the first of them."""

	count: int = 0
	first: list[Difference] = field(default_factory=list)

	def add(self, difference: Difference) -> None:
		self.count += 1
		if self.count <= KEPT:
			self.first.append(difference)

	@classmethod
	def among(cls, differences: Iterable[Difference]) -> "Differences":
		tally = cls()
		for difference in differences:
			tally.add(difference)
		return tally


def fold(rows: Sequence[Sequence]) -> Rows:
	"""Return the state of one number from its stored events, in the order of seq.

	The events are tuples of `chain.COLUMNS`.
	"""
	result: Rows = {}
	for row in rows:
		state.apply(result, stream.event_from_row(row), row[chain.NAME])
	return result


def differences() -> Iterator[Difference]:
	"""Yield every difference, by phone. Read-only."""
	events = chain.by_phone(stream.events())
	for phone, recorded, stored in stream.merged(events, stream.rows_by_phone()):
		rebuilt = fold(recorded[1]) if recorded else {}
		kept = {row.key: row for _name, row in stored[1]} if stored else {}
		for channel, purpose in sorted(rebuilt.keys() | kept.keys()):
			key = (channel, purpose)
			if not _same(kept.get(key), rebuilt.get(key)):
				yield Difference(phone, channel, purpose, kept.get(key), rebuilt.get(key))


def _same(stored: Row | None, rebuilt: Row | None) -> bool:
	return stored is not None and rebuilt is not None and store.row_to_db(stored) == store.row_to_db(rebuilt)


def rebuild() -> Differences:
	"""Correct the rows that differ.

	Works on a few hundred numbers at a time, under their locks, and commits each chunk. So it needs the
	memory of one chunk, and goes on where it was when it is run again.
	"""
	tally, phones = Differences(), []
	for difference in differences():
		tally.add(difference)
		if difference.phone not in phones[-1:]:
			if len(phones) == CHUNK:
				rebuild_numbers(phones)
				phones = []
			phones.append(difference.phone)
	rebuild_numbers(phones)
	return tally


def rebuild_numbers(phones: Sequence[str]) -> None:
	"""Write the projection of these numbers again from their events. Commits each chunk."""
	for start in range(0, len(phones), CHUNK):
		chunk = phones[start : start + CHUNK]
		frappe.db.commit()
		with number_lock(chunk):
			repair(list(store.lock_heads(chunk).values()), {})
		frappe.db.commit()


def repair(heads: Sequence[store.Head], states: dict[str, Rows]) -> None:
	"""Write the projection of locked numbers again from their events, and put it into `states`.

	A head that exists stays unchanged, even where events before or after it are gone: it is evidence of the
	loss.
	"""
	if not heads:
		return
	by_phone = {head.phone: head for head in heads}
	store.remove_rows(list(by_phone))
	states.update({phone: {} for phone in by_phone})
	for phone, rows in chain.by_phone(stream.events_of(list(by_phone))):
		states[phone] = fold(rows)
		if by_phone[phone].seq == 0:
			last = rows[-1]
			by_phone[phone].seq, by_phone[phone].at_utc = last[chain.SEQ], last[chain.AT]
			by_phone[phone].hash = last[chain.HASH]
	for head in heads:
		head.rows.clear()
	store.write_state(by_phone, states, {phone: set(states[phone]) for phone in by_phone})
