"""Time stamps of RFC 3161: what a response is about, and whether an authority signed it.

What it is about is read here, with as much DER (X.690) as that takes. The signature is checked by the program
openssl, if it is installed and a file with the authority's certificates is given.
"""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from school_dialer.proof.strict import Malformed

LONGEST = 64 * 1024
SECONDS, SECONDS_IN_ALL = 20, 300
SEQUENCE, WHOLE_NUMBER, OCTETS, OBJECT_ID, TIME, TAGGED = 0x30, 0x02, 0x04, 0x06, 0x18, 0xA0
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
TIME_STAMP = bytes.fromhex("2a864886f70d0109100104")
SHA256 = bytes.fromhex("608648016503040201")
GRANTED = (b"\x00", b"\x01")


@dataclass(frozen=True)
class Stamp:
	"""The SHA-256 that was stamped, and when, as the authority writes it: `20261128190000Z`."""

	digest: bytes
	time: str


def read(response: bytes) -> Stamp:
	"""Return what a granted response is about. Raises `Malformed`."""
	parts = _children(_only(response, SEQUENCE))
	status = _children(_of(parts[0], SEQUENCE))[0]
	if len(parts) < 2 or status not in [(WHOLE_NUMBER, value) for value in GRANTED]:
		raise Malformed
	signed = _children(_inside(parts[1], SIGNED_DATA))
	if len(signed) < 3:
		raise Malformed
	info = _children(_only(_inside(signed[2], TIME_STAMP, OCTETS), SEQUENCE))
	if len(info) < 5:
		raise Malformed
	imprint = _children(_of(info[2], SEQUENCE))
	if len(imprint) != 2:
		raise Malformed
	algorithm, digest = imprint
	if _children(_of(algorithm, SEQUENCE))[0] != (OBJECT_ID, SHA256) or len(_of(digest, OCTETS)) != 32:
		raise Malformed
	return Stamp(digest[1], _of(info[4], TIME).decode("ascii", "replace"))


def _inside(value: tuple[int, bytes], kind: bytes, tag: int = SEQUENCE) -> bytes:
	"""Return the content of a ContentInfo: its type is `kind`, and one value of `tag` is inside."""
	parts = _children(_of(value, SEQUENCE))
	if len(parts) < 2 or parts[0] != (OBJECT_ID, kind):
		raise Malformed
	return _only(_of(parts[1], TAGGED), tag)


def _of(value: tuple[int, bytes], tag: int) -> bytes:
	if value[0] != tag:
		raise Malformed
	return value[1]


def _only(content: bytes, tag: int) -> bytes:
	values = _children(content)
	if len(values) != 1:
		raise Malformed
	return _of(values[0], tag)


def _children(content: bytes) -> list[tuple[int, bytes]]:
	"""Return the tags and contents of the DER values that follow each other. Raises `Malformed`."""
	values, place = [], 0
	while place < len(content):
		head = content[place : place + 2]
		if len(head) < 2:
			raise Malformed
		start, length = place + 2, head[1]
		if length > 0x80:
			digits = length - 0x80
			length, start = int.from_bytes(content[start : start + digits], "big"), start + digits
		elif length == 0x80:
			raise Malformed
		place = start + length
		if place > len(content):
			raise Malformed
		values.append((head[0], content[start:place]))
	if not values:
		raise Malformed
	return values


def openssl() -> str | None:
	return shutil.which("openssl")


def is_signed(program: str, response: bytes, digest: bytes, authority: Path) -> bool:
	"""Return whether openssl finds the response to be one of the authority's over this SHA-256."""
	with tempfile.TemporaryDirectory() as folder:
		file = Path(folder) / "response.tsr"
		file.write_bytes(response)
		command = [program, "ts", "-verify", "-digest", digest.hex(), "-in", file, "-CAfile", authority]
		try:
			done = subprocess.run(
				command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
			)
		except (OSError, subprocess.TimeoutExpired):
			return False
	return done.returncode == 0
