"""Files made to crash the check, to hold it up, or to write where they like."""

import io
import json
import struct
import tracemalloc
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from school_dialer.proof import archive
from school_dialer.proof.findings import MOST_FINDINGS, printable
from school_dialer.proof.note import Checkpoint, Key, Note
from school_dialer.proof.strict import Malformed, read_json, unbase64
from school_dialer.proof.timestamps import read as read_stamp
from school_dialer.proof.verify import verify
from tests.effort import examples
from tests.unit.proof import writer
from tests.unit.proof.spoiled import LEAVES, MANIFEST

CALM = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


def bomb() -> bytes:
	"""Return a file whose members unfold to a gigabyte."""
	file = io.BytesIO()
	with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
		packed.writestr(LEAVES, b"\n" * 2**30)
	return file.getvalue()


def overlapping() -> bytes:
	"""Return a file whose thousand members are all in the same place (David Fifield's kind of bomb)."""
	content = writer.packed({LEAVES: b"\n" * 1000})
	count, length, start = 1000, 46 + len(LEAVES), len(content) - 22 - 46 - len(LEAVES)
	directory = content[start : start + length] * count
	end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(directory), start, 0)
	return content[:start] + directory + end


@pytest.mark.parametrize("make", [bomb, overlapping], ids=["compressed", "overlapping"])
def test_a_bomb_is_not_unfolded(check, make):
	content = make()
	tracemalloc.start()
	assert check(content).verdict == "unreadable"
	assert tracemalloc.get_traced_memory()[1] < 50_000_000
	tracemalloc.stop()


@pytest.mark.parametrize(
	"name",
	["../x", "/etc/passwd", "a\\b", "C:x", "attachments/../checkpoint", "x" * 100, "timestamps/01.tsr"],
)
def test_a_name_leads_nowhere(check, tmp_path, name):
	before = sorted(tmp_path.rglob("*"))
	report = check(writer.sample().export() | {name: b"x"})
	assert [(one.code, one.where) for one in report.findings] == [
		("unknown-member", name.replace("\\", "\\"))
	]
	assert sorted(tmp_path.rglob("*")) == [*before, tmp_path / "export.zip"]


@pytest.mark.parametrize("name", ["x" * 101, "\x1b[2J", "é", "a\nb"])
def test_a_name_that_no_export_has(check, name):
	assert check(writer.sample().export() | {name: b"x"}).verdict == "unreadable"


def test_a_folder_a_device_and_a_file_that_is_not_there(tmp_path):
	for path in (tmp_path, tmp_path / "none", tmp_path / ("x" * 300)):
		assert verify(path).verdict == "unreadable"


def test_a_file_that_is_too_large_is_not_read(tmp_path):
	path = tmp_path / "export.zip"
	with path.open("wb") as file:
		file.truncate(archive.MOST_BYTES + 1)
	assert verify(path).verdict == "unreadable"


def test_lines_have_an_end_and_so_has_their_number(check, monkeypatch):
	monkeypatch.setattr(archive, "MOST_LINES", 2_000)
	report = check(writer.sample().export() | {LEAVES: b"\n" * 1_000_000})
	assert len(report.findings) == MOST_FINDINGS


def test_findings_are_printed_and_obey_nothing():
	assert printable("a\x1b[2Jb\u202ec\ud800") == r"a\x1b[2Jb\u202ec\ud800"
	assert printable("x" * 300) == "x" * 200 + "..."


@pytest.mark.parametrize(
	"text",
	[
		b"NaN",
		b"Infinity",
		b'{"a":-Infinity}',
		b"[" * 10**6,
		b'{"a":' * 10**5,
		b'"\\ud800"',
		b'{"\\udfff":1}',
		b"\xff",
		b"\xef\xbb\xbf1",
		b"1 2",
		b"",
		b"'a'",
		json.dumps([[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]).encode(),
	],
)
def test_what_is_no_json(text):
	with pytest.raises(Malformed):
		read_json(text)


@pytest.mark.parametrize("text", ["QQ", "QR==", "Q Q==", "QQ==\n", "é", "QQ=", "_w==", "QQ==QQ=="])
def test_base64_in_another_spelling(text):
	with pytest.raises(Malformed):
		unbase64(text)


@settings(max_examples=examples(300), **CALM)
@given(content=st.binary(max_size=300))
def test_no_bytes_break_the_check(check, content):
	assert check(content).verdict == "unreadable"


@settings(max_examples=examples(300), **CALM)
@given(
	members=st.dictionaries(
		st.sampled_from([MANIFEST, LEAVES, "checkpoint", "checkpoints.jsonl", "timestamps/1.tsr"]),
		st.binary(max_size=80)
		| st.recursive(st.none() | st.integers() | st.text(), st.lists).map(writer.as_json),
	)
)
def test_no_members_break_the_check(check, members):
	assert check(members).verdict == "wrong"


@given(st.binary(max_size=200))
def test_no_bytes_break_a_reader(content):
	for reader in (read_stamp, read_json, lambda raw: Checkpoint.of(raw.decode("latin-1"))):
		try:
			reader(content)
		except Malformed:
			pass
	for reader in (Note.of, Key.of, unbase64):
		try:
			reader(content.decode("latin-1"))
		except Malformed:
			pass


def test_the_field_for_large_sizes_says_the_same_size(check):
	content = writer.packed(writer.sample().export())
	place = content.index(struct.pack("<HH", 1, 16)) + 4
	assert check(content).verdict == "sound"
	for offset in range(16):
		changed = bytearray(content)
		changed[place + offset] ^= 0x81
		assert check(bytes(changed)).verdict == "unreadable"
