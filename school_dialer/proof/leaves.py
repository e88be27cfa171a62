"""The lines of `leaves.jsonl`: each is in the log, and no event of a number is left out between others."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from school_dialer.proof import merkle
from school_dialer.proof.findings import Report
from school_dialer.proof.note import Checkpoint
from school_dialer.proof.strict import Malformed, hashes, is_whole, one_hash, read_json

MEMBER = "leaves.jsonl"
KINDS = ("consent", "decision", "disclosure", "erasure", "restart")
SALT = re.compile(r"[0-9a-f]{32}")
LONGEST_ID = 200
WITH_DATA, ERASED = {"index", "data", "proof"}, {"index", "data", "hash", "proof"}
LEAF = {"v", "kind", "id", "salt", "body"}


@dataclass(frozen=True)
class _Line:
	"""A line as it stands. `data` is None if the content was erased."""

	index: int
	data: bytes | None
	hash: bytes
	proof: list[bytes]


@dataclass(frozen=True)
class Event:
	"""A consent event's place among the events of its number, and in the log."""

	seq: int
	index: int
	where: str
	hash: str
	previous: str


@dataclass(frozen=True)
class Break:
	"""A restore after which the log was begun again as `origin`. It was `before`.

	`seq`, `size` and `root` are of the last checkpoint from before, `lost` is the number of a later one that
	is known to have been signed, or 0.
	"""

	index: int
	origin: str
	before: str
	seq: int
	size: int
	root: bytes
	at: str
	lost: int


@dataclass
class Leaves:
	"""What was read so far."""

	count: int = 0
	last_index: int = -1
	kinds: Counter = field(default_factory=Counter)
	ids: set[tuple[str, str]] = field(default_factory=set)
	events: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
	erased: list[int] = field(default_factory=list)
	breaks: list[Break] = field(default_factory=list)
	attachments: set[str] = field(default_factory=set)


def check(lines: Iterator[bytes | None], top: Checkpoint | None, report: Report) -> Leaves:
	"""Check each line against the checkpoint, if there is one, and then the events of each number."""
	leaves = Leaves()
	for number, content in enumerate(lines, 1):
		leaves.count = number
		where = f"{MEMBER} line {number}"
		try:
			line = _read(content)
		except Malformed:
			report.wrong("line", where)
			continue
		_check_inclusion(leaves, line, top, where, report)
		if line.data is None:
			leaves.erased.append(line.index)
			continue
		try:
			_record_body(leaves, line.index, read_json(line.data), where, report)
		except Malformed:
			report.wrong("leaf", where)
	leaves.erased.sort()
	for events in leaves.events.values():
		_check_chain(sorted(events, key=lambda event: (event.seq, event.index)), leaves.erased, report)
	return leaves


def _read(content: bytes | None) -> _Line:
	"""Parse one line. Raises `Malformed`."""
	value = read_json(content) if content else None
	if not isinstance(value, dict) or not is_whole(value.get("index")):
		raise Malformed
	data, proof = value.get("data"), hashes(value.get("proof"))
	if set(value) == WITH_DATA and isinstance(data, str):
		return _Line(value["index"], data.encode(), merkle.leaf_hash(data.encode()), proof)
	if set(value) == ERASED and data is None:
		return _Line(value["index"], None, one_hash(value["hash"]), proof)
	raise Malformed


def _check_inclusion(leaves: Leaves, line: _Line, top: Checkpoint | None, where: str, report: Report) -> None:
	if line.index <= leaves.last_index or (top and line.index >= top.size):
		report.wrong("index", where)
	elif top and not merkle.includes(top.root, top.size, line.index, line.hash, line.proof):
		report.wrong("inclusion", where)
	leaves.last_index = max(leaves.last_index, line.index)


def _record_body(leaves: Leaves, index: int, leaf: Any, where: str, report: Report) -> None:
	"""Keep what the later checks need. Raises `Malformed`."""
	if not isinstance(leaf, dict) or set(leaf) != LEAF:
		raise Malformed
	kind, name, salt, body = leaf["kind"], leaf["id"], leaf["salt"], leaf["body"]
	texts = isinstance(name, str) and 0 < len(name) <= LONGEST_ID and isinstance(salt, str)
	if leaf["v"] != 1 or leaf["v"] is True or kind not in KINDS or not texts or not isinstance(body, dict):
		raise Malformed
	if not SALT.fullmatch(salt):
		raise Malformed
	event = _event(index, body, where) if kind == "consent" else None
	if kind == "restart":
		leaves.breaks.append(_break(index, body))
	if (kind, name) in leaves.ids:
		report.wrong("duplicate-id", where)
	leaves.ids.add((kind, name))
	leaves.kinds[kind] += 1
	if event:
		leaves.events[body["phone"]].append(event)
		if body.get("attachment_sha256") is not None:
			leaves.attachments.add(one_hash(body["attachment_sha256"]).hex())


def _event(index: int, body: dict, where: str) -> Event:
	texts = [body.get(name) for name in ("phone", "hash", "prev_hash")]
	if not all(isinstance(text, str) for text in texts) or not is_whole(body.get("seq")) or not body["seq"]:
		raise Malformed
	if body.get("attachment_sha256") is not None:
		one_hash(body["attachment_sha256"])
	return Event(body["seq"], index, where, body["hash"], body["prev_hash"])


def _break(index: int, body: dict) -> Break:
	"""Read the body of a declared break. Raises `Malformed`."""
	lost = {"seq": 0} if body.get("lost") is None else body["lost"]
	if not isinstance(lost, dict):
		raise Malformed
	texts = [body.get(name) for name in ("origin", "before", "at_utc")]
	numbers = [body.get("seq"), body.get("size"), lost.get("seq")]
	if not all(isinstance(text, str) for text in texts) or not all(map(is_whole, numbers)):
		raise Malformed
	(origin, before, at), (seq, size, last) = texts, numbers
	if size > index:
		raise Malformed
	return Break(index, origin, before, seq, size, one_hash(body.get("root")), at, last)


def _check_chain(events: list[Event], erased: list[int], report: Report) -> None:
	"""Check that the events of one number, in order, follow each other from the first on.

	Where content was erased, as many events may be missing between two as there are erased leaves between
	them in the log.
	"""
	seq, index, last = 0, -1, None
	for event in events:
		missing = event.seq - seq - 1
		if missing:
			between = bisect_left(erased, event.index) - bisect_left(erased, index)
			follows = 0 < missing <= between
		else:
			follows = last is None or event.previous == last
		if not follows:
			report.wrong("chain", event.where)
		seq, index, last = event.seq, event.index, event.hash
