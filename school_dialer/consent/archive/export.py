"""Write the ledger to a file that only this site can have signed."""

import os
from datetime import datetime, timezone
from pathlib import Path

import frappe

from school_dialer.consent import chain, keys
from school_dialer.consent.archive import ledger_file
from school_dialer.consent.events import iso
from school_dialer.consent.integrity import anchors, stream

FOLDER = "consent-ledger"
KEY = "ledger file"


def folder() -> Path:
	"""Return the folder of ledger files, in the site's private folder.

	It is not in `backups`, because Frappe deletes files there after a day.
	"""
	return Path(frappe.get_site_path("private", FOLDER)).resolve()


def files() -> list[Path]:
	"""Return the files written so far, newest first."""
	return sorted(folder().glob("*.jsonl.gz"), reverse=True)


def key() -> bytes:
	return keys.derive(KEY)


def write() -> tuple[Path, int, int]:
	"""Write the whole ledger to a new file. Returns (path, events, numbers), the last two as counts.

	Only the site's own system user may read the file. It gets its final name when it is complete.
	"""
	folder().mkdir(mode=0o700, parents=True, exist_ok=True)
	now = datetime.now(timezone.utc)
	path = folder() / f"{now:%Y%m%d-%H%M%S-%f}.jsonl.gz"
	draft = path.with_suffix(".part")
	with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
		counts = ledger_file.write(out, key(), frappe.local.site, iso(now), anchors.load(), _numbers())
		out.flush()
		os.fsync(out.fileno())
	draft.rename(path)
	return path, *counts


def _numbers():
	for phone, rows, head in stream.merged(chain.by_phone(stream.events()), stream.heads()):
		yield ledger_file.Number(phone, head[1:] if head else None, tuple(rows[1]) if rows else ())
