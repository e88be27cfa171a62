"""Signed checkpoints as text: C2SP tlog-checkpoint in a C2SP signed note, with Ed25519. Pure, no Frappe.

https://c2sp.org/tlog-checkpoint and https://c2sp.org/signed-note say what each line is. After the origin, the
size and the root come lines "key value": `time`, `seq`, `previous`, and sometimes `anchor` and `next`.
"""

import binascii
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = b"\x01"
SIGNATURE_BYTES, KEY_BYTES, HASH_BYTES = 64, 32, 32
DASH = "\N{EM DASH}"
LONGEST = 16_384
"""Bytes of a checkpoint with its signatures."""
MOST_LINES = 40
SIZE = re.compile(r"0|[1-9][0-9]{0,11}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class BadNote(ValueError):
	"""The text is no checkpoint. The message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
	"""The size and root of a log at one time.

	- `seq`: from 1 without gaps. `time`: UTC, "2026-11-28T19:00:00Z".
	- `previous`: SHA-256 of the text of the checkpoint before, or of nothing.
	- `anchor`: seq and signature of the ledger's newest anchor. "" if it has none.
	- `announced`: a key, as `vkey`, that may sign later checkpoints. "" for none.
	"""

	origin: str
	size: int
	root: bytes
	time: str
	seq: int
	previous: bytes
	anchor: str = ""
	announced: str = ""

	@property
	def text(self) -> str:
		"""Return the lines that are signed, each with its newline."""
		lines = [
			self.origin,
			str(self.size),
			b64encode(self.root).decode(),
			f"time {self.time}",
			f"seq {self.seq}",
			f"previous {b64encode(self.previous).decode()}",
			*([f"anchor {self.anchor}"] if self.anchor else []),
			*([f"next {self.announced}"] if self.announced else []),
		]
		return "".join(line + "\n" for line in lines)

	@property
	def digest(self) -> bytes:
		return digest_of(self.text)


def digest_of(text: str) -> bytes:
	return sha256(text.encode()).digest()


NOTHING = sha256(b"").digest()
"""`previous` of the first checkpoint."""


def key_hash(name: str, public_key: bytes) -> bytes:
	return sha256(name.encode() + b"\n" + ED25519 + public_key).digest()[:4]


def vkey(name: str, public_key: bytes) -> str:
	"""Return the public key as the text that verifiers of signed notes take."""
	encoded = b64encode(ED25519 + public_key).decode()
	return f"{name}+{key_hash(name, public_key).hex()}+{encoded}"


def public_key_of(key: str) -> tuple[str, bytes]:
	"""Return (name, 32 bytes) of a vkey. Raises `BadNote`."""
	parts = key.strip().split("+", 2)
	if len(key) > LONGEST or len(parts) != 3:
		raise BadNote("a public key is NAME+HASH+KEY")
	name, hashed, encoded = parts
	raw = decode_base64(encoded)
	if raw[:1] != ED25519 or len(raw) != 1 + KEY_BYTES:
		raise BadNote("the key is not one of Ed25519")
	if hashed != key_hash(name, raw[1:]).hex():
		raise BadNote("the key's hash is not its own")
	return name, raw[1:]


def add_signature(text: str, name: str, public_key: bytes, signature: bytes) -> str:
	"""Return the whole note: the text, an empty line, and the signature's line."""
	encoded = b64encode(key_hash(name, public_key) + signature).decode()
	return f"{text}\n{DASH} {name} {encoded}\n"


def add_cosignature(note: str, name: str, public_key: bytes, signature: bytes) -> str:
	"""Return the signed note with one more signature of the same text, under another name."""
	return note + add_signature("", name, public_key, signature).removeprefix("\n")


def split_signatures(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
	"""Return a note's text and its signatures (name, key hash, signature). Raises `BadNote`."""
	if len(note.encode("utf-8", "replace")) > LONGEST:
		raise BadNote("it is too long")
	text, empty, tail = note.rpartition("\n\n")
	lines = tail.splitlines()
	if not empty or not lines or len(lines) > MOST_LINES:
		raise BadNote("it has no signature")
	signatures = []
	for line in lines:
		parts = line.split(" ")
		if len(parts) != 3 or parts[0] != DASH:
			raise BadNote("a line of the signatures is none")
		raw = decode_base64(parts[2])
		signatures.append((parts[1], raw[:4], raw[4:]))
	return text + "\n", signatures


def is_signed(note: str, key: str) -> bool:
	"""Return whether this vkey signed the note. Raises `BadNote` for a note or key that is none."""
	name, public_key = public_key_of(key)
	text, signatures = split_signatures(note)
	wanted = (name, key_hash(name, public_key))
	return any(
		(by, hashed) == wanted and is_valid_signature(text, public_key, signature)
		for by, hashed, signature in signatures
	)


def is_valid_signature(text: str, public_key: bytes, signature: bytes) -> bool:
	try:
		Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text.encode())
	except (InvalidSignature, ValueError):
		return False
	return True


def parse_checkpoint(text: str) -> Checkpoint:
	"""Return the checkpoint of a note's text. Raises `BadNote`, also for a text that is written otherwise."""
	lines = text.split("\n")
	if len(lines) < 4 or len(lines) > MOST_LINES or lines[-1]:
		raise BadNote("it is no checkpoint")
	origin, size, root, *more = lines[:-1]
	values = dict(line.partition(" ")[::2] for line in more)
	if not SIZE.fullmatch(size) or not SIZE.fullmatch(values.get("seq", "")):
		raise BadNote("its size or its number is none")
	if not TIME.fullmatch(values.get("time", "")):
		raise BadNote("its time is none")
	checkpoint = Checkpoint(
		origin,
		int(size),
		decode_base64(root),
		values["time"],
		int(values["seq"]),
		decode_base64(values.get("previous", "")),
		values.get("anchor", ""),
		values.get("next", ""),
	)
	if (
		len(checkpoint.root) != HASH_BYTES
		or len(checkpoint.previous) != HASH_BYTES
		or checkpoint.text != text
	):
		raise BadNote("it is written in another way than this log does")
	return checkpoint


def decode_base64(text: str) -> bytes:
	try:
		return b64decode(text, validate=True)
	except (binascii.Error, ValueError) as error:
		raise BadNote("it is no base64") from error
