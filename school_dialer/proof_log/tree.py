"""The Merkle tree of RFC 6962, section 2.1: hashes, appending, and the paths of proofs. Pure Python.

Only roots of complete subtrees are kept: the node (level, index) is the root over the 2**level leaves from
index * 2**level on. A tree of any size is put together from a logarithmic number of them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from hashlib import sha256

EMPTY = sha256(b"").digest()
LEAF, NODE = b"\x00", b"\x01"

Node = tuple[int, int]
"""(level, index) of a complete subtree. Level 0 are the leaves."""
Span = tuple[int, int]
"""[first, last) of the leaves of a subtree."""
Read = Callable[[Node], bytes]


def leaf_hash(data: bytes) -> bytes:
	return sha256(LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
	return sha256(NODE + left + right).digest()


@dataclass
class Frontier:
	"""A tree that leaves are appended to: its size, and the roots of its complete subtrees, largest first."""

	size: int = 0
	peaks: list[bytes] = field(default_factory=list)

	def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
		"""Append a leaf's hash. Returns the inner nodes that are now complete, lowest first."""
		complete, digest, level, index = [], leaf, 0, self.size
		while index & 1:
			digest, level, index = node_hash(self.peaks.pop(), digest), level + 1, index >> 1
			complete.append(((level, index), digest))
		self.peaks.append(digest)
		self.size += 1
		return complete

	@property
	def root(self) -> bytes:
		return join_hashes(self.peaks) if self.peaks else EMPTY


def join_hashes(roots: Sequence[bytes]) -> bytes:
	"""Return the root over adjacent subtrees, given left to right, each larger than those right of it."""
	return reduce(lambda right, left: node_hash(left, right), reversed(roots))


def split_size(size: int) -> int:
	"""Return the largest power of two that is smaller than `size`, which is at least 2."""
	return 1 << (size - 1).bit_length() - 1


def complete_in(span: Span) -> list[Node]:
	"""Return the complete subtrees that make up a span of a tree, left to right."""
	first, last = span
	nodes = []
	while first < last:
		level = (last - first).bit_length() - 1
		nodes.append((level, first >> level))
		first += 1 << level
	return nodes


def inclusion(index: int, size: int) -> list[Span]:
	"""Return the siblings on the way from a leaf to the root (RFC 6962, 2.1.1), from the leaf up.

	Raises ValueError unless 0 <= index < size.
	"""
	if not 0 <= index < size:
		raise ValueError("there is no such leaf in a tree of this size")
	first, last, siblings = 0, size, []
	while last - first > 1:
		middle = first + split_size(last - first)
		if index < middle:
			siblings.append((middle, last))
			last = middle
		else:
			siblings.append((first, middle))
			first = middle
	return siblings[::-1]


def consistency(old: int, new: int) -> list[Span]:
	"""Return the subtrees that prove that a tree of `old` leaves grew into one of `new` (RFC 6962, 2.1.2).

	Empty for an empty old tree and for equal sizes. Raises ValueError unless 0 <= old <= new.
	"""
	if not 0 <= old <= new:
		raise ValueError("a log never shrinks")
	return _grown(old, (0, new), True) if 0 < old < new else []


def _grown(old: int, span: Span, whole: bool) -> list[Span]:
	"""Return the proof for the first `old` leaves of a span. `whole`: the verifier has their root."""
	first, last = span
	if old == last - first:
		return [] if whole else [span]
	half = split_size(last - first)
	middle = first + half
	if old <= half:
		return [*_grown(old, (first, middle), whole), (middle, last)]
	return [*_grown(old - half, (middle, last), False), (first, middle)]


def nodes_of(spans: Iterable[Span]) -> set[Node]:
	"""Return the complete subtrees that these spans are put together from."""
	return {node for span in spans for node in complete_in(span)}


def hashes_of(spans: Iterable[Span], read: Read) -> list[bytes]:
	"""Return the root of each span, given the hashes of its complete subtrees."""
	return [join_hashes([read(node) for node in complete_in(span)]) for span in spans]


def root(size: int, read: Read) -> bytes:
	"""Return the root of the first `size` leaves."""
	return hashes_of([(0, size)], read)[0] if size else EMPTY
