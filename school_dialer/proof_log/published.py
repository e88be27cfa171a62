"""What anyone may read: the public keys of the log, and its checkpoints. They hold no personal data."""

import frappe

from school_dialer.consent.receipts import receipt
from school_dialer.proof_log import checkpoints, note

FOLDER, KEYS, NEWEST, EACH = "dialer-proof", "keys", "checkpoint", "checkpoints"
OF_RECEIPTS = "receipt-key"
LONGEST_NUMBER = 9


def document(path: str) -> str | None:
	"""Return the text at this path below `/dialer-proof/`, or None if there is none."""
	if path == KEYS:
		return "".join(key + "\n" for key in checkpoints.public_keys()) or None
	if path == OF_RECEIPTS:
		return note.vkey(f"school_dialer/{frappe.local.site}/receipts", receipt.signing_keys().public) + "\n"
	if path == NEWEST:
		stored = checkpoints.newest()
		return stored.note if stored else None
	folder, _slash, number = path.partition("/")
	if folder != EACH or not (number.isascii() and number.isdigit()) or len(number) > LONGEST_NUMBER:
		return None
	stored = checkpoints.by_number(int(number))
	return stored.note if stored else None
