"""The journal of opt-outs as a file that many write at once."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from school_dialer.consent import journal, journal_file

KEY = b"k" * 32
WRITERS, EACH = 8, 6


@pytest.fixture
def folder(tmp_path, monkeypatch):
	"""Return the folder of a journal of its own, which does not exist yet."""
	place = tmp_path / "private" / journal.FOLDER
	monkeypatch.setattr(journal, "folder", lambda: place)
	monkeypatch.setattr(journal, "key", lambda: KEY)
	return place


def entry(name: str) -> journal_file.Entry:
	return journal_file.Entry(
		name, "+13125550100", "Opt Out", "Any", "All", "all non-emergency", "Keypad", "2026-09-08T14:00:00Z"
	)


def read(folder) -> tuple[list[str], journal_file.Reading]:
	reading = journal_file.Reading()
	(path,) = folder.iterdir()
	with path.open("rb") as file:
		return [one.event for one in journal_file.read(file, KEY, reading)], reading


def test_what_many_write_at_once_is_one_chain(folder):
	def write(number: int) -> None:
		for turn in range(EACH):
			journal.append([entry(f"{number} {turn} {part}") for part in "ab"])

	with ThreadPoolExecutor(WRITERS) as pool:
		list(pool.map(write, range(WRITERS)))
	found, reading = read(folder)
	wanted = {f"{number} {turn} {part}" for number in range(WRITERS) for turn in range(EACH) for part in "ab"}
	assert set(found) == wanted and len(found) == len(wanted)
	assert (reading.refused, reading.gaps) == (0, 0)


def test_it_returns_after_the_disk_has_what_was_written(folder, monkeypatch):
	kept, fsync = [], os.fsync

	def synced(descriptor: int) -> None:
		kept.append(read(folder)[0])
		fsync(descriptor)

	monkeypatch.setattr(journal.os, "fsync", synced)
	journal.append([entry("one"), entry("two")])
	assert kept == [["one", "two"]]


def test_one_who_writes_does_not_wait_for_the_disk_of_another(folder, monkeypatch):
	"""Check that an entry is written and kept while the disk is still busy with the one before it."""
	fsync, asked = os.fsync, []

	def busy(descriptor: int) -> None:
		asked.append(descriptor)
		if len(asked) == 1:
			journal.append([entry("two")])
		fsync(descriptor)

	monkeypatch.setattr(journal.os, "fsync", busy)
	journal.append([entry("one")])
	assert len(asked) == 2 and read(folder)[0] == ["one", "two"]
