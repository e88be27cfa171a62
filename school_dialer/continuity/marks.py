"""The mark of how far the site has come: in the database, in Redis, and in a file that backups leave out.

The copies outside of the database carry a MAC by the site's key, so that another site's copy, or a damaged
one, counts as missing. They are written after the commit, so that they are never ahead of the database.
"""

import hmac
import json
import os
import secrets
from contextlib import suppress
from datetime import datetime, timezone
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import frappe
from redis.exceptions import RedisError

from school_dialer.base import clock
from school_dialer.base.database.rows import insert, stamp
from school_dialer.consent import keys
from school_dialer.continuity import hosts
from school_dialer.continuity.decision import Mark, Seen

DOCTYPE, ROW = "Dialer Continuity", "site"
FOLDER, FILE = "school-dialer", "mark.json"
KEY = "school_dialer:continuity"
LONGEST = 4096
"""Bytes of a mark outside of the database."""
FIELDS = ("identity", "generation", "at", "site_at", "place")


def folder() -> Path:
	"""Return the folder in the site's private folder that `bench backup` does not contain."""
	return Path(frappe.get_site_path("private", FOLDER)).resolve()


def machine_now() -> datetime:
	"""Return the machine's own time, aware, whatever the site's clock is set to."""
	return datetime.now(timezone.utc)


def place() -> str:
	"""Return a digest of where the site is installed: its folder and its database.

	Machines are left out: several may serve one site (`hosts`), and containers change theirs.
	"""
	return _digest(os.path.realpath(frappe.get_site_path()), frappe.conf.db_name or "")


@lru_cache(maxsize=16)
def _digest(*parts: str) -> str:
	return sha256(json.dumps(parts).encode()).hexdigest()[:32]


def seen(simulated: bool, for_update: bool = False) -> Seen:
	"""Read all marks. The copies come first, so that none is ahead of the database only by a moment."""
	file, redis = from_file(), from_redis()
	is_known = simulated or hosts.is_known()
	return Seen(from_database(for_update), file, redis, machine_now(), place(), simulated, is_known)


def from_database(for_update: bool = False) -> Mark | None:
	"""Return the database's mark as it was committed last, whatever older snapshot the transaction has."""
	mark = frappe.qb.DocType(DOCTYPE)
	query = frappe.qb.from_(mark).select(*(mark[field] for field in FIELDS)).where(mark.name == ROW)
	sql = query.get_sql() + (" for update" if for_update else " lock in share mode")
	rows = frappe.db.sql(sql)
	return mark_of(dict(zip(FIELDS, rows[0], strict=True))) if rows else None


def from_file() -> Mark | None:
	try:
		with (folder() / FILE).open("rb") as source:
			return unsealed(source.read(LONGEST + 1))
	except OSError:
		return None


def from_redis() -> Mark | None:
	try:
		return unsealed(frappe.cache().get(_redis_key()) or b"")
	except RedisError:
		return None


def _redis_key() -> bytes:
	return frappe.cache().make_key(KEY)


def mark_of(values: dict) -> Mark:
	"""Return the mark of these values. Raises ValueError, TypeError, or KeyError if they are none."""
	moments = [datetime.fromisoformat(values[name]) for name in ("at", "site_at")]
	if not all(moment.tzinfo for moment in moments):
		raise ValueError("a mark's time has a zone")
	return Mark(str(values["identity"]), int(values["generation"]), *moments, str(values["place"]))


def values_of(mark: Mark) -> dict:
	return {
		"identity": mark.identity,
		"generation": mark.generation,
		"at": mark.at.isoformat(),
		"site_at": mark.site_at.isoformat(),
		"place": mark.place,
	}


def sealed(mark: Mark) -> bytes:
	"""Return the mark as text with its MAC."""
	values = values_of(mark)
	return json.dumps({**values, "mac": _mac(values)}).encode()


def unsealed(text: bytes) -> Mark | None:
	"""Return the mark of a text that this site has sealed, or None."""
	if not text or len(text) > LONGEST:
		return None
	try:
		values = json.loads(text)
		mac = str(values.pop("mac"))
		mark = mark_of(values)
	except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
		return None
	return mark if hmac.compare_digest(mac.encode(), _mac(values_of(mark)).encode()) else None


def _mac(values: dict) -> str:
	return hmac.digest(keys.derive("continuity"), json.dumps(values, sort_keys=True).encode(), sha256).hex()


def next_of(database: Mark | None, *others: Mark) -> Mark:
	"""Return the mark that follows these, made here and now."""
	identity = database.identity if database else secrets.token_hex(16)
	generation = max((mark.generation for mark in (database, *others) if mark), default=0) + 1
	return Mark(identity, generation, machine_now(), clock.now(), place())


def move(before: Mark | None, mark: Mark) -> None:
	"""Write the mark into the database, and after the commit outside of it. The caller commits."""
	values = values_of(mark)
	if before is None:
		insert(DOCTYPE, [{"name": ROW, **stamp(), **values}], ignore=True)
	else:
		row = frappe.qb.DocType(DOCTYPE)
		query = frappe.qb.update(row).where(row.name == ROW)
		for field, value in values.items():
			query = query.set(row[field], value)
		query.run()
	frappe.db.after_commit.add(lambda: copy(mark))


def copy(mark: Mark) -> None:
	"""Write the copies outside of the database. A copy that cannot be written is left as it was."""
	text = sealed(mark)
	with suppress(RedisError):
		frappe.cache().set(_redis_key(), text)
	try:
		folder().mkdir(mode=0o700, parents=True, exist_ok=True)
		draft = folder() / f"{FILE}.{secrets.token_hex(4)}"
		with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
			out.write(text)
		draft.replace(folder() / FILE)
	except OSError as error:
		frappe.logger("school_dialer").warning("the mark's file cannot be written: %s", type(error).__name__)


def forget() -> None:
	"""Remove the copies. Part of the uninstall."""
	with suppress(RedisError):
		frappe.cache().delete(_redis_key())
	with suppress(OSError):
		(folder() / FILE).unlink()
