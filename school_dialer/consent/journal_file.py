"""The journal of opt-outs as a file: JSON lines, each encrypted and signed by itself. Pure Python, no Frappe.

Each line holds the MAC of the line before it, so that a line that was removed shows. A line that is damaged,
forged, or another site's is refused, and the others still count: an opt-out is never dropped for what stands
next to it.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import BinaryIO

from cryptography.fernet import Fernet, InvalidToken

LONGEST_LINE = 8192
"""Bytes of a line. One that was written here has about a thousand."""
MOST_BYTES = 512 * 1024 * 1024
START = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
	"""One opt-out as it was recorded. `event` is the name of its Consent Event, `at` ISO text in UTC.

	The person is whom the event named, or "" if it named no one, as in lines of earlier versions.
	"""

	event: str
	phone: str
	kind: str
	channel: str
	purpose: str
	scope: str
	source: str
	at: str
	person_doctype: str = ""
	person: str = ""


@dataclass
class Reading:
	"""What a file was found to be while it was read.

	`refused` counts the lines that are damaged, forged, or too long, `gaps` the places where lines are
	missing. `cut` says that the file is larger than is read.
	"""

	entries: int = 0
	refused: int = 0
	gaps: int = 0
	cut: bool = False
	_last: str | None = field(default=None, repr=False)

	def begin(self) -> None:
		"""Begin another file: its first line follows none."""
		self._last = None

	def chain(self, before: str, mac: str) -> None:
		"""Count a gap if this line does not follow the last one."""
		self.gaps += self._last is not None and before != self._last
		self._last = mac


def line_of(entry: Entry, before: str, key: bytes) -> bytes:
	"""Return the entry as a line that follows the line with the MAC `before`. `key` has 32 bytes."""
	token = Fernet(urlsafe_b64encode(key)).encrypt(json.dumps(asdict(entry)).encode()).decode()
	return json.dumps({"before": before, "entry": token, "mac": _mac(before, token, key)}).encode() + b"\n"


def _mac(before: str, token: str, key: bytes) -> str:
	return hmac.digest(key, f"{before} {token}".encode(), sha256).hex()


def mac_of(line: bytes) -> str:
	"""Return the MAC that a line carries, without checking it, or that of a first line."""
	try:
		mac = json.loads(line)["mac"]
	except (ValueError, KeyError, TypeError, RecursionError):
		return START
	return mac if isinstance(mac, str) and len(mac) == len(START) else START


def read(source: BinaryIO, key: bytes, reading: Reading) -> Iterator[Entry]:
	"""Yield the entries of a file whose lines this site has signed, and count the rest in `reading`.

	Reads at most `MOST_BYTES`, and never more than `LONGEST_LINE` at once.
	"""
	left = MOST_BYTES
	while line := source.readline(LONGEST_LINE):
		left -= len(line)
		if left < 0:
			reading.cut = True
			return
		if not line.endswith(b"\n"):
			reading.refused += 1
			left -= _skip_line(source, left) if len(line) == LONGEST_LINE else 0
			continue
		entry = _entry(line, key, reading)
		if entry is None:
			reading.refused += bool(line.strip())
		else:
			reading.entries += 1
			yield entry


def _skip_line(source: BinaryIO, most: int) -> int:
	"""Read on to the end of a line that is too long, and return how many bytes that were."""
	count = 0
	while count <= most and (part := source.readline(LONGEST_LINE)):
		count += len(part)
		if part.endswith(b"\n"):
			break
	return count


def _entry(line: bytes, key: bytes, reading: Reading) -> Entry | None:
	try:
		values = json.loads(line)
		before, token, mac = (str(values[name]) for name in ("before", "entry", "mac"))
		if not hmac.compare_digest(mac.encode(), _mac(before, token, key).encode()):
			return None
		reading.chain(before, mac)
		return Entry(**json.loads(Fernet(urlsafe_b64encode(key)).decrypt(token.encode())))
	except (ValueError, KeyError, TypeError, AttributeError, RecursionError, InvalidToken):
		return None
