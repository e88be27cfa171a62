"""The log's tables: the one row of its size, the leaves, and the roots of complete subtrees.

Only `log` appends. It holds the lock of the log's row from before it reads what it appends until the commit.
"""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import frappe

from school_dialer.base.database.rows import insert, stamp, update_each
from school_dialer.proof_log.tree import Frontier, Node

LOG, LEAF, NODE, CHECKPOINT = (
	"Dialer Proof Log",
	"Dialer Proof Leaf",
	"Dialer Proof Node",
	"Dialer Proof Checkpoint",
)
ROW = "log"
BATCH = 500


@dataclass
class Head:
	"""The log's row: its origin, the tree so far, and when (ISO day) all records were looked through."""

	origin: str
	frontier: Frontier
	swept: str


@dataclass(frozen=True, slots=True)
class Leaf:
	"""A leaf as kept. `hash` is in hex; `attachment` the SHA-256 of a file's content, or "".

	`body` is the text of the body of a kind without a record, and "" for the others, whose records hold it.
	`salt` is "" after the record was lawfully erased.
	"""

	seq: int
	kind: str
	reference: str
	salt: str
	hash: str
	attachment: str = ""
	body: str = ""
	about: str = ""


COLUMNS = ("seq", "kind", "reference", "salt", "hash", "attachment", "body", "about")
SELECT = "select seq, kind, reference, salt, hash, attachment, body, about from `tabDialer Proof Leaf` "


def lock_head() -> Head:
	"""Return the log's row as it was committed last, locked until the transaction ends. Made if missing."""
	query = "select origin, size, frontier, swept from `tabDialer Proof Log` where name = %s for update"
	rows = frappe.db.sql(query, ROW)
	if not rows:
		origin = f"school_dialer/{frappe.local.site}/{secrets.token_hex(8)}"
		first = {"origin": origin, "size": 0, "frontier": "[]", "swept": ""}
		insert(LOG, [{"name": ROW, **stamp(), **first}], ignore=True)
		rows = frappe.db.sql(query, ROW)
	return _head(*rows[0])


def current() -> Head | None:
	"""Return the log's row as this transaction sees it, or None."""
	rows = frappe.db.sql(
		"select origin, size, frontier, swept from `tabDialer Proof Log` where name = %s", ROW
	)
	return _head(*rows[0]) if rows else None


def _head(origin: str, size: int, frontier: str, swept: str | None) -> Head:
	return Head(origin, Frontier(size, [bytes.fromhex(each) for each in json.loads(frontier)]), swept or "")


def save(head: Head) -> None:
	peaks = json.dumps([each.hex() for each in head.frontier.peaks])
	values = {"origin": head.origin, "size": head.frontier.size, "frontier": peaks, "swept": head.swept}
	update_each(LOG, {ROW: values})


def add(leaves: Sequence[Leaf], nodes: Sequence[tuple[Node, bytes]]) -> None:
	common = stamp()
	rows = [{"name": f"{leaf.seq:012d}", **common, **_values(leaf)} for leaf in leaves]
	inner = [{"name": name_of(node), **common, "hash": digest.hex()} for node, digest in nodes]
	for doctype, each in ((LEAF, rows), (NODE, inner)):
		for start in range(0, len(each), BATCH):
			insert(doctype, each[start : start + BATCH])


def _values(leaf: Leaf) -> dict:
	return {column: getattr(leaf, column) or (0 if column == "seq" else None) for column in COLUMNS}


def name_of(node: Node) -> str:
	return f"{node[0]:02d}-{node[1]:012d}"


def read_nodes(nodes: Iterable[Node]) -> dict[Node, bytes]:
	"""Return the hashes of these nodes, in one query for the leaves and one for the others."""
	wanted = set(nodes)
	hashes: dict[Node, bytes] = {}
	leaves = [f"{index:012d}" for level, index in wanted if level == 0]
	inner = {name_of(node): node for node in wanted if node[0]}
	for start in range(0, len(leaves), BATCH):
		query = "select seq, hash from `tabDialer Proof Leaf` where name in %s"
		for seq, digest in frappe.db.sql(query, (leaves[start : start + BATCH],)):
			hashes[0, seq] = bytes.fromhex(digest)
	names = list(inner)
	for start in range(0, len(names), BATCH):
		query = "select name, hash from `tabDialer Proof Node` where name in %s"
		for name, digest in frappe.db.sql(query, (names[start : start + BATCH],)):
			hashes[inner[name]] = bytes.fromhex(digest)
	return hashes


def leaves_of(kind: str, references: Sequence[str]) -> list[Leaf]:
	"""Return the leaves of these records, in the order of the log."""
	return _leaves("where kind = %s and reference in %s order by seq", (kind, references))


def current_leaves_of(kind: str, references: Sequence[str]) -> list[Leaf]:
	"""Return the same as they were committed last. For the holder of the log's lock."""
	query = "where kind = %s and reference in %s order by seq lock in share mode"
	return _leaves(query, (kind, references))


def erasures_of(references: Sequence[str]) -> list[Leaf]:
	"""Return the leaves that tell of an erasure of these records."""
	return _leaves("where about in %s order by seq", (references,))


def leaves_about(kind: str) -> list[Leaf]:
	"""Return the leaves of a kind that has no record, found by what they are about: the log itself."""
	return [leaf for leaf in _leaves("where about = %s order by seq", (kind,)) if leaf.kind == kind]


def page(first: int, count: int) -> list[Leaf]:
	names = f"{first:012d}", f"{first + count:012d}"
	return [
		_leaf(row) for row in frappe.db.sql(SELECT + "where name >= %s and name < %s order by name", names)
	]


def _leaves(where: str, values: tuple) -> list[Leaf]:
	if not values[-1]:
		return []
	return [_leaf(row) for row in frappe.db.sql(SELECT + where, values)]


def _leaf(row: Sequence) -> Leaf:
	return Leaf(row[0], *(value or "" for value in row[1:]))


def forget_salts(leaves: Sequence[Leaf]) -> None:
	"""Delete the salts of erased records, so that nothing can be guessed out of their hashes."""
	names = [f"{leaf.seq:012d}" for leaf in leaves]
	frappe.db.sql("update `tabDialer Proof Leaf` set salt = null where name in %s", (names,))
