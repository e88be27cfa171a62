"""Signed notes against the known one of the format's first implementation, and hostile texts."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.proof_log import note

# From the documentation of golang.org/x/mod/sumdb/note.
KNOWN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
KNOWN = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
NAME = "school_dialer/a.example/0123456789abcdef"
CHECKPOINT = note.Checkpoint(NAME, 17, b"r" * 32, "2026-11-28T19:00:00Z", 3, b"p" * 32, "12 " + "a" * 64)


def signed(checkpoint: note.Checkpoint) -> str:
	return note.add_signature(checkpoint.text, NAME, PUBLIC, KEY.sign(checkpoint.text.encode()))


def test_the_known_note():
	assert note.is_signed(KNOWN, KNOWN_KEY)
	assert not note.is_signed(KNOWN.replace("answer", "question"), KNOWN_KEY)
	name, raw = note.public_key_of(KNOWN_KEY)
	assert note.vkey(name, raw) == KNOWN_KEY


@pytest.mark.parametrize("announced", ["", note.vkey(NAME, b"k" * 32)])
def test_a_checkpoint_comes_back_as_it_was(announced):
	checkpoint = replace(CHECKPOINT, announced=announced)
	whole = signed(checkpoint)
	text, signatures = note.split_signatures(whole)
	assert note.parse_checkpoint(text) == checkpoint and len(signatures) == 1
	assert note.is_signed(whole, note.vkey(NAME, PUBLIC))
	assert not note.is_signed(whole, note.vkey(NAME, b"k" * 32))
	assert not note.is_signed(whole, note.vkey("another", PUBLIC))


def test_the_lines_are_those_of_the_format():
	lines = CHECKPOINT.text.split("\n")
	assert lines[:2] == [NAME, "17"] and lines[3:5] == ["time 2026-11-28T19:00:00Z", "seq 3"]


@pytest.mark.parametrize(
	"text",
	[
		"",
		"\n\n",
		"a\n",
		CHECKPOINT.text,
		CHECKPOINT.text + "\n",
		CHECKPOINT.text + "\n- no dash\n",
		CHECKPOINT.text + f"\n— {NAME} not-base64!\n",
		"x" * (note.LONGEST + 1),
	],
)
def test_a_text_that_is_no_note_is_refused(text):
	with pytest.raises(note.BadNote):
		note.split_signatures(text)


@pytest.mark.parametrize(
	("old", "new"),
	[
		("\n17\n", "\n017\n"),
		("\n17\n", "\n-1\n"),
		("\n17\n", "\n" + "9" * 30 + "\n"),
		("time 2026", "time 26"),
		("seq 3", "seq three"),
		("seq 3", "seq 3\nseq 3"),
		("previous ", "previous x"),
		("\nanchor", "\nother 1\nanchor"),
	],
)
def test_a_text_that_is_no_checkpoint_is_refused(old, new):
	with pytest.raises(note.BadNote):
		note.parse_checkpoint(CHECKPOINT.text.replace(old, new, 1))


@given(st.text(max_size=300))
def test_no_text_raises_anything_else(text):
	for read in (note.split_signatures, note.parse_checkpoint, note.public_key_of):
		try:
			read(text)
		except note.BadNote:
			continue


@pytest.mark.parametrize("key", ["", "a+b", "a+00000000+AAAA", KNOWN_KEY.replace("c74f20a3", "c74f20a4")])
def test_a_key_that_is_none_is_refused(key):
	with pytest.raises(note.BadNote):
		note.public_key_of(key)
