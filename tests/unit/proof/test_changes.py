"""Any byte changed, any member or line dropped, any two lines swapped: found, or listed in the docs as not.

What no check of a file can find: docs/school/proof.md, "What a check does not find".
"""

import json
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from school_dialer.proof.note import Key
from school_dialer.proof.verify import Trust
from tests.chance import chance
from tests.effort import ALL, EFFORT, examples
from tests.unit.proof import writer
from tests.unit.proof.spoiled import EARLIER, LEAVES, MANIFEST, TOP

CALM = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
MEMBERS = writer.sample().export()
FILE = writer.packed(MEMBERS)
WORDS_OF_THE_MAKER = ("about", "made_utc", "time_zone")
BY_AND_ATTRIBUTES = (4, 5, 36, 37, 38, 39, 40, 41)
"""Bytes of a member's description that say what program packed it, and for which file system."""


def places_without_meaning() -> set[int]:
	"""Return the places of those bytes in `FILE`."""
	(place,) = struct.unpack("<I", FILE[-6:-2])
	found = set()
	for name in MEMBERS:
		found |= {place + offset for offset in BY_AND_ATTRIBUTES}
		place += 46 + len(name)
	return found


UNSEEN = places_without_meaning()


@settings(max_examples=examples(600), **CALM)
@given(place=st.integers(0, len(FILE) - 1), other=st.integers(1, 255))
def test_a_changed_byte_of_the_file_is_found(check, place, other):
	file = bytearray(FILE)
	file[place] ^= other
	assert (check(bytes(file)).verdict == "sound") == (place in UNSEEN)


@settings(max_examples=examples(600), **CALM)
@given(data=st.data(), other=st.integers(1, 255))
def test_a_changed_byte_of_a_member_is_found_in_a_file_packed_again(check, data, other):
	name = data.draw(st.sampled_from(sorted(MEMBERS)))
	place = data.draw(st.integers(0, len(MEMBERS[name]) - 1))
	content = bytearray(MEMBERS[name])
	content[place] ^= other
	report = check(MEMBERS | {name: bytes(content)})
	assert report.findings or (name == MANIFEST and same_besides_words(bytes(content)))


def same_besides_words(manifest: bytes) -> bool:
	old, new = json.loads(MEMBERS[MANIFEST]), json.loads(manifest)
	return all(old[name] == new[name] for name in old if name not in WORDS_OF_THE_MAKER)


STEP = 1 if EFFORT == ALL else 4


@pytest.mark.exhaustive
@pytest.mark.parametrize("other", [1, 32])
def test_every_byte_of_the_file_counts(check, other):
	for place in range(chance.randrange(STEP), len(FILE), STEP):
		file = bytearray(FILE)
		file[place] ^= other
		assert (check(bytes(file)).verdict == "sound") == (place in UNSEEN), place


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_a_dropped_member_is_found_or_noted(check, name):
	report = check({other: content for other, content in MEMBERS.items() if other != name})
	if name.startswith("attachments/"):
		assert not report.findings and any(
			"1 attachments are not in this file" in one for one in report.notes
		)
	else:
		assert ("missing-member", name) in [(one.code, one.where) for one in report.findings]


@pytest.mark.parametrize("line", range(7))
def test_a_dropped_leaf_is_found(check, line):
	lines = MEMBERS[LEAVES].splitlines(keepends=True)
	assert check(MEMBERS | {LEAVES: b"".join(lines[:line] + lines[line + 1 :])}).findings


@pytest.mark.parametrize("name", [LEAVES, EARLIER])
def test_swapped_lines_are_found(check, name):
	lines = MEMBERS[name].splitlines(keepends=True)
	for first in range(len(lines)):
		for second in range(first):
			swapped = list(lines)
			swapped[first], swapped[second] = swapped[second], swapped[first]
			assert check(MEMBERS | {name: b"".join(swapped)}).findings


def test_what_is_not_found(check):
	"""Check the rest of the list in the docs, so that it says neither too much nor too little."""
	manifest = json.loads(MEMBERS[MANIFEST])
	lines = MEMBERS[LEAVES].splitlines(keepends=True)
	older = MEMBERS[EARLIER].splitlines(keepends=True)
	fewer = writer.as_json(manifest | {"leaves": 6})
	for members in (
		MEMBERS | {MANIFEST: writer.as_json(manifest | {"about": "a number ending 43"})},
		MEMBERS | {MANIFEST: json.dumps(manifest, indent=2).encode()},
		MEMBERS | {MANIFEST: fewer, LEAVES: b"".join(lines[:1] + lines[2:])},
		MEMBERS | {EARLIER: b"".join(older[1:])},
	):
		assert not check(members).findings
	without_last_event = b"".join(lines[:4] + lines[5:])
	assert not check(MEMBERS | {MANIFEST: fewer, LEAVES: without_last_event}).findings


def test_a_log_signed_by_another_key_is_found_by_who_knows_the_key(check, log):
	"""Check that an export is worth what its key is: anyone makes a sound one with a key of their own."""
	forged = writer.Log()
	forged.privates = [Ed25519PrivateKey.from_private_bytes(b"f" * 32)]
	forged.used = [writer.vkey_of(forged.privates[0])]
	forged.consent(kind="Grant")
	forged.checkpoint()
	assert check(forged.export()).verdict == "sound"
	found = check(forged.export(), Trust(Key.of(log.used[0]))).findings
	assert [(one.code, one.where) for one in found] == [("given-key", TOP)]


def test_content_that_is_missing_without_a_record_of_an_erasure_is_noted(check, log):
	noted = "Ask the school why: 1 lines have no content, and no record of an erasure."
	assert noted not in check(log.export()).notes
	log.erased.add(1)
	assert noted in check(log.export()).notes
