"""The tree against known vectors, against the RFC's own definition, and against its verifying algorithms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.proof_log import tree
from tests.unit.proof_log import verifying

MOST = 64
DATA = [
	bytes.fromhex(text)
	for text in (
		"",
		"00",
		"10",
		"2021",
		"3031",
		"40414243",
		"5051525354555657",
		"606162636465666768696a6b6c6d6e6f",
	)
]
ROOTS = (
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""Of the reference implementation of Certificate Transparency (google/certificate-transparency)."""
INCLUSION_OF_0_IN_8 = (
	"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
	"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
CONSISTENCY_OF_6_WITH_8 = (
	"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
	"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
)


class Grown:
	"""A tree with its nodes kept, as the log's tables keep them."""

	def __init__(self, hashes: list[bytes]):
		self.frontier, self.nodes = tree.Frontier(), {}
		for digest in hashes:
			self.nodes[0, self.frontier.size] = digest
			self.nodes.update(self.frontier.append(digest))

	def hashes(self, spans: list[tree.Span]) -> list[bytes]:
		return tree.hashes_of(spans, self.nodes.__getitem__)


@pytest.fixture(scope="module")
def grown() -> Grown:
	return Grown(leaves(MOST))


def leaves(count: int) -> list[bytes]:
	return [tree.leaf_hash(b"leaf %d" % place) for place in range(count)]


def in_hex(hashes: list[bytes]) -> tuple[str, ...]:
	return tuple(each.hex() for each in hashes)


def test_known_roots_and_proofs():
	known = Grown([tree.leaf_hash(data) for data in DATA])
	for size, root in enumerate(ROOTS, start=1):
		assert tree.root(size, known.nodes.__getitem__).hex() == root
	assert tree.root(0, known.nodes.__getitem__) == tree.EMPTY == tree.Frontier().root
	assert in_hex(known.hashes(tree.inclusion(0, 8))) == INCLUSION_OF_0_IN_8
	assert in_hex(known.hashes(tree.consistency(6, 8))) == CONSISTENCY_OF_6_WITH_8


def test_every_root_is_that_of_the_definition(grown):
	for size in range(MOST + 1):
		assert tree.root(size, grown.nodes.__getitem__) == verifying.head(leaves(size))


def test_every_inclusion_is_proven_and_no_other(grown):
	hashes = leaves(MOST)
	for size in range(1, MOST + 1):
		root = tree.root(size, grown.nodes.__getitem__)
		for index in range(size):
			proof = grown.hashes(tree.inclusion(index, size))
			assert verifying.includes(index, size, hashes[index], proof, root)
			assert not verifying.includes(index, size, hashes[(index + 1) % MOST], proof, root)


def test_every_growth_is_proven_and_no_other(grown):
	roots = [tree.root(size, grown.nodes.__getitem__) for size in range(MOST + 1)]
	for new in range(1, MOST + 1):
		for old in range(1, new + 1):
			proof = grown.hashes(tree.consistency(old, new))
			assert verifying.is_consistent(old, new, roots[old], roots[new], proof)
			assert not verifying.is_consistent(old, new, roots[old - 1], roots[new], proof)


@given(st.lists(st.lists(st.binary(max_size=8), max_size=20), max_size=8))
def test_any_split_of_an_append_gives_the_same_tree(parts):
	frontier, nodes = tree.Frontier(), {}
	for part in parts:
		# Between two appends the tree is only what the log's row keeps.
		frontier = tree.Frontier(frontier.size, list(frontier.peaks))
		for data in part:
			nodes.update(frontier.append(tree.leaf_hash(data)))
	flat = [tree.leaf_hash(data) for part in parts for data in part]
	whole = Grown(flat)
	assert frontier == whole.frontier and frontier.root == verifying.head(flat)
	assert nodes == {node: digest for node, digest in whole.nodes.items() if node[0]}


@given(st.integers(1, 10**9), st.data())
def test_a_proof_takes_few_reads(size, data):
	index = data.draw(st.integers(0, size - 1))
	most = 2 * size.bit_length() ** 2
	assert len(tree.inclusion(index, size)) <= size.bit_length()
	assert len(tree.nodes_of(tree.inclusion(index, size))) <= 2 * size.bit_length()
	assert len(tree.nodes_of(tree.consistency(index, size))) <= most


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_a_leaf_that_is_none_has_no_proof(index, size):
	with pytest.raises(ValueError, match="no such leaf"):
		tree.inclusion(index, size)


def test_a_log_never_shrinks():
	with pytest.raises(ValueError, match="never shrinks"):
		tree.consistency(4, 3)
	assert tree.consistency(0, 3) == tree.consistency(3, 3) == []
