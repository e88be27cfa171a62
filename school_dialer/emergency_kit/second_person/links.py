"""The link that approves: signed, for one user and what was sealed, valid for minutes, and used once.

It holds the random name of the try, the expiry, and a signature over both, the user, and the digest of what
was asked for. The signature is not stored, so a link cannot be made from the database alone. A GET decides
nothing, so that previews of links do no harm (`website.approval_page`).
"""

import base64
import binascii
import hmac
from hashlib import sha256

import frappe

from school_dialer.base import clock, public_url
from school_dialer.consent import keys
from school_dialer.emergency_kit.second_person import asks, on_call

PATH = "/dialer-approve"
NAME_BYTES, EXPIRY_BYTES, SIGNATURE_BYTES = 12, 4, 16
SIGNED_BYTES = NAME_BYTES + EXPIRY_BYTES
TOKEN_LENGTH = 43
INVALID, EXPIRED, USED = "invalid", "expired", "used"


class LinkRefused(Exception):
	"""The link is not accepted. `reason` is INVALID, EXPIRED or USED."""

	def __init__(self, reason: str):
		super().__init__(reason)
		self.reason = reason


def url(ask) -> str:
	return f"{public_url.base()}{PATH}?t={token(ask)}"


def token(ask) -> str:
	signed = bytes.fromhex(ask.name) + int(clock.from_db(ask.expires_at).timestamp()).to_bytes(
		EXPIRY_BYTES, "big"
	)
	return base64.urlsafe_b64encode(signed + signature(signed, ask)).decode().rstrip("=")


def signature(signed: bytes, ask) -> bytes:
	text = "\0".join((ask.user, ask.campaign, ask.asked_digest or "")).encode()
	return hmac.digest(keys.derive("emergency approval link"), signed + text, sha256)[:SIGNATURE_BYTES]


def ask_of_link(token: str, lock: bool = False) -> frappe._dict:
	"""Return the try of a genuine link. Raise `LinkRefused` for any other text, however it was made.

	With `lock`, two answers at once wait for each other.
	"""
	raw = decoded(token)
	name = raw[:NAME_BYTES].hex()
	ask = frappe.db.get_value(asks.DOCTYPE, name, asks.COLUMNS, as_dict=True, for_update=lock)
	if not ask or ask.way == on_call.CALL:
		raise LinkRefused(INVALID)
	if not hmac.compare_digest(raw[SIGNED_BYTES:], signature(raw[:SIGNED_BYTES], ask)):
		raise LinkRefused(INVALID)
	if clock.now().timestamp() >= int.from_bytes(raw[NAME_BYTES:SIGNED_BYTES], "big"):
		raise LinkRefused(EXPIRED)
	if not asks.is_valid(ask):
		raise LinkRefused(USED)
	return ask


def decoded(token: str) -> bytes:
	if not isinstance(token, str) or len(token) != TOKEN_LENGTH or not token.isascii():
		raise LinkRefused(INVALID)
	try:
		raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
	except (binascii.Error, ValueError):
		raise LinkRefused(INVALID) from None
	if len(raw) != SIGNED_BYTES + SIGNATURE_BYTES:
		raise LinkRefused(INVALID)
	return raw
