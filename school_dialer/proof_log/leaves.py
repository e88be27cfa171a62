"""A leaf's data: the exact bytes that are hashed. Pure Python, no Frappe.

	{"v":1,"kind":...,"id":...,"salt":...,"body":{...}}

The bytes are made again from the record at each check and export, so a body holds only what is never changed
after it is settled. The salt keeps a number from being guessed out of the hash.
"""

import json
from collections.abc import Sequence

from school_dialer.consent import chain

CONSENT, DECISION, DISCLOSURE = "consent", "decision", "disclosure"
ERASURE, RESTART = "erasure", "restart"
KEPT = (ERASURE, RESTART)
"""Kinds without a record of their own: the leaf keeps the body."""
VERSION = 1
SALT_BYTES = 16
OF_LOG = ("phone", "campaign", "purpose", "channel", "verdict", "policy", "policy_version", "decision")

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def data(kind: str, reference: str, salt: str, body: dict) -> str:
	"""Return the leaf's data as text; its UTF-8 bytes are hashed."""
	return _encode({"v": VERSION, "kind": kind, "id": reference, "salt": salt, "body": body})


def of_event(row: Sequence, attachment: str | None) -> dict:
	"""Return the body for a consent event, a row of `chain.COLUMNS`.

	`attachment` is the SHA-256 of the attached file's content, in hex, or None.
	"""
	return {**dict(zip(chain.COLUMNS, row, strict=True)), "attachment_sha256": attachment or None}


def of_decision(log: dict) -> dict:
	"""Return the body for the gate's decision in a call log, given its columns `OF_LOG`."""
	record = json.loads(log["decision"])
	return {
		"number": log["phone"],
		"at_utc": record.get("at"),
		"campaign": log["campaign"],
		"purpose": log["purpose"],
		"channel": log["channel"],
		"decision": log["verdict"],
		"reasons": [str(each.get("code")) for each in record.get("reasons") or []],
		"basis": bases(record),
		"policy": log["policy"],
		"policy_version": log["policy_version"],
		"record": log["decision"],
	}


def bases(record: dict) -> list[str]:
	"""Return the bases of the consents that the gate saw, each once."""
	consents = (record.get("facts") or {}).get("consents") or []
	return list(dict.fromkeys(str(each.get("basis") or "") for each in consents))


def of_disclosure(row: dict) -> dict:
	"""Return the body for a disclosure: its columns as text, as the database has them."""
	return {name: None if value is None else str(value) for name, value in row.items()}


def of_erasure(kind: str, reference: str, at_utc: str, why: str) -> dict:
	return {"kind": kind, "id": reference, "at_utc": at_utc, "why": why}


def of_restart(
	*, origin: str, before: str, seq: int, size: int, root: str, lost: dict | None, at_utc: str
) -> dict:
	"""Return the body that declares that the log goes on as `origin` after a restore, and was `before`.

	`seq`, `size` and `root` (hex) are of the last checkpoint of `before` that is known, 0 for none. `lost` is
	the `seq` and `digest` of a later one that is known to have been signed, or None.
	"""
	last_checkpoint = {"before": before, "seq": seq, "size": size, "root": root, "lost": lost}
	return {"origin": origin, **last_checkpoint, "at_utc": at_utc}


def encoded(body: dict) -> str:
	return _encode(body)


def decoded(body: str) -> dict:
	"""Return a body that was kept as text. Raises ValueError if it is none."""
	decoded_body = json.loads(body)
	if not isinstance(decoded_body, dict):
		raise ValueError("a body is an object")
	return decoded_body
