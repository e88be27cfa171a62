"""The journal of opt-outs as a file: what this site signed is read, whatever stands next to it."""

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.consent import journal_file
from school_dialer.consent.journal_file import LONGEST_LINE, START, Entry, Reading, line_of, mac_of, read

KEY, OTHER = b"k" * 32, b"o" * 32


def entry(number: int) -> Entry:
	phone = f"+131255501{number:02d}"
	return Entry(
		f"e{number}", phone, "Opt Out", "Any", "All", "all non-emergency", "Text", "2026-09-08T14:00:00Z"
	)


def lines_of(count: int, key: bytes = KEY) -> list[bytes]:
	lines, before = [], START
	for number in range(count):
		lines.append(line_of(entry(number), before, key))
		before = mac_of(lines[-1])
	return lines


def reading_of(text: bytes) -> tuple[list[Entry], Reading]:
	reading = Reading()
	return list(read(io.BytesIO(text), KEY, reading)), reading


def test_what_was_written_is_read_and_shows_no_number():
	text = b"".join(lines_of(3))
	found, reading = reading_of(text)
	assert found == [entry(0), entry(1), entry(2)]
	assert (reading.entries, reading.refused, reading.gaps, reading.cut) == (3, 0, 0, False)
	assert b"55501" not in text and b"Opt Out" not in text


def test_a_line_names_the_person_whom_the_stop_named():
	named = replace(entry(0), person_doctype="Guardian", person="GUARD-0001")
	line = line_of(named, START, KEY)
	assert reading_of(line)[0] == [named] and b"GUARD-0001" not in line


def test_a_line_of_before_people_were_named_is_read(monkeypatch):
	def without_people(one: Entry) -> dict:
		return {name: value for name, value in vars_of(one).items() if not name.startswith("person")}

	vars_of = journal_file.asdict
	monkeypatch.setattr(journal_file, "asdict", without_people)
	assert reading_of(line_of(entry(0), START, KEY))[0] == [entry(0)]


@pytest.mark.parametrize("cut", [1, 40, 300])
def test_a_file_that_is_cut_off_loses_its_last_line_only(cut):
	found, reading = reading_of(b"".join(lines_of(3))[:-cut])
	assert found == [entry(0), entry(1)] and reading.refused == 1


def test_a_line_that_was_removed_shows():
	first, _second, third = lines_of(3)
	found, reading = reading_of(first + third)
	assert found == [entry(0), entry(2)] and (reading.refused, reading.gaps) == (0, 1)


def test_another_sites_lines_and_forged_ones_are_refused():
	forged = json.loads(lines_of(1)[0])
	forged["mac"] = "f" * 64
	text = lines_of(1, OTHER)[0] + json.dumps(forged).encode() + b"\n" + lines_of(2)[1]
	found, reading = reading_of(text)
	assert found == [entry(1)] and reading.refused == 2


@pytest.mark.parametrize(
	"line",
	[
		b"[1]",
		b"{}",
		b"null",
		b"\xff\xfe",
		b"[" * 4000,
		b"x" * (3 * LONGEST_LINE),
		b'{"before": 1, "entry": {}, "mac": []}',
	],
)
def test_lines_that_are_none_are_refused_and_the_next_is_read(line):
	found, reading = reading_of(line + b"\n" + lines_of(1)[0])
	assert found == [entry(0)] and reading.refused >= 1


def test_a_huge_file_is_read_up_to_a_limit(monkeypatch):
	lines = lines_of(5)
	monkeypatch.setattr(journal_file, "MOST_BYTES", len(lines[0]) * 2 + 5)
	found, reading = reading_of(b"".join(lines))
	assert len(found) == 2 and reading.cut


def test_a_huge_line_is_read_up_to_a_limit(monkeypatch):
	monkeypatch.setattr(journal_file, "MOST_BYTES", 5 * LONGEST_LINE)
	source = io.BytesIO(b"x" * (40 * LONGEST_LINE))
	reading = Reading()
	assert not list(read(source, KEY, reading)) and reading.refused
	assert source.tell() < 10 * LONGEST_LINE


@given(st.binary(max_size=2000))
def test_any_bytes_are_refused_without_an_error(text):
	found, _reading = reading_of(text)
	assert not found
