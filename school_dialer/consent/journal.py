"""The journal of opt-outs: a file that no backup contains, so that a restore forgets no opt-out.

Each opt-out is appended right after its commit, in the same request. A file holds one month. A restored site
reads the files and records what its ledger does not have (`recovery.opt_outs`).
"""

import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import frappe

from school_dialer.base.jobs import job
from school_dialer.consent import chain, events, journal_file, keys

FOLDER = "school-dialer"
MAILED = "mailed.json"
"""How far each file was mailed (`journal_mail`)."""
RECORDED = frozenset({*events.STOPPING, events.RESCOPE})
KEPT = timedelta(days=400)
"""No one restores an older backup."""
COLUMNS = (
	"name",
	"phone",
	"kind",
	"channel",
	"purpose",
	"scope",
	"source",
	"received_utc",
	"person_doctype",
	"person",
)
"""What the fields of `journal_file.Entry` are in the ledger, in their order."""


def key() -> bytes:
	return keys.derive("opt-out journal")


def folder() -> Path:
	return Path(frappe.get_site_path("private", FOLDER)).absolute()


def files() -> list[Path]:
	"""Return the journal's files, oldest first."""
	return sorted(folder().glob("opt-outs-*.jsonl"))


def append_opt_outs(sealed: Sequence[tuple]) -> None:
	"""Append the opt-outs among these rows of `chain.COLUMNS` once the transaction is committed."""
	entries = [entry_of(row) for row in sealed if row[chain.COLUMNS.index("kind")] in RECORDED]
	if entries:
		frappe.db.after_commit.add(lambda: append(entries))


def entry_of(row: tuple) -> journal_file.Entry:
	values = dict(zip(chain.COLUMNS, row, strict=False))
	return journal_file.Entry(*(values[name] or "" for name in COLUMNS))


def append(entries: Sequence[journal_file.Entry]) -> None:
	"""Write the entries at the end of this month's file, and have the disk keep them before this returns.

	The file's lock ends before that, so that all who write at once wait for the disk together. An opt-out
	counts whether or not this succeeds; Dialer Health says so if it does not.
	"""
	secret, path = key(), folder() / f"opt-outs-{datetime.now(timezone.utc):%Y-%m}.jsonl"
	try:
		with os.fdopen(opened(path), "r+b", buffering=0) as file:
			fcntl.flock(file, fcntl.LOCK_EX)
			before, lines = last_mac(file), []
			for entry in entries:
				lines.append(journal_file.line_of(entry, before, secret))
				before = journal_file.mac_of(lines[-1])
			file.write(b"".join(lines))
			fcntl.flock(file, fcntl.LOCK_UN)
			os.fsync(file.fileno())
	except OSError as error:
		frappe.logger("school_dialer").error("an opt-out is not in the journal: %s", type(error).__name__)


def opened(path: Path) -> int:
	"""Return a descriptor of the file at its end. The file and its folder are created if they are missing."""
	flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
	try:
		return os.open(path, flags, 0o600)
	except FileNotFoundError:
		path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
		return os.open(path, flags, 0o600)


def last_mac(file) -> str:
	"""Return the MAC of the file's last line. A line that was cut off is ended first."""
	size = file.seek(0, os.SEEK_END)
	if not size:
		return journal_file.START
	file.seek(max(0, size - journal_file.LONGEST_LINE))
	tail = file.read(journal_file.LONGEST_LINE)
	if not tail.endswith(b"\n"):
		file.write(b"\n")
	return journal_file.mac_of(tail.rstrip(b"\n").rpartition(b"\n")[2])


def writable() -> bool:
	"""Return whether an opt-out could be written now."""
	place = folder() if folder().exists() else folder().parent
	return os.access(place, os.W_OK)


@job
def daily() -> None:
	"""Delete the files of months that no backup is restored from any more (scheduler job)."""
	oldest = f"opt-outs-{datetime.now(timezone.utc) - KEPT:%Y-%m}.jsonl"
	for path in files():
		if path.name < oldest:
			path.unlink(missing_ok=True)


def forget() -> None:
	"""Delete the journal. Part of the uninstall, which has written the whole ledger to a file."""
	for path in [*files(), folder() / MAILED]:
		with suppress(OSError):
			path.unlink()
	with suppress(OSError):
		folder().rmdir()
