"""Read the members of an export: a ZIP file without compression, and without anything between its members.

Stricter than ZIP (APPNOTE 6.3.10) on purpose: the members follow each other from the first byte on, each
described twice in the same words, then the directory, then the end. So nothing can be hidden, overlap, or
unfold to more than the file's own size, and what the check reads is what any other program reads. Nothing is
ever written to disk, so a member's name leads nowhere.
"""

import mmap
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 512 * 1024 * 1024
MOST_MEMBERS = 20_000
LONGEST_NAME = 100
LONGEST_LINE, MOST_LINES = 1024 * 1024, 500_000
LOCAL, CENTRAL, END = (
	struct.Struct("<4sHHHHHIIIHH"),
	struct.Struct("<4sHHHHHHIIIHHHHHII"),
	struct.Struct("<4sHHHHIIH"),
)
WIDE, BEYOND = struct.Struct("<HHQQ"), 0xFFFFFFFF
UTF8_NAME = 0x800
PIECE = 1024 * 1024


class Unreadable(Exception):
	"""The file is not an export. The message says why."""


@dataclass(frozen=True)
class Member:
	"""A member's place in the file. `crc` is what the file says of its content."""

	name: str
	start: int
	size: int
	crc: int


class Archive:
	"""The open file. Use it as a context manager. Raises `Unreadable`."""

	def __init__(self, path: Path):
		try:
			with path.open("rb") as file:
				self.size = file.seek(0, 2)
				if not END.size <= self.size <= MOST_BYTES:
					raise Unreadable("It is empty, too short, or too large.")
				self.content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
		except (OSError, ValueError) as error:
			raise Unreadable(f"It cannot be opened: {error}.") from error
		try:
			self.members = list(self._members())
		except Exception:
			self.content.close()
			raise

	def __enter__(self) -> "Archive":
		return self

	def __exit__(self, *_error) -> None:
		self.content.close()

	def _members(self) -> Iterator[Member]:
		mark, disk, first_disk, here, count, length, start, comment = END.unpack(self.content[-END.size :])
		if mark != b"PK\5\6" or (disk, first_disk, comment) != (0, 0, 0) or here != count:
			raise Unreadable("It does not end as a ZIP file without a comment does.")
		if count > MOST_MEMBERS or start + length + END.size != self.size:
			raise Unreadable("Its directory does not fit the file.")
		place, offset = start, 0
		for _ in range(count):
			member, place = self._member(place, offset)
			offset = member.start + member.size
			yield member
		if offset != start or place != start + length:
			raise Unreadable("There is something between its members.")

	def _member(self, place: int, expected: int) -> tuple[Member, int]:
		"""Return the member described at this `place` of the directory, and the place of the next."""
		described = self.content[place : place + CENTRAL.size]
		if len(described) < CENTRAL.size or described[:4] != b"PK\1\2":
			raise Unreadable("Its directory is damaged.")
		(_mark, _by, *same, extra, comment, disk, _inner, _outer, offset) = CENTRAL.unpack(described)
		local = self.content[offset : offset + LOCAL.size]
		if offset != expected or len(local) < LOCAL.size or local[:4] != b"PK\3\4":
			raise Unreadable("Its members do not follow each other.")
		_mark, *again, wide = LOCAL.unpack(local)
		_version, flags, method, _time, _date, crc, packed, size, length = same
		start = offset + LOCAL.size
		if wide and self._is_wide(start + length, wide, size) and again[6:8] == [BEYOND, BEYOND]:
			again[6:8] = [size, size]
		if same != again or wide not in (0, WIDE.size) or (extra, comment, disk) != (0, 0, 0):
			raise Unreadable("A member is described in two ways, or with more than an export has.")
		if length > LONGEST_NAME or flags not in (0, UTF8_NAME) or method != 0 or packed != size:
			raise Unreadable("A member is compressed or encrypted.")
		place += CENTRAL.size
		name = self.content[place : place + length]
		if name != self.content[start : start + length] or not (
			name.isascii() and name.decode().isprintable()
		):
			raise Unreadable("A member has two names, or one that no export has.")
		return Member(name.decode(), start + length + wide, size, crc), place + length

	def _is_wide(self, place: int, length: int, size: int) -> bool:
		"""Return whether the field for large sizes is here (APPNOTE 4.5.3).

		A program writes it that begins with a member before it knows its size.
		"""
		return self.content[place : place + length] == WIDE.pack(1, 16, size, size)

	def is_whole(self, member: Member) -> bool:
		"""Return whether the content has the checksum that the file says."""
		crc, end = 0, member.start + member.size
		for place in range(member.start, end, PIECE):
			crc = zlib.crc32(self.content[place : min(place + PIECE, end)], crc)
		return crc == member.crc

	def read(self, member: Member) -> bytes:
		return self.content[member.start : member.start + member.size]

	def pieces(self, member: Member) -> Iterator[bytes]:
		end = member.start + member.size
		for place in range(member.start, end, PIECE):
			yield self.content[place : min(place + PIECE, end)]

	def lines(self, member: Member) -> Iterator[bytes | None]:
		"""Yield the lines without their ends.

		None is a line that is too long, that does not end, or that is one more than `MOST_LINES`, the last.
		"""
		place, end, count = member.start, member.start + member.size, 0
		while place < end:
			count += 1
			if count > MOST_LINES:
				yield None
				return
			stop = self.content.find(b"\n", place, end)
			ended = stop if stop >= 0 else end
			yield self.content[place:ended] if stop >= 0 and ended - place <= LONGEST_LINE else None
			place = ended + 1
