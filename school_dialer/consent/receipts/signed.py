"""A receipt as one signed line, which counts even if the database has lost its event. Pure Python, no Frappe.

	SDR1.PAYLOAD.SIGNATURE

The payload is a JSON list in base64url (RFC 4648 section 5, without padding): the event's name, kind,
channel, purpose, scope, when it was said (UTC), and the number, encrypted, with the person whom the event
names. The signature is of Ed25519 (RFC 8032), over all that stands before its dot. A short code has no room
for it. docs/school/proof.md says why the number is encrypted in it, and who can check the line.
"""

import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import astuple, dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PREFIX = "SDR1"
LONGEST = 2500
"""Characters of a line. One has about 280, more where it names a school or a person."""
LONGEST_TYPED = 2 * LONGEST
"""Characters in which a line is looked for: mail programs break lines and quote them."""
PADDED = re.compile(r"[\s>\u200b\ufeff]")
FIELDS = 7
NONCE_BYTES, NUMBER_BYTES = 12, 16
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


class NotSigned(ValueError):
	"""This site has not signed the line as it stands."""


@dataclass(frozen=True, slots=True)
class Statement:
	"""What a line says: an event as it was recorded. `at` is ISO text in UTC, when it was said.

	The person is whom the event names, or "" if it names no one, as in lines of earlier versions.
	"""

	event: str
	kind: str
	channel: str
	purpose: str
	scope: str
	at: str
	phone: str
	person_doctype: str = ""
	person: str = ""


@dataclass(frozen=True, slots=True)
class Keys:
	"""32 bytes each: the seed of the signing key, and the key by which numbers are encrypted."""

	signing: bytes
	number: bytes

	@property
	def signer(self) -> Ed25519PrivateKey:
		return Ed25519PrivateKey.from_private_bytes(self.signing)

	@property
	def public(self) -> bytes:
		return self.signer.public_key().public_bytes_raw()


def is_line(text: str) -> bool:
	"""Return whether this may be a signed line, and not a short code."""
	return text.lstrip("> \t\r\n\ufeff\u200b").startswith(f"{PREFIX}.")


def line_of(statement: Statement, keys: Keys) -> str:
	"""Return the line, which is the same whenever it is made."""
	words = astuple(statement)[: FIELDS - 1]
	values = [*words, _encoded(_sealed(statement, keys.number))]
	payload = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
	begins = f"{PREFIX}.{_encoded(payload)}"
	return f"{begins}.{_encoded(keys.signer.sign(begins.encode()))}"


def read(text: str, keys: Keys) -> Statement:
	"""Return what a line says. Raises `NotSigned` for anything that this site has not signed.

	Bounded: nothing is decoded of a text that is too long, and nothing is parsed before its signature holds.
	"""
	if len(text) > LONGEST_TYPED:
		raise NotSigned
	parts = PADDED.sub("", text).split(".")
	if len(parts) != 3 or parts[0] != PREFIX or sum(map(len, parts)) > LONGEST:
		raise NotSigned
	begins = f"{parts[0]}.{parts[1]}"
	try:
		keys.signer.public_key().verify(_decoded(parts[2]), begins.encode())
		values = json.loads(_decoded(parts[1]))
	except (InvalidSignature, ValueError) as error:
		raise NotSigned from error
	if len(values) != FIELDS:
		raise NotSigned
	*words, number = values
	return Statement(*words, *_opened(_decoded(number), words[0], keys.number))


def _sealed(statement: Statement, key: bytes) -> bytes:
	"""Encrypt the number, in a length that does not show its own, and the person after it.

	The nonce follows from the event's name and the person, of which neither changes, so none is used twice
	for different content.
	"""
	event = statement.event.encode()
	named = f"{statement.person_doctype}\n{statement.person}".encode() if statement.person else b""
	nonce = hmac.digest(key, b"nonce" + event + named, sha256)[:NONCE_BYTES]
	return nonce + AESGCM(key).encrypt(nonce, statement.phone.encode().ljust(NUMBER_BYTES) + named, event)


def _opened(content: bytes, event: str, key: bytes) -> tuple[str, str, str]:
	"""Return the number, and DocType and name of the person, "" for no one."""
	nonce, encrypted = content[:NONCE_BYTES], content[NONCE_BYTES:]
	try:
		plain = AESGCM(key).decrypt(nonce, encrypted, event.encode())
		phone = plain[:NUMBER_BYTES].decode().rstrip()
		doctype, _line_end, person = plain[NUMBER_BYTES:].decode().partition("\n")
	except (InvalidTag, ValueError) as error:
		raise NotSigned from error
	if not NUMBER.fullmatch(phone):
		raise NotSigned
	return phone, doctype, person


def _encoded(content: bytes) -> str:
	return urlsafe_b64encode(content).decode().rstrip("=")


def _decoded(text: str) -> bytes:
	"""Return the bytes of base64url in its one spelling. Raises `NotSigned`."""
	try:
		content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
	except (NotBase64, ValueError) as error:
		raise NotSigned from error
	if _encoded(content) != text:
		raise NotSigned
	return content
