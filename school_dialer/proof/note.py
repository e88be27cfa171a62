"""Signed notes (https://c2sp.org/signed-note) and the checkpoints in them (https://c2sp.org/tlog-checkpoint)."""

import base64
import re
from dataclasses import dataclass
from hashlib import sha256

from school_dialer.proof import merkle
from school_dialer.proof.strict import Malformed, unbase64, whole

ED25519 = b"\x01"
LONGEST = 64 * 1024
MOST_SIGNATURES = 16
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
NAME = re.compile(r"[^\s+]{1,200}")
KEY_HASH = re.compile(r"[0-9a-f]{8}")
TIME = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}Z")
NEEDED, AT_MOST_ONCE = ("time", "seq", "previous"), "next"


class NoEd25519(Exception):
	"""The package `cryptography` is not installed."""


@dataclass(frozen=True)
class Key:
	"""A public key by its name and 4-byte hash."""

	name: str
	hash: bytes
	public: bytes

	@classmethod
	def of(cls, vkey: str) -> "Key":
		"""Parse `<name>+<hash>+<base64>`. Raises `Malformed` also for a hash of another key."""
		parts = vkey.split("+", 2)
		if len(parts) != 3 or not NAME.fullmatch(parts[0]) or not KEY_HASH.fullmatch(parts[1]):
			raise Malformed
		content = unbase64(parts[2])
		expected = sha256(parts[0].encode() + b"\n" + content).digest()[:4]
		if len(content) != 33 or content[:1] != ED25519 or expected.hex() != parts[1]:
			raise Malformed
		return cls(parts[0], expected, content[1:])

	def signed(self, text: str, signature: bytes) -> bool:
		"""Return whether this is the key's Ed25519 signature (RFC 8032) of the text. Raises `NoEd25519`."""
		try:
			from cryptography.exceptions import InvalidSignature
			from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
		except ImportError as error:
			raise NoEd25519 from error
		try:
			Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
		except (InvalidSignature, ValueError):
			return False
		return True


@dataclass(frozen=True)
class Signature:
	name: str
	hash: bytes
	content: bytes


@dataclass(frozen=True)
class Note:
	"""The text, with its last line end, and the signatures under it."""

	text: str
	signatures: tuple[Signature, ...]

	@classmethod
	def of(cls, content: str) -> "Note":
		"""Split a note. Raises `Malformed`, also if a key seems to have signed twice."""
		if len(content) > LONGEST or CONTROLS.search(content) or not content.endswith("\n"):
			raise Malformed
		text, gap, below = content.rpartition("\n\n")
		lines = below[:-1].split("\n")
		if not gap or not text or len(lines) > MOST_SIGNATURES:
			raise Malformed
		signatures = tuple(_signature(line) for line in lines)
		if len({(signature.name, signature.hash) for signature in signatures}) < len(signatures):
			raise Malformed
		return cls(text + "\n", signatures)

	@property
	def digest(self) -> bytes:
		return sha256(self.text.encode()).digest()

	def is_signed_by(self, *keys: Key) -> bool:
		"""Return whether one of the keys signed, and no signature in the name of one of them is false."""
		signed = {(signature.name, signature.hash): signature.content for signature in self.signatures}
		verdicts = [
			key.signed(self.text, signed[key.name, key.hash])
			for key in set(keys)
			if (key.name, key.hash) in signed
		]
		return bool(verdicts) and all(verdicts)


def _signature(line: str) -> Signature:
	mark, _space, rest = line.partition(" ")
	name, _space, content = rest.partition(" ")
	raw = unbase64(content)
	if mark != "—" or not NAME.fullmatch(name) or len(raw) < 5:
		raise Malformed
	return Signature(name, raw[:4], raw[4:])


@dataclass(frozen=True)
class Checkpoint:
	"""What a log's owner signed: how many leaves it had at a time, and their root."""

	note: Note
	origin: str
	size: int
	root: bytes
	time: str
	seq: int
	previous: bytes
	announced: str = ""
	"""The public key that may sign later checkpoints, as text; "" if this one announces none."""

	@classmethod
	def of(cls, content: str) -> "Checkpoint":
		"""Parse a signed checkpoint. Raises `Malformed`."""
		note = Note.of(content)
		origin, *lines = note.text[:-1].split("\n")
		if not origin or len(lines) < 2 or "" in lines:
			raise Malformed
		size, root = whole(lines[0]), unbase64(lines[1])
		pairs = [line.partition(" ")[::2] for line in lines[2:]]
		values, names = dict(pairs), [key for key, _value in pairs]
		if any(names.count(name) != 1 for name in NEEDED) or names.count(AT_MOST_ONCE) > 1:
			raise Malformed
		seq, previous = whole(values["seq"]), unbase64(values["previous"])
		roots = len(root) == len(previous) == 32 and (size > 0 or root == merkle.EMPTY)
		if not roots or not seq or not TIME.fullmatch(values["time"]):
			raise Malformed
		return cls(note, origin, size, root, values["time"], seq, previous, values.get(AT_MOST_ONCE, ""))


def base64_of(content: bytes) -> str:
	return base64.b64encode(content).decode()
