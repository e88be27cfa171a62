"""Digests of file content on disk. A file is read in blocks, and only once while it is unchanged."""

import hmac
import os
import time
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import frappe

from school_dialer.consent import keys

NONE, MISSING = "", "missing"
BLOCK = 1 << 20
SETTLED_NS = 2_000_000_000
"""A file touched this recently is read again.

A second change within one tick of the file system's clock leaves no trace.
"""


def content(url: str | None) -> str:
	"""Return the keyed digest of the content at a File's URL.

	Return "" for no URL, and "missing" if nothing can be read.
	"""
	if not url:
		return NONE
	path = path_of(url)
	try:
		return digest_of(path) if path else MISSING
	except OSError:
		return MISSING


def path_of(url: str) -> Path | None:
	"""Return where Frappe stores the file of this URL on this machine.

	Return None if there is no such File, or it is stored elsewhere.
	"""
	name = frappe.db.get_value("File", {"file_url": url})
	if not name:
		return None
	try:
		return Path(frappe.get_doc("File", name).get_full_path())
	except (frappe.ValidationError, OSError):
		frappe.clear_last_message()
		return None


def digest_of(path: Path) -> str:
	"""Return the digest of a file. Raise OSError if it cannot be read."""
	with path.open("rb") as opened:
		seen = os.fstat(opened.fileno())
		identity = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
	if time.time_ns() - max(seen.st_mtime_ns, seen.st_ctime_ns) < SETTLED_NS:
		return streamed(path)
	return remembered(frappe.local.site, path, identity)


@lru_cache(maxsize=256)
def remembered(site: str, path: Path, identity: tuple[int, ...]) -> str:
	"""Return the cached digest. `identity` is the file's stat data, which changes with its content."""
	return streamed(path)


def streamed(path: Path) -> str:
	digest = hmac.new(keys.derive("approval content"), digestmod=sha256)
	with path.open("rb") as opened:
		while block := opened.read(BLOCK):
			digest.update(block)
	return digest.hexdigest()
