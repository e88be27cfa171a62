"""Secrets of addresses: a random name and a signature over it that needs the site's key."""

import base64
import binascii
import hmac
import secrets
from hashlib import sha256

from school_dialer.consent import keys

NAME_BYTES, SIGNATURE_BYTES = 12, 16
LENGTH = 38


def new_name() -> str:
	return secrets.token_hex(NAME_BYTES)


def of(kind: str, name: str) -> str:
	"""Return the secret of the row with this name: 38 characters. `kind` keeps the secrets of rows apart."""
	raw = bytes.fromhex(name)
	return base64.urlsafe_b64encode(raw + _signature(kind, raw)).decode().rstrip("=")


def name_in(kind: str, text: str) -> str | None:
	"""Return the name in a genuine secret of this kind, or None."""
	if len(text) != LENGTH or not text.isascii():
		return None
	try:
		raw = base64.b64decode(text + "==", altchars=b"-_", validate=True)
	except binascii.Error:
		return None
	name, signature = raw[:NAME_BYTES], raw[NAME_BYTES:]
	if base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
		return None
	return name.hex() if hmac.compare_digest(signature, _signature(kind, name)) else None


def _signature(kind: str, name: bytes) -> bytes:
	return hmac.digest(keys.derive(kind), name, sha256)[:SIGNATURE_BYTES]
