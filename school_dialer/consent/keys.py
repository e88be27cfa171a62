"""Keys for the ledger, derived from the site's encryption key (HKDF, RFC 5869) and never stored.

They are kept out of the database. A person with only the database can neither recompute an anchor nor recover
a number from the name of its lock.
"""

import hmac
from hashlib import sha256

from frappe.utils.password import get_encryption_key

from school_dialer.consent import chain

SALT = b"school_dialer consent ledger"


def derive(label: str) -> bytes:
	"""Return a 32-byte key for one use, named by `label`."""
	return expand(extract(get_encryption_key().encode()), label)


def of_chain() -> chain.Key:
	"""Return the key for the digests of numbers in event hashes."""
	return chain.Key(derive("chain number"))


def extract(secret: bytes) -> bytes:
	return hmac.digest(SALT, secret, sha256)


def expand(pseudo_random_key: bytes, label: str) -> bytes:
	return hmac.digest(pseudo_random_key, label.encode() + b"\x01", sha256)
