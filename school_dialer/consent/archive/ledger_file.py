"""A consent ledger as a signed file: gzipped JSON lines. Pure Python, no Frappe.

The first line describes the file and carries a MAC of itself, so that another site's file is refused before
the rest is unpacked. Then come the anchors:

	{"anchor": {...}}

Then comes each number: its head, followed by its events, each an array in the order of `columns` in the first
line:

	{"head": [phone, seq, hash]}

The last line counts them and signs every byte before it (HMAC-SHA-256).
"""

import gzip
import hmac
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import groupby
from typing import BinaryIO

from school_dialer.consent import chain
from school_dialer.consent.integrity import signed_anchor

FORMAT = "school_dialer consent ledger 1"
# An event has two texts of at most 10,000 characters, and JSON writes a character in at most 12 bytes.
LONGEST_LINE = 400_000
ENCODE = json.JSONEncoder(separators=(",", ":")).encode


class NotOurs(ValueError):
	"""The file is not a ledger file, was changed, is cut off, or comes from another site.

	The message says which.
	"""


@dataclass(frozen=True)
class Number:
	"""One number's events as rows of `chain.COLUMNS`, and the (seq, hash) of the last event written."""

	phone: str
	head: tuple[int, str] | None
	rows: tuple[tuple, ...]

	def sound(self, key: chain.Key) -> bool:
		return not chain.examine(self.rows, self.head, key)


@dataclass(frozen=True)
class Contents:
	"""The contents of a file whose signature is valid."""

	site: str
	written_utc: str
	anchors: tuple[signed_anchor.Anchor, ...]
	events: int
	phones: int


def write(
	target: BinaryIO,
	key: bytes,
	site: str,
	written_utc: str,
	anchors: Iterable[signed_anchor.Anchor],
	numbers: Iterable[Number],
) -> tuple[int, int]:
	"""Write the file. Returns the counts (events, numbers).

	`key` is the site's, 32 bytes. `written_utc` is ISO text in UTC.
	"""
	events = phones = 0
	with gzip.GzipFile(fileobj=target, mode="wb", mtime=0) as out:
		mac = hmac.new(key, digestmod=sha256)

		def put(value: object) -> None:
			line = ENCODE(value).encode() + b"\n"
			mac.update(line)
			out.write(line)

		put(
			_with_mac(
				{"format": FORMAT, "site": site, "written_utc": written_utc, "columns": chain.COLUMNS}, key
			)
		)
		for anchor in anchors:
			put({"anchor": asdict(anchor)})
		for number in numbers:
			phones += 1
			put({"head": [number.phone, *(number.head or (0, chain.GENESIS))]})
			for row in number.rows:
				events += 1
				put(list(row))
		out.write(_last_line(mac, {"events": events, "phones": phones}))
	return events, phones


def _with_mac(header: dict, key: bytes) -> dict:
	return {**header, "mac": hmac.digest(key, ENCODE(header).encode(), sha256).hex()}


def _last_line(mac: "hmac.HMAC", counts: dict[str, int]) -> bytes:
	"""Return the only line that may follow the data fed to ``mac``.

	It holds the counts, and a signature of them and of all lines before.
	"""
	last = mac.copy()
	last.update(ENCODE(counts).encode())
	return ENCODE({"end": {**counts, "signature": last.hexdigest()}}).encode() + b"\n"


def verify_file(source: BinaryIO, key: bytes) -> Contents:
	"""Read the whole file once and check its signature. Raises `NotOurs`."""
	mac = hmac.new(key, digestmod=sha256)
	header, anchors, counts, end = None, [], {"events": 0, "phones": 0}, None
	for line in _lines(source):
		if end is not None:
			raise NotOurs("Something follows the end of the file.")
		value = _parsed(line)
		if header is None:
			header = _checked_header(value, key)
		elif isinstance(value, dict) and "end" in value:
			end = line
			continue
		elif isinstance(value, dict) and "anchor" in value:
			anchors.append(value["anchor"])
		else:
			counts["phones" if isinstance(value, dict) else "events"] += 1
		mac.update(line)
	if header is None or end is None:
		raise NotOurs("The file is cut off.")
	if not hmac.compare_digest(end, _last_line(mac, counts)):
		raise NotOurs("The file was changed after it was written: its signature is not its own.")
	return Contents(
		header["site"],
		header["written_utc"],
		tuple(signed_anchor.Anchor(**values) for values in anchors),
		**counts,
	)


def _checked_header(value: object, key: bytes) -> dict:
	if not isinstance(value, dict) or value.get("format") != FORMAT:
		raise NotOurs("This is not a file of a consent ledger.")
	header = {name: each for name, each in value.items() if name != "mac"}
	if not hmac.compare_digest(str(value.get("mac")).encode(), _with_mac(header, key)["mac"].encode()):
		raise NotOurs(
			"The file was signed with another encryption key: it is another site's, or this site's key was"
			" changed."
		)
	if tuple(header["columns"]) != chain.COLUMNS:
		raise NotOurs("The file was written by another version of School Dialer.")
	return header


def numbers(source: BinaryIO) -> Iterator[Number]:
	"""Yield the numbers of a file that was verified, one at a time."""
	head = None
	for is_head, group in groupby(map(_parsed, _lines(source)), key=lambda value: isinstance(value, dict)):
		if is_head:
			head = list(group)[-1].get("head")
		else:
			phone, seq, digest = head
			yield Number(phone, (seq, digest) if seq else None, tuple(tuple(row) for row in group))


def _lines(source: BinaryIO) -> Iterator[bytes]:
	source.seek(0)
	lines = gzip.GzipFile(fileobj=source, mode="rb")
	while line := _next(lines):
		if not line.endswith(b"\n"):
			raise NotOurs("The file is cut off.")
		yield line


def _next(lines: gzip.GzipFile) -> bytes:
	try:
		return lines.readline(LONGEST_LINE)
	except (OSError, EOFError, zlib.error) as error:
		raise NotOurs("The file is cut off, or is not a gzip file.") from error


def _parsed(line: bytes) -> object:
	try:
		return json.loads(line)
	except (ValueError, RecursionError) as error:
		raise NotOurs("The file was changed after it was written: a line of it cannot be read.") from error


def is_prefix(first: Sequence[tuple], second: Sequence[tuple]) -> bool:
	"""Return whether chain `first` is the beginning of chain `second`.

	Comparing the hashes is enough, because they cover all other fields.
	"""
	hashes = [row[chain.HASH] for row in first]
	return hashes == [row[chain.HASH] for row in second[: len(hashes)]] and len(first) <= len(second)
