"""Private files that code writes, under names that cannot be guessed."""

import os
import secrets
from functools import partial
from pathlib import Path

import frappe
from frappe.utils import get_files_path

PRIVATE = "/private/files/"


def attach(doctype: str, document: str, content: bytes, kind: str, ending: str) -> str:
	"""Attach a private file to a document. Return its URL. The caller commits.

	`kind` begins the file's name. The row is inserted directly: Frappe's own method has a limit for uploads,
	would reuse a file with the same content, and keeps a digest of it. The file is removed if the transaction
	is rolled back.
	"""
	name = f"{kind}-{secrets.token_hex(12)}.{ending}"
	path = Path(get_files_path(name, is_private=1))
	with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
		out.write(content)
	frappe.db.after_rollback.add(partial(path.unlink, missing_ok=True))
	values = {
		"file_name": name,
		"file_url": PRIVATE + name,
		"file_size": len(content),
		"is_private": 1,
		"folder": "Home/Attachments",
		"content_hash": secrets.token_hex(16),
		"attached_to_doctype": doctype,
		"attached_to_name": document,
	}
	frappe.get_doc({"doctype": "File", "name": frappe.generate_hash(length=20), **values}).db_insert()
	return PRIVATE + name
