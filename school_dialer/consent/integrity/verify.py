"""Verify the ledger in one pass over all events: hashes, links, ends of chains, and all anchors."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import frappe

from school_dialer.base import clock
from school_dialer.consent import chain
from school_dialer.consent import keys as site_keys
from school_dialer.consent.chain import Problem
from school_dialer.consent.integrity import anchors, outside, signed_anchor, stream

LATE = timedelta(hours=36)
"""An anchor is signed every night."""


@dataclass(frozen=True)
class Report:
	"""The result of a verification.

	`findings` are about anchors. `suspects` are the phones that they point to when no problem in a chain
	explains them.
	"""

	events: int
	phones: int
	anchors: int
	problems: tuple[Problem, ...]
	findings: tuple[signed_anchor.Finding, ...]
	suspects: tuple[str, ...]
	seconds: float
	sums: signed_anchor.Sums | None = None

	@property
	def sound(self) -> bool:
		return not self.problems and not self.findings


def verify_ledger(cutoff_utc: str | None = None) -> Report:
	"""Verify the whole ledger.

	With `cutoff_utc` (ISO text) the report also has the `sums` up to that time, for a new anchor.

	If an event was changed and all later hashes were recomputed, the anchors signed before the change reveal
	it. Events after the last anchor are protected only by the hashes, the heads and the projection. The
	newest anchor has to be there, as the mark outside of the database says, and not to be too old.
	"""
	started = time.monotonic()
	signed = anchors.load()
	keys, key = anchors.keys(), site_keys.of_chain()
	cutoffs = [each.cutoff_utc for each in signed] + ([cutoff_utc] if cutoff_utc else [])
	tally = signed_anchor.Tally(cutoffs, keys.head)
	problems: list[Problem] = []
	events = phones = 0
	for rows, head in _chains():
		if rows:
			problems.extend(chain.examine(rows, head[1:] if head else None, key))
			tally.add(rows)
			events, phones = events + len(rows), phones + 1
		else:
			problems.append(chain.vanished(head[0], head[1:]))
	sums = tally.sums()
	compared = signed_anchor.compare(signed, sums[: len(signed)], keys)
	findings = (*compared, *_newest(signed, look_at_age=cutoff_utc is None))
	return Report(
		events,
		phones,
		len(signed),
		tuple(problems),
		findings,
		_suspects(findings, problems),
		time.monotonic() - started,
		sums[-1] if cutoff_utc else None,
	)


def _newest(signed: list[signed_anchor.Anchor], look_at_age: bool) -> Iterator[signed_anchor.Finding]:
	"""Find an anchor that was taken from the end, which leaves no gap, and anchors that stopped."""
	if mark := outside.lost(outside.ANCHOR):
		yield signed_anchor.Finding(mark.seq, "It was signed, and is gone or is another one now.")
	if look_at_age and (late := _late()):
		yield signed_anchor.Finding(signed[-1].seq if signed else 0, late)


def _late() -> str:
	"""Return what is wrong with the age of the newest anchor, or ""."""
	last = clock.from_db(frappe.db.sql("select max(anchored_at) from `tabConsent Anchor`")[0][0])
	since = last or clock.from_db(frappe.db.sql("select min(creation) from `tabConsent Event`")[0][0])
	if since is None or clock.now() - since <= LATE:
		return ""
	if last is None:
		return "The ledger was never signed."
	return f"It is the newest, and of {last:%Y-%m-%d %H:%M} UTC. Is the scheduler running?"


def _chains() -> Iterator[tuple[list, tuple | None]]:
	"""Yield (events, head) for each phone. Either may be missing."""
	for _phone, rows, head in stream.merged(chain.by_phone(stream.events()), stream.heads()):
		yield rows[1] if rows else [], head


def _suspects(findings: tuple[signed_anchor.Finding, ...], problems: list[Problem]) -> tuple[str, ...]:
	changed = {bucket for finding in findings for bucket in finding.buckets}
	explained = {signed_anchor.bucket_of(problem.phone) for problem in problems}
	unexplained = changed - explained
	if not unexplained:
		return ()
	return tuple(
		phone for phone, _seq, _hash in stream.heads() if signed_anchor.bucket_of(phone) in unexplained
	)
