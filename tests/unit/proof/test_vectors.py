"""Published values: the Merkle tree of Certificate Transparency, and the signed note of its documentation.

Values of `testonly/constants.go` of github.com/transparency-dev/merkle, and of the package
golang.org/x/mod/sumdb/note.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.proof import merkle
from school_dialer.proof.note import Key, Note
from school_dialer.proof.strict import Malformed
from tests.unit.proof import writer

LEAVES = [
	bytes.fromhex(one)
	for one in (
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
ROOTS = [
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A, B, C = (
	"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
	"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
D, E = (
	"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
	"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
)
F = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = [(0, 1, []), (0, 8, [A, B, C]), (5, 8, [D, E, ROOTS[4]])]
CONSISTENCY = [(1, 1, []), (1, 8, [A, B, C]), (6, 8, [F, E, ROOTS[4]]), (2, 5, [B, D])]
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
	"— PeterNeumann "
	"x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def root(size: int) -> bytes:
	return bytes.fromhex(ROOTS[size])


def bytes_of(proof: list[str]) -> list[bytes]:
	return [bytes.fromhex(one) for one in proof]


@pytest.mark.parametrize("size", range(9))
def test_the_writer_of_these_tests_has_the_published_roots(size):
	assert writer.root_of(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_published_inclusion(index, size, proof):
	leaf = merkle.leaf_hash(LEAVES[index])
	assert merkle.includes(root(size), size, index, leaf, bytes_of(proof))
	assert [one.hex() for one in writer.path_of(index, LEAVES[:size])] == proof
	assert not merkle.includes(root(size), size, index + 1, leaf, bytes_of(proof))
	assert not merkle.includes(root(size), size, index, leaf, bytes_of([*proof, A]))
	assert not proof or not merkle.includes(root(size), size, index, leaf, bytes_of(proof[:-1]))


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENCY)
def test_published_consistency(first, second, proof):
	assert merkle.extends(root(first), first, root(second), second, bytes_of(proof))
	assert [one.hex() for one in writer.proof_of(first, LEAVES[:second])] == proof
	assert not merkle.extends(root(first), first, root(second), second, bytes_of([*proof, A]))
	assert not merkle.extends(root(first - 1), first, root(second), second, bytes_of(proof))


@given(st.integers(1, 40), st.data())
def test_every_proof_of_every_small_log_holds_and_no_other_does(size, data):
	leaves = [bytes([number]) * 3 for number in range(size)]
	top = writer.root_of(leaves)
	index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
	path, proof = writer.path_of(index, leaves), writer.proof_of(first, leaves)
	assert merkle.includes(top, size, index, merkle.leaf_hash(leaves[index]), path)
	assert merkle.extends(writer.root_of(leaves[:first]), first, top, size, proof)
	other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index) if size > 1 else st.just(1))
	assert not merkle.includes(top, size, other, merkle.leaf_hash(leaves[index]), path)
	wrong = bytes(32)
	assert not merkle.extends(wrong, first, top, size, proof)
	if path:
		place = data.draw(st.integers(0, len(path) - 1))
		spoiled = [*path[:place], wrong, *path[place + 1 :]]
		assert not merkle.includes(top, size, index, merkle.leaf_hash(leaves[index]), spoiled)


def test_the_published_note_is_signed():
	note = Note.of(f"{TEXT}\n{SIGNED}")
	assert note.text == TEXT and note.is_signed_by(Key.of(VKEY))
	assert not Note.of(f"{TEXT.replace('crypto', 'krypto')}\n{SIGNED}").is_signed_by(Key.of(VKEY))


@pytest.mark.parametrize("cut", range(len(VKEY)))
def test_a_key_that_was_cut_or_changed_is_none(cut):
	spoiled = VKEY[:cut] + chr(ord(VKEY[cut]) ^ 1) + VKEY[cut + 1 :]
	for text in (VKEY[:cut], VKEY[cut + 1 :], spoiled):
		with pytest.raises(Malformed):
			Key.of(text)


@pytest.mark.parametrize(
	"note",
	[
		TEXT,
		f"{TEXT}\n",
		f"\n\n{SIGNED}"[1:],
		f"{TEXT}{SIGNED}",
		f"{TEXT}\n{SIGNED}"[:-1],
		f"{TEXT}\n{SIGNED}{SIGNED}",
		f"{TEXT}\n{SIGNED}\x00",
		f"{TEXT}\n{SIGNED}".replace("— ", "- "),
		f"{TEXT}\n{SIGNED}".replace("wJnAM=", "wJnAN="),
		f"{TEXT}\n" + "".join(SIGNED.replace("Peter", f"P{number}") for number in range(17)),
	],
)
def test_what_is_no_signed_note(note):
	with pytest.raises(Malformed):
		Note.of(note)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading(text):
	for read in (Note.of, Key.of):
		try:
			read(text)
		except Malformed:
			pass
