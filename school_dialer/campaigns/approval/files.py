"""What a file holds now, on disk: read in blocks, and once as long as nothing has touched it."""

import hmac
import os
import time
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import frappe

from school_dialer.consent.integrity import keys

NONE, MISSING = "", "missing"
BLOCK = 1 << 20
SETTLED_NS = 2_000_000_000
"""A file that was touched within so long is read again: a second change within one tick of the file system leaves no trace."""


def content(url: str | None) -> str:
	"""The keyed digest of the content behind the address of a File: "" for no address, "missing" where nothing can be read."""
	if not url:
		return NONE
	path = path_of(url)
	try:
		return digest_of(path) if path else MISSING
	except OSError:
		return MISSING


def path_of(url: str) -> Path | None:
	"""Where Frappe keeps the file of this address on this machine; None for one that has no File, or that lies elsewhere."""
	name = frappe.db.get_value("File", {"file_url": url})
	if not name:
		return None
	try:
		return Path(frappe.get_doc("File", name).get_full_path())
	except (frappe.ValidationError, OSError):
		frappe.clear_last_message()
		return None


def digest_of(path: Path) -> str:
	"""The digest of a file. Raises OSError."""
	with path.open("rb") as opened:
		seen = os.fstat(opened.fileno())
		identity = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
	if time.time_ns() - max(seen.st_mtime_ns, seen.st_ctime_ns) < SETTLED_NS:
		return streamed(path)
	return remembered(frappe.local.site, path, identity)


@lru_cache(maxsize=256)
def remembered(site: str, path: Path, identity: tuple[int, ...]) -> str:
	"""`identity`: what the file system says of the file. A change of content changes it, and with it what is asked for here."""
	return streamed(path)


def streamed(path: Path) -> str:
	found = hmac.new(keys.derive("approval content"), digestmod=sha256)
	with path.open("rb") as opened:
		while block := opened.read(BLOCK):
			found.update(block)
	return found.hexdigest()
