"""Checkpoints as stored: make the next one, and read them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import frappe

from school_dialer.base import clock
from school_dialer.base.database.rows import insert, stamp
from school_dialer.consent.integrity import outside
from school_dialer.proof_log import keys, note, store

LATE = timedelta(hours=3)
"""A checkpoint is made every hour."""
PAGE = 2000
SELECT = "select seq, size, note, public_key, tsr from `tabDialer Proof Checkpoint` "


@dataclass(frozen=True, slots=True)
class Stored:
	"""A checkpoint as stored. `note` is the signed text, `tsr` an RFC 3161 response in base64, or ""."""

	seq: int
	size: int
	note: str
	public_key: str
	tsr: str = ""

	@property
	def text(self) -> str:
		return note.split_signatures(self.note)[0]

	@property
	def checkpoint(self) -> note.Checkpoint:
		return note.parse_checkpoint(self.text)


def newest() -> Stored | None:
	rows = _read("order by seq desc limit 1", ())
	return rows[0] if rows else None


def by_number(seq: int) -> Stored | None:
	rows = _read("where seq = %s", (seq,))
	return rows[0] if rows else None


def read_all() -> Iterator[Stored]:
	"""Yield all checkpoints in order, read in pages."""
	last = 0
	while rows := _read("where seq > %s order by seq limit %s", (last, PAGE)):
		yield from rows
		last = rows[-1].seq


def _read(where: str, values: Sequence) -> list[Stored]:
	rows = frappe.db.sql(SELECT + where, tuple(values))
	return [Stored(seq, size, text or "", key or "", stamped or "") for seq, size, text, key, stamped in rows]


def public_keys() -> list[str]:
	"""Return every key that signed a checkpoint, as vkeys, oldest first."""
	return [
		key
		for key, _first in frappe.db.sql(
			"select public_key, min(seq) from `tabDialer Proof Checkpoint` group by public_key order by 2"
		)
	]


def make(announced: str = "") -> Stored:
	"""Sign the log as it is now and store the checkpoint. The caller commits, and lets no other make one.

	`announced` is a vkey that may sign the later ones. The first one after the log was begun again under
	another name (`restart`) is signed under the earlier name too, and announces the key under the new one.
	Raises `keys.NoKey`.
	"""
	head, before = store.current() or store.lock_head(), newest()
	signer = keys.signer(first=before is None)
	former = before.checkpoint.origin if before and before.checkpoint.origin != head.origin else ""
	if former:
		announced = note.vkey(head.origin, signer.public_key)
	checkpoint = note.Checkpoint(
		origin=head.origin,
		size=head.frontier.size,
		root=head.frontier.root,
		time=f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}",
		seq=before.seq + 1 if before else 1,
		previous=note.digest_of(before.text) if before else note.NOTHING,
		anchor=newest_anchor(),
		announced=announced,
	)
	signature = signer.sign(checkpoint.text.encode())
	if not note.is_valid_signature(checkpoint.text, signer.public_key, signature):
		raise keys.NoKey("The signature does not fit the public key.")
	signed = note.add_signature(checkpoint.text, head.origin, signer.public_key, signature)
	if former:
		signed = note.add_cosignature(signed, former, signer.public_key, signature)
	stored = Stored(checkpoint.seq, checkpoint.size, signed, note.vkey(head.origin, signer.public_key))
	_add(stored, checkpoint)
	return stored


def _add(stored: Stored, checkpoint: note.Checkpoint) -> None:
	row = {
		"name": name_of(stored.seq),
		**stamp(),
		"seq": stored.seq,
		"size": stored.size,
		"root": checkpoint.root.hex(),
		"digest": checkpoint.digest.hex(),
		"signed_at": clock.db_now(),
		"note": stored.note,
		"public_key": stored.public_key,
	}
	insert(store.CHECKPOINT, [row])
	outside.remember(outside.CHECKPOINT, stored.seq, checkpoint.digest.hex())


def name_of(seq: int) -> str:
	return f"{seq:09d}"


def newest_anchor() -> str:
	"""Return the seq and signature of the ledger's newest anchor, or ""."""
	rows = frappe.db.sql("select seq, signature from `tabConsent Anchor` order by seq desc limit 1")
	return f"{rows[0][0]} {rows[0][1]}" if rows else ""
