"""Open a zip within limits. Nothing is ever written to disk, so no name in it can lead anywhere. Pure Python.

What the zip says about its own sizes is not believed: bytes are counted as they come out.
"""

import io
import posixpath
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from school_dialer.roster_import.reading.refused import RosterRefused

MB = 1 << 20
PIECE = 1 << 16
MANIFEST = "manifest.csv"


@dataclass(frozen=True, slots=True)
class Limits:
	"""How much is read. ``ratio`` holds for files that unpack to more than ``small`` bytes."""

	packed: int = 256 * MB
	files: int = 100
	unpacked: int = 1024 * MB
	ratio: int = 200
	small: int = 4 * MB
	rows: int = 2_000_000
	columns: int = 300
	cell: int = 10_000
	seconds: float = 300.0


class Archive:
	"""The files at the top of one zip, by name in lower case.

	Raises `RosterRefused` for a zip that is none, is unsafe, or exceeds the limits.
	"""

	def __init__(self, content: bytes, limits: Limits | None = None):
		self.limits = limits or Limits()
		self.until = time.monotonic() + self.limits.seconds
		self.unpacked = 0
		if len(content) > self.limits.packed:
			raise RosterRefused("too large", str(self.limits.packed // MB))
		try:
			self.zip = zipfile.ZipFile(io.BytesIO(content))
			entries = self.zip.infolist()
		except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
			raise RosterRefused("not a zip") from None
		if len(entries) > self.limits.files:
			raise RosterRefused("too many files", str(self.limits.files))
		self.entries = self._at_the_top(entries)

	def _at_the_top(self, entries: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
		by_name: dict[str, zipfile.ZipInfo] = {}
		nested = False
		for entry in entries:
			name = entry.filename.replace("\\", "/")
			if name.startswith("/") or ":" in name or ".." in name.split("/") or "\x00" in name:
				raise RosterRefused("unsafe name")
			if entry.is_dir() or name.startswith(("__MACOSX/", ".")) or "/." in name:
				continue
			if entry.flag_bits & 0x1:
				raise RosterRefused("encrypted")
			nested = nested or posixpath.basename(name).lower() == MANIFEST
			if "/" in name or not name.lower().endswith(".csv"):
				continue
			if name.lower() in by_name:
				raise RosterRefused("twice", name.lower()[:60])
			by_name[name.lower()] = entry
		if MANIFEST not in by_name:
			raise RosterRefused("in a folder" if nested else "no manifest")
		return by_name

	def __contains__(self, name: str) -> bool:
		return name.lower() in self.entries

	def content(self, name: str) -> bytes:
		"""Return a file's bytes. Raises `RosterRefused` over a limit, and for a damaged zip."""
		entry = self.entries[name.lower()]
		pieces, size = [], 0
		for piece in self._pieces(entry):
			size += len(piece)
			self.unpacked += len(piece)
			if self.unpacked > self.limits.unpacked:
				raise RosterRefused("too large", str(self.limits.unpacked // MB))
			if size > self.limits.small and size > self.limits.ratio * max(entry.compress_size, 1):
				raise RosterRefused("too dense", name)
			self.in_time()
			pieces.append(piece)
		return b"".join(pieces)

	def _pieces(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
		try:
			with self.zip.open(entry) as file:
				while piece := file.read(PIECE):
					yield piece
		except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError):
			raise RosterRefused("not a zip") from None

	def in_time(self, now: Callable[[], float] = time.monotonic) -> None:
		"""Raise `RosterRefused` when reading has taken longer than the limit."""
		if now() > self.until:
			raise RosterRefused("too slow")
