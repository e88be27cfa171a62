"""The Merkle tree of RFC 6962: hashes of leaves and nodes, and the check of both kinds of proof.

The checks follow RFC 9162, sections 2.1.3.2 and 2.1.4.2, which has the same tree.
"""

from collections.abc import Sequence
from hashlib import sha256

EMPTY = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
	return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
	return sha256(b"\x01" + left + right).digest()


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
	"""Return whether the tree of `size` leaves with this root has this leaf hash at `index`."""
	if not 0 <= index < size:
		return False
	place, last, computed = index, size - 1, leaf
	for sibling in proof:
		if last == 0:
			return False
		if place & 1 or place == last:
			computed = node_hash(sibling, computed)
			place, last = _climbed(place, last)
		else:
			computed = node_hash(computed, sibling)
		place, last = place >> 1, last >> 1
	return last == 0 and computed == root


def extends(first_root: bytes, first_size: int, root: bytes, size: int, proof: Sequence[bytes]) -> bool:
	"""Return whether the tree of `size` leaves begins with the leaves of the first tree."""
	if first_size > size:
		return False
	if first_size in (0, size):
		return not proof and first_root == (root if first_size else EMPTY)
	path = [first_root, *proof] if first_size & (first_size - 1) == 0 else list(proof)
	if not path:
		return False
	place, last = first_size - 1, size - 1
	while place & 1:
		place, last = place >> 1, last >> 1
	earlier = later = path[0]
	for each in path[1:]:
		if last == 0:
			return False
		if place & 1 or place == last:
			earlier, later = node_hash(each, earlier), node_hash(each, later)
			place, last = _climbed(place, last)
		else:
			later = node_hash(later, each)
		place, last = place >> 1, last >> 1
	return last == 0 and earlier == first_root and later == root


def _climbed(place: int, last: int) -> tuple[int, int]:
	"""Skip the levels on which a node at the right edge has no neighbor."""
	while place and not place & 1:
		place, last = place >> 1, last >> 1
	return place, last
