"""Check the log against its signed checkpoints, the records that it covers, and the marks outside.

One pass over all leaves. What a checkpoint does not cover yet is checked against the log's own hashes alone.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone

import frappe

from school_dialer.base import clock
from school_dialer.consent.integrity import outside
from school_dialer.proof_log import checkpoints, leaves, note, restart, sources, store, tree

PAGE = 2000
MOST = 1000
"""Findings after which a check stops."""
HASH = re.compile(r"[0-9a-f]{64}")
NOT_THE_FILE = "Its attached file is gone or is not what it was."
GONE, CHANGED = "The record is gone.", "The record is not what it was when it was logged."


@dataclass(frozen=True, slots=True)
class Finding:
	"""One problem. `where` names a leaf or a checkpoint, without personal data."""

	where: str
	detail: str


@dataclass
class Report:
	leaves: int = 0
	checkpoints: int = 0
	findings: tuple[Finding, ...] = ()
	breaks: tuple[str, ...] = ()
	"""Sentences about restores after which the log was begun again. They are declared, so no findings."""

	@property
	def sound(self) -> bool:
		return not self.findings


def examine(held: Sequence[str] = ()) -> Report:
	"""Check the whole log. `held`: signed checkpoints that were kept elsewhere, which have to fit."""
	broken = restart.breaks()
	report, findings = Report(breaks=tuple(declared.sentence for declared in broken)), []
	roots: dict[int, bytes] = {}
	wanted = {stored.size for stored in checkpoints.read_all()} | set(_sizes(held))
	for step in (
		lambda: _check_leaves(report, roots, wanted),
		lambda: _check_checkpoints(report, roots, broken),
		lambda: _check_held(held, roots, broken),
		_check_newest,
		_check_age,
	):
		findings += _first_findings(step, MOST - len(findings))
	report.findings = tuple(findings)
	return report


def _first_findings(step: Callable[[], Iterator[Finding]], most: int) -> list[Finding]:
	return [finding for finding, _place in zip(step(), range(most), strict=False)]


def _sizes(held: Sequence[str]) -> Iterator[int]:
	for text in held:
		try:
			yield note.parse_checkpoint(note.split_signatures(text)[0]).size
		except note.BadNote:
			continue


def _check_leaves(report: Report, roots: dict[int, bytes], wanted: set[int]) -> Iterator[Finding]:
	"""Compare each leaf with its record, and note the tree's root at each wanted size."""
	frontier = tree.Frontier()
	roots[0] = frontier.root
	while page := store.page(report.leaves, PAGE):
		fitting = _fitting(page)
		for leaf in page:
			if leaf.seq != report.leaves:
				yield Finding(f"leaf {report.leaves}", "It is missing.")
				return
			if problem := fitting.get(leaf.seq):
				yield Finding(f"leaf {leaf.seq} ({leaf.kind} {leaf.reference})", problem)
			if not HASH.fullmatch(leaf.hash):
				yield Finding(f"leaf {leaf.seq}", "Its hash is none.")
				return
			frontier.append(bytes.fromhex(leaf.hash))
			report.leaves += 1
			if report.leaves in wanted:
				roots[report.leaves] = frontier.root
	head = store.current()
	if head and (head.frontier.size, head.frontier.root) != (frontier.size, frontier.root):
		yield Finding("the log", "Its size or root is not that of its leaves.")


def _fitting(page: Sequence[store.Leaf]) -> dict[int, str]:
	"""Return {seq: what is wrong} of the leaves whose records do not fit. One query for each kind."""
	problems: dict[int, str] = {}
	by_kind: dict[str, list[store.Leaf]] = {}
	for leaf in page:
		by_kind.setdefault(leaf.kind, []).append(leaf)
	erased = [leaf.reference for leaf in page if not leaf.salt]
	explained = {leaf.reference for leaf in store.erasures_of(erased)}
	for kind, group in by_kind.items():
		data = data_of(kind, group)
		for leaf in group:
			if not leaf.salt:
				if f"{kind}-{leaf.reference}" not in explained:
					problems[leaf.seq] = "Its salt is gone, and no erasure explains that."
			elif data.get(leaf.seq) is None:
				problems[leaf.seq] = GONE
			elif not leaf_fits(leaf, data[leaf.seq]):
				problems[leaf.seq] = CHANGED
	for leaf in _with_other_files(by_kind.get(leaves.CONSENT, [])):
		problems.setdefault(leaf.seq, NOT_THE_FILE)
	return problems


def _with_other_files(group: Sequence[store.Leaf]) -> list[store.Leaf]:
	"""Return the leaves of consent events whose attached file no longer has the content that was logged."""
	attached = [leaf for leaf in group if leaf.attachment]
	now = sources.attachments_of([leaf.reference for leaf in attached]) if attached else {}
	return [leaf for leaf in attached if now.get(leaf.reference) != leaf.attachment]


def leaf_fits(leaf: store.Leaf, data: str | None) -> bool:
	return data is not None and tree.leaf_hash(data.encode()).hex() == leaf.hash


def data_of(kind: str, group: Sequence[store.Leaf]) -> dict[int, str | None]:
	"""Return {seq: the leaf's data} as its record gives it now. None for a record that is gone."""
	names = [leaf.reference for leaf in group]
	if kind in leaves.KEPT:
		return {leaf.seq: _kept(leaf) for leaf in group}
	if kind not in sources.READ:
		return {}
	attachments = {leaf.reference: leaf.attachment for leaf in group}
	bodies = sources.bodies(kind, names, attachments)
	return {
		leaf.seq: leaves.data(kind, leaf.reference, leaf.salt, bodies[leaf.reference])
		if leaf.reference in bodies
		else None
		for leaf in group
	}


def _kept(leaf: store.Leaf) -> str | None:
	try:
		return leaves.data(leaf.kind, leaf.reference, leaf.salt, leaves.decoded(leaf.body))
	except ValueError:
		return None


def _check_checkpoints(
	report: Report, roots: dict[int, bytes], broken: Sequence[restart.Break]
) -> Iterator[Finding]:
	"""Check signatures, names, links, and that each checkpoint has the root of today's leaves."""
	before: note.Checkpoint | None = None
	head = store.current()
	trusted: set[str] = set()
	anchors = dict(frappe.db.sql("select seq, signature from `tabConsent Anchor`"))
	for stored in checkpoints.read_all():
		report.checkpoints += 1
		where = f"checkpoint {stored.seq}"
		try:
			now = stored.checkpoint
			is_signed_by_own_key = note.is_signed(stored.note, stored.public_key)
		except note.BadNote as error:
			yield Finding(where, f"It cannot be read: {error}.")
			return
		if before is None:
			trusted.add(stored.public_key)
		elif now.origin != before.origin and _is_signed_by(stored.note, trusted):
			trusted.add(stored.public_key)
		if head and now.origin != restart.origin_at(now.size, broken, head.origin):
			yield Finding(where, "It is of another log.")
		if not is_signed_by_own_key:
			yield Finding(where, "Its signature is not its own.")
		elif stored.public_key not in trusted:
			yield Finding(where, "It is signed by a key that no earlier checkpoint announces.")
			trusted.add(stored.public_key)
		if now.announced and is_signed_by_own_key:
			trusted.add(now.announced)
		yield from (Finding(where, detail) for detail in _links(stored.seq, now, before))
		yield from (Finding(where, detail) for detail in _fits(now, roots, anchors))
		before = now


def _is_signed_by(text: str, keys: set[str]) -> bool:
	"""Return whether one of these keys signed the note too: the one under the log's earlier name."""
	for key in keys:
		with suppress(note.BadNote):
			if note.is_signed(text, key):
				return True
	return False


def _links(seq: int, now: note.Checkpoint, before: note.Checkpoint | None) -> Iterator[str]:
	expected = before.seq + 1 if before else 1
	if now.seq != seq or now.seq != expected:
		yield f"Checkpoint {expected} is missing."
	elif now.previous != (before.digest if before else note.NOTHING):
		yield "It does not follow the one before."
	if before and (now.size < before.size or now.time < before.time):
		yield "It is smaller or older than the one before."


def _fits(now: note.Checkpoint, roots: dict[int, bytes], anchors: dict[int, str]) -> Iterator[str]:
	if now.root != roots.get(now.size):
		yield "The log is not what was signed: leaves were changed or removed."
	if now.anchor:
		seq, _space, signature = now.anchor.partition(" ")
		if not seq.isdigit() or anchors.get(int(seq)) != signature:
			yield f"Anchor {seq}, which it names, is gone or was changed."


def _check_held(
	held: Sequence[str], roots: dict[int, bytes], broken: Sequence[restart.Break]
) -> Iterator[Finding]:
	"""Compare checkpoints that were kept elsewhere with the log. Any key of this log may have signed them."""
	head, keys = store.current(), checkpoints.public_keys()
	for place, text in enumerate(held, start=1):
		where = f"checkpoint kept elsewhere, number {place}"
		try:
			kept = note.parse_checkpoint(note.split_signatures(text)[0])
			is_signed_by_own_key = any(note.is_signed(text, key) for key in keys)
		except note.BadNote as error:
			yield Finding(where, f"It cannot be read: {error}.")
			continue
		if not head or kept.origin not in {head.origin, *(declared.before for declared in broken)}:
			yield Finding(where, "It is of another log.")
			continue
		if lost := [
			declared for declared in broken if declared.before == kept.origin and kept.seq > declared.seq
		]:
			yield Finding(where, f"What it covers was lost in the restore of {lost[0].at}.")
			continue
		if not is_signed_by_own_key:
			yield Finding(where, "No key of this log signed it.")
		if kept.root != roots.get(kept.size):
			yield Finding(where, "The log is not what was signed: leaves were changed or removed since.")
		stored = checkpoints.by_number(kept.seq)
		if not stored or stored.text != note.split_signatures(text)[0]:
			yield Finding(where, f"Checkpoint {kept.seq} is gone, or is another one now.")


def _check_newest() -> Iterator[Finding]:
	"""Compare the newest checkpoint with the mark outside of the database."""
	if mark := outside.lost(outside.CHECKPOINT):
		yield Finding(f"checkpoint {mark.seq}", "It was signed, and is gone or is another one now.")


def _check_age() -> Iterator[Finding]:
	"""Find a log that stands still: no checkpoint for hours, while there is something to sign."""
	now = datetime.now(timezone.utc)
	newest = checkpoints.newest()
	if newest:
		signed = datetime.strptime(newest.checkpoint.time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
		if now - signed > checkpoints.LATE:
			yield Finding(f"checkpoint {newest.seq}", f"It is the newest, and of {newest.checkpoint.time}.")
	else:
		oldest = clock.from_db(frappe.db.sql("select min(creation) from `tabConsent Event`")[0][0])
		if oldest and clock.now() - oldest > checkpoints.LATE:
			yield Finding("the log", "No checkpoint was ever signed.")
