"""Read one CSV file of a roster: its encoding, its header, its rows. Pure Python.

A file that cannot be read to its end is refused as a whole, because a record that is not found in a full
export counts as removed. A row with an error is reported, and its record stays as it was.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from school_dialer.base.bounds import plain_text
from school_dialer.base.wording import Wording as _
from school_dialer.roster_import.reading.archive import Archive
from school_dialer.roster_import.reading.columns import File
from school_dialer.roster_import.reading.refused import RosterRefused

LONGEST_ID = 255
BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
CHECK_TIME_EACH = 5000


@dataclass(frozen=True, slots=True)
class RowError:
	"""One thing that is wrong with one row. ``line`` is where the row ends; 0 for none."""

	file: str
	line: int
	sourced_id: str
	column: str
	problem: str


@dataclass(slots=True)
class Rows:
	"""A file's good rows by sourcedId, as {column: text}, and what was found besides.

	- ``mentioned``: every sourcedId of the file, also of rows with errors.
	- ``deleted``: those with the status tobedeleted, whose rows may be blank otherwise.
	- ``lines``: the line of each good row.
	"""

	rows: dict[str, dict[str, str]] = field(default_factory=dict)
	lines: dict[str, int] = field(default_factory=dict)
	mentioned: set[str] = field(default_factory=set)
	deleted: set[str] = field(default_factory=set)
	unknown: list[str] = field(default_factory=list)


def read(archive: Archive, file: File, errors: list[RowError]) -> Rows:
	"""Read a file. Appends to `errors`; raises `RosterRefused` where it cannot be read as a whole."""
	name = f"{file.name}.csv"
	records = cells(archive, name)
	header = [cell.strip() for cell in next(records, (0, []))[1]]
	kept = Rows(unknown=_check_header(header, file, archive.limits.columns, name))
	wanted = [
		(place, column)
		for place, column in enumerate(header)
		if column in {*file.required, *file.read, "status"}
	]
	twice: set[str] = set()
	for count, (line, record) in enumerate(records):
		if count >= archive.limits.rows:
			raise RosterRefused("too many rows", name)
		if count % CHECK_TIME_EACH == 0:
			archive.in_time()
		problem, row = _row(record, header, wanted, archive.limits.cell)
		key = row.get("sourcedId", "")
		if key:
			kept.mentioned.add(key)
		if not problem:
			problem = _keep(kept, key, row, line, file, twice)
		if problem:
			errors.append(RowError(name, line, key, *problem))
	for key in twice:
		kept.rows.pop(key, None)
	return kept


def cells(archive: Archive, name: str) -> Iterator[tuple[int, list[str]]]:
	"""Yield a file's records, its header first: the line on which each ends, and its cells.

	Blank lines are left out.
	"""
	text = io.StringIO(decoded(archive.content(name), name), newline="")
	reader = csv.reader(text, strict=True)
	try:
		for record in reader:
			if any(record):
				yield reader.line_num, record
	except csv.Error:
		raise RosterRefused("not csv", name) from None


def decoded(content: bytes, name: str) -> str:
	"""Return the text of UTF-8, or of UTF-16 with its mark. Raises `RosterRefused` for anything else."""
	encoding = next((encoding for mark, encoding in BOMS if content.startswith(mark)), "utf-8")
	try:
		text = content.decode(encoding)
	except UnicodeDecodeError:
		raise RosterRefused("encoding", name) from None
	if "\x00" in text:
		raise RosterRefused("encoding", name)
	return text


def _check_header(header: list[str], file: File, most: int, name: str) -> list[str]:
	"""Return the columns that OneRoster does not name. Raises `RosterRefused` if one is missing."""
	if len(header) > most:
		raise RosterRefused("too many columns", name)
	for column in file.required:
		if header.count(column) != 1:
			reason = "column twice" if column in header else "no column"
			raise RosterRefused(reason, f"{name}: {column}")
	for column in (*file.read, "status"):
		if header.count(column) > 1:
			raise RosterRefused("column twice", f"{name}: {column}")
	return [plain_text.line(column, 60) for column in header if column not in file.known]


def _row(cells: list[str], header: list[str], wanted: list, longest: int) -> tuple[tuple | None, dict]:
	row = {}
	for place, column in wanted:
		cell = cells[place] if place < len(cells) else ""
		if len(cell) > longest:
			return (column, _("The cell is too long.")), {
				"sourcedId": plain_text.line(row.get("sourcedId", ""))
			}
		row[column] = plain_text.line(cell)
	if len(row["sourcedId"]) > LONGEST_ID:
		return ("sourcedId", _("The cell is too long.")), {"sourcedId": row["sourcedId"][:LONGEST_ID]}
	if len(cells) != len(header):
		return ("", _("The row has {0} cells, and the header has {1}.", len(cells), len(header))), row
	return None, row


def _keep(kept: Rows, key: str, row: dict, line: int, file: File, twice: set[str]) -> tuple | None:
	"""Add a row to what was found, or return its problem: (column, sentence)."""
	if not key:
		return "sourcedId", _("The row has no sourcedId.")
	if row.get("status", "").lower() == "tobedeleted":
		kept.deleted.add(key)
		kept.rows.setdefault(key, row)
		return None
	for column in file.required:
		if not row[column]:
			return column, _("The cell is blank.")
	if key in kept.rows and kept.rows[key] != row:
		twice.add(key)
		return "sourcedId", _("Two rows have this sourcedId and differ. Neither was read.")
	kept.rows[key] = row
	kept.lines.setdefault(key, line)
	return None
