"""Read all files of a zip that the manifest names. Pure Python."""

from dataclasses import dataclass, field

from school_dialer.roster_import.reading import csv_rows
from school_dialer.roster_import.reading.archive import MANIFEST, Archive, Limits
from school_dialer.roster_import.reading.columns import ABSENT, BULK, DELTA, FILES, File
from school_dialer.roster_import.reading.csv_rows import RowError, Rows
from school_dialer.roster_import.reading.refused import RosterRefused

VERSIONS = ("1.1", "1.2")
_MANIFEST = File("manifest", ("propertyName", "value"))


@dataclass(slots=True)
class Roster:
	"""A roster as its files say it.

	- ``modes``: bulk, delta or absent, by file. A bulk file is complete: what it lacks is gone.
	- ``files``: the rows by file. An absent file has none.
	"""

	modes: dict[str, str]
	files: dict[str, Rows]
	errors: list[RowError] = field(default_factory=list)

	def bulk(self, file: str) -> bool:
		return self.modes[file] == BULK

	def active(self, file: str) -> dict[str, dict[str, str]]:
		"""Return the rows of a file that are not to be deleted."""
		rows = self.files[file]
		return {key: row for key, row in rows.rows.items() if key not in rows.deleted}

	def gone(self, file: str, key: str) -> bool:
		"""Return whether the file says that this record is no more."""
		rows = self.files[file]
		return key in rows.deleted or (self.bulk(file) and key not in rows.mentioned)

	def error(self, file: str, key: str, column: str, problem: str) -> None:
		self.errors.append(RowError(f"{file}.csv", self.files[file].lines.get(key, 0), key, column, problem))

	@property
	def unknown(self) -> list[str]:
		return [f"{file}.csv: {column}" for file, rows in self.files.items() for column in rows.unknown]


def read(content: bytes, limits: Limits | None = None) -> Roster:
	"""Read a zip. Raises `RosterRefused` if it cannot be read as a whole."""
	archive = Archive(content, limits)
	modes = _modes(archive)
	errors: list[RowError] = []
	files = {
		name: csv_rows.read(archive, file, errors) if modes[name] != ABSENT else Rows()
		for name, file in FILES.items()
	}
	return Roster(modes, files, errors)


def _modes(archive: Archive) -> dict[str, str]:
	properties = _properties(archive)
	if properties.get("oneroster.version", "1.2") not in VERSIONS:
		raise RosterRefused("version")
	modes = {name: properties.get(f"file.{name}", ABSENT).lower() for name in FILES}
	for name, mode in modes.items():
		if mode not in (BULK, DELTA, ABSENT):
			raise RosterRefused("bad manifest", f"file.{name}")
		if mode != ABSENT and f"{name}.csv" not in archive:
			raise RosterRefused("missing file", f"{name}.csv")
	if set(modes.values()) == {ABSENT}:
		raise RosterRefused("nothing")
	return modes


def _properties(archive: Archive) -> dict[str, str]:
	"""Return manifest.csv as {propertyName: value}."""
	rows = csv_rows.cells(archive, MANIFEST)
	header = [cell.strip() for cell in next(rows, (0, []))[1]]
	for column in _MANIFEST.required:
		if column not in header:
			raise RosterRefused("no column", f"{MANIFEST}: {column}")
	key, value = (header.index(column) for column in _MANIFEST.required)
	return {cells[key].strip(): cells[value].strip() for _line, cells in rows if len(cells) > max(key, value)}
