"""Verify the ledger in one pass over all events: hashes, links, ends of chains, and all anchors."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from school_dialer.consent import chain
from school_dialer.consent import keys as site_keys
from school_dialer.consent.chain import Problem
from school_dialer.consent.integrity import anchors, signed_anchor, stream


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
	it. Events after the last anchor are protected only by the hashes, the heads and the projection.
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
	findings = tuple(signed_anchor.compare(signed, sums[: len(signed)], keys))
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
