"""Append to the log, and prove that a record is in it.

What is appended is read under the log's lock, so that a record that is masked meanwhile is either covered as
it was before, and its erasure is in the log too, or covered as masked.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from school_dialer.proof_log import checkpoints as signed
from school_dialer.proof_log import leaves, sources, store, tree

RETENTION, REQUEST = "retention", "request"
"""Why a record was lawfully erased: its time was over, or a person asked for it."""


class Inclusion(NamedTuple):
	"""Proof that a record is in the log.

	`index` counts from 0. `size`, `root` (hex) and `checkpoint` (the signed text) are those of the newest
	checkpoint; `proof` is the path of RFC 6962, 2.1.1, in hex.
	"""

	index: int
	size: int
	root: str
	proof: list[str]
	checkpoint: str


def append(kind: str, names: Sequence[str]) -> int:
	"""Append the records of this kind that exist and have no leaf, and return how many that were.

	Call it in a new transaction: what an older snapshot shows may have been changed since. The caller
	commits.
	"""
	head = store.lock_head()
	logged = {leaf.reference for leaf in store.current_leaves_of(kind, names)}
	fresh = [name for name in names if name not in logged]
	files = sources.attachments_of(fresh) if kind == leaves.CONSENT and fresh else {}
	bodies = sources.bodies(kind, fresh, files)
	rows = [(kind, name, bodies[name], files.get(name, ""), "") for name in fresh if name in bodies]
	_append(head, rows)
	return len(rows)


def _append(head: store.Head, rows: Sequence[tuple[str, str, dict, str, str]]) -> None:
	"""Append (kind, reference, body, attachment, about), in order."""
	added, nodes = [], []
	for kind, reference, body, attachment, about in rows:
		salt = secrets.token_hex(leaves.SALT_BYTES)
		digest = tree.leaf_hash(leaves.data(kind, reference, salt, body).encode())
		kept = leaves.encoded(body) if kind in leaves.KEPT else ""
		seq = head.frontier.size
		added.append(store.Leaf(seq, kind, reference, salt, digest.hex(), attachment, kept, about))
		nodes += head.frontier.append(digest)
	if added:
		store.add(added, nodes)
		store.save(head)


def declare(head: store.Head, restored: str, body: dict) -> None:
	"""Append that the log goes on under another name, which `head` has. The caller holds the log's lock."""
	_append(head, [(leaves.RESTART, restored, body, "", leaves.RESTART)])


def erased(kind: str, references: Sequence[str], why: str) -> None:
	"""Note that the content of these records was lawfully erased, in the caller's transaction.

	Their leaves stay, without the salts. A record without a leaf gets one of what is left of it.
	"""
	if not references:
		return
	head = store.lock_head()
	covered = [leaf for leaf in store.current_leaves_of(kind, references) if leaf.salt]
	if not covered:
		return
	at = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
	rows = []
	for leaf in covered:
		body = leaves.of_erasure(kind, leaf.reference, at, why)
		rows.append((leaves.ERASURE, f"{kind}-{leaf.reference}", body, "", leaf.reference))
	_append(head, rows)
	store.forget_salts(covered)


def inclusion(kind: str, reference: str) -> Inclusion | None:
	"""Return the proof that a record is in the log, or None if no checkpoint covers it yet."""
	newest = signed.newest()
	of_record = store.leaves_of(kind, [reference])
	if not newest or not of_record or of_record[0].seq >= newest.size:
		return None
	(proof,) = proofs([of_record[0].seq], newest.size)
	return Inclusion(of_record[0].seq, newest.size, newest.checkpoint.root.hex(), proof, newest.note)


def proofs(indexes: Sequence[int], size: int) -> list[list[str]]:
	"""Return the inclusion proof, in hex, of each of these leaves in the tree of this size."""
	return _in_hex([tree.inclusion(index, size) for index in indexes])


def growth(sizes: Sequence[int], size: int) -> list[list[str]]:
	"""Return the consistency proof, in hex, from each of these sizes to `size`."""
	return _in_hex([tree.consistency(old, size) for old in sizes])


def _in_hex(paths: Sequence[Sequence[tree.Span]]) -> list[list[str]]:
	nodes = store.read_nodes(node for path in paths for node in tree.nodes_of(path))
	hashes = [tree.hashes_of(path, nodes.__getitem__) for path in paths]
	return [[digest.hex() for digest in of_path] for of_path in hashes]
