"""Marks outside of the database: the newest anchor and checkpoint that were signed, in a file and in Redis.

Rows that were deleted from the end of a chain leave no gap. These marks show them: they are written after the
commit, into the folder of `continuity.marks`, which no backup contains, and carry a MAC by the site's key. A
mark is never replaced by a newer one while the database lacks what it names. Only a person's decision
after a restore does that (`accept`).
"""

import hmac
import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import frappe
from redis.exceptions import RedisError

from school_dialer.consent import keys

ANCHOR, CHECKPOINT = "anchor", "checkpoint"
FOLDER = "school-dialer"
KEY = "school_dialer:newest:"
LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Newest:
	"""The newest that was signed: its seq, and its signature or digest in hex."""

	seq: int
	digest: str


def remember(kind: str, seq: int, digest: str) -> None:
	"""Mark this one as the newest after the commit. The database has it then."""
	frappe.db.after_commit.add(lambda: _advance(kind, Newest(seq, digest)))


def _advance(kind: str, newest: Newest) -> None:
	if all(is_there(kind, mark) for mark in marks(kind)):
		write(kind, newest)


def marks(kind: str) -> list[Newest]:
	"""Return the marks of this kind that are there and are this site's."""
	return [mark for text in (_from_file(kind), _from_redis(kind)) if (mark := unsealed(kind, text))]


def lost(kind: str) -> Newest | None:
	"""Return the mark whose anchor or checkpoint the database does not have, or None."""
	missing = [mark for mark in marks(kind) if not is_there(kind, mark)]
	return max(missing, key=lambda mark: mark.seq, default=None)


def is_there(kind: str, mark: Newest) -> bool:
	return mark == stored(kind, mark.seq)


def stored(kind: str, seq: int | None = None) -> Newest | None:
	"""Return the one with this seq in the database, or the newest."""
	query = {
		ANCHOR: "select seq, signature from `tabConsent Anchor` where seq = ifnull(%s, "
		"(select max(seq) from `tabConsent Anchor`))",
		CHECKPOINT: "select seq, digest from `tabDialer Proof Checkpoint` where seq = ifnull(%s, "
		"(select max(seq) from `tabDialer Proof Checkpoint`))",
	}[kind]
	rows = frappe.db.sql(query, (seq,))
	return Newest(*rows[0]) if rows else None


def accept() -> None:
	"""Take the database as it is after the commit: a person decided so after a restore."""
	frappe.db.after_commit.add(_accept)


def _accept() -> None:
	for kind in (ANCHOR, CHECKPOINT):
		newest = stored(kind)
		if newest:
			write(kind, newest)
		else:
			_remove(kind)


def forget() -> None:
	"""Remove the marks. Part of the uninstall."""
	for kind in (ANCHOR, CHECKPOINT):
		_remove(kind)


def _remove(kind: str) -> None:
	with suppress(RedisError):
		frappe.cache().delete(_redis_key(kind))
	with suppress(OSError):
		path(kind).unlink()


def path(kind: str) -> Path:
	return Path(frappe.get_site_path("private", FOLDER, f"newest-{kind}.json")).resolve()


def _redis_key(kind: str) -> bytes:
	return frappe.cache().make_key(KEY + kind)


def _from_file(kind: str) -> bytes:
	try:
		with path(kind).open("rb") as source:
			return source.read(LONGEST + 1)
	except OSError:
		return b""


def _from_redis(kind: str) -> bytes:
	try:
		return frappe.cache().get(_redis_key(kind)) or b""
	except RedisError:
		return b""


def sealed(kind: str, newest: Newest) -> bytes:
	values = {"kind": kind, "seq": newest.seq, "digest": newest.digest}
	return json.dumps({**values, "mac": _mac(values)}).encode()


def unsealed(kind: str, text: bytes) -> Newest | None:
	"""Return the mark of a text that this site has sealed, or None."""
	if not text or len(text) > LONGEST:
		return None
	try:
		values = json.loads(text)
		mac = str(values.pop("mac"))
		mark = Newest(int(values["seq"]), str(values["digest"]))
	except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
		return None
	fields = {"kind": kind, "seq": mark.seq, "digest": mark.digest}
	return mark if hmac.compare_digest(mac.encode(), _mac(fields).encode()) else None


def _mac(values: dict) -> str:
	text = json.dumps(values, sort_keys=True).encode()
	return hmac.digest(keys.derive("newest signature"), text, sha256).hex()


def write(kind: str, newest: Newest) -> None:
	"""Write both marks. One that cannot be written is left as it was."""
	text = sealed(kind, newest)
	with suppress(RedisError):
		frappe.cache().set(_redis_key(kind), text)
	try:
		place = path(kind)
		place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
		draft = place.with_name(f"{place.name}.{secrets.token_hex(4)}")
		with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
			out.write(text)
		draft.replace(place)
	except OSError as error:
		frappe.logger("school_dialer").warning("a mark cannot be written: %s", type(error).__name__)
