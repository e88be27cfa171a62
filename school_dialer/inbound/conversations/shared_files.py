"""Files that staff send to a family: as a link in a text, which works for some days and can be revoked.

The link holds a random name and a signature over it. The signature is not stored, so a link cannot be made
from the database alone. No file leaves as a picture message (MMS), which the carrier would keep.
"""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.database.rows import insert, stamp
from school_dialer.base.refusal import throw
from school_dialer.consent import keys
from school_dialer.consent.choices import preference_link

DOCTYPE = "Dialer Shared File"
PATH = "/dialer-file"
VALID_FOR = timedelta(days=14)
MOST_BYTES = 10_000_000
KINDS = {
	"pdf": "application/pdf",
	"jpg": "image/jpeg",
	"jpeg": "image/jpeg",
	"png": "image/png",
	"txt": "text/plain; charset=utf-8",
	"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The kinds of files, by extension, and what each is served as. None of them runs in a browser."""
NAME_BYTES, SIGNATURE_BYTES = 12, 16


@dataclass(frozen=True, slots=True)
class Shared:
	"""What a link opens: the file's name, its content, and what it is served as."""

	file_name: str
	content: bytes
	kind: str


def share(conversation: str, file: str) -> str:
	"""Make a link to this private file for the family of a conversation, and return its URL.

	The caller has checked that the session's user may read both. Raises ValidationError for a file that is
	public, too large, or of another kind. Commits nothing.
	"""
	doc = frappe.get_doc("File", file)
	if not doc.is_private:
		throw(_("This file is public. Upload it as a private one."))
	if doc.is_folder or kind_of(doc.file_name) is None:
		throw(_("Files of these kinds can be sent: {0}.").format(", ".join(sorted(KINDS))))
	if (doc.file_size or 0) > MOST_BYTES:
		throw(_("The file is larger than {0} MB.").format(MOST_BYTES // 1_000_000))
	name = secrets.token_hex(NAME_BYTES)
	row = {
		"name": name,
		**stamp(clock.db_now()),
		"conversation": conversation,
		"file": doc.name,
		"file_name": doc.file_name,
		"expires_at": clock.to_db(clock.now() + VALID_FOR),
		"opened": 0,
	}
	insert(DOCTYPE, [row])
	return url(name)


def kind_of(file_name: str | None) -> str | None:
	return KINDS.get((file_name or "").rpartition(".")[2].lower())


def url(name: str) -> str:
	base = preference_link.address().removesuffix(preference_link.PATH)
	signed = bytes.fromhex(name)
	token = base64.urlsafe_b64encode(signed + signature(signed)).decode().rstrip("=")
	return f"{base}{PATH}?t={token}"


def signature(signed: bytes) -> bytes:
	return hmac.digest(keys.derive("shared file"), signed, sha256)[:SIGNATURE_BYTES]


def name_in(token: str) -> str | None:
	"""Return the name that a link's token holds, or None if this site did not sign it."""
	try:
		raw = base64.urlsafe_b64decode(token[:80] + "=" * (-len(token[:80]) % 4))
	except (binascii.Error, ValueError):
		return None
	signed, given = raw[:NAME_BYTES], raw[NAME_BYTES:]
	is_ours = len(raw) == NAME_BYTES + SIGNATURE_BYTES and hmac.compare_digest(given, signature(signed))
	return signed.hex() if is_ours else None


def bytes_of(file) -> bytes | None:
	"""Return what a private File holds, or None if it is not on this site's disk.

	`File.get_content` decodes what it can, and a PDF may seem to be text to it.
	"""
	folder = Path(frappe.get_site_path("private", "files")).resolve()
	path = Path(file.get_full_path()).resolve()
	return path.read_bytes() if folder in path.parents and path.is_file() else None


def open_link(token: str) -> Shared | None:
	"""Return what the link opens, and count it. None if it expired, was revoked, or its file is gone."""
	name = name_in(token)
	row = name and frappe.db.get_value(DOCTYPE, name, ["file", "expires_at", "revoked_at"], as_dict=True)
	if not row or row.revoked_at or row.expires_at <= clock.db_now():
		return None
	if not row.file or not frappe.db.exists("File", row.file):
		return None
	doc = frappe.get_doc("File", row.file)
	if (kind := kind_of(doc.file_name)) is None:
		return None
	if (content := bytes_of(doc)) is None:
		return None
	frappe.db.sql(
		"update `tabDialer Shared File` set opened = opened + 1, opened_at = %s where name = %s",
		(clock.db_now(), name),
	)
	return Shared(doc.file_name, content, kind)


def revoke(name: str) -> None:
	"""Let a link open nothing from now on, for the session's user."""
	values = {"revoked_at": clock.db_now(), "revoked_by": frappe.session.user}
	frappe.db.set_value(DOCTYPE, {"name": name, "revoked_at": ("is", "not set")}, values)


def of_conversation(name: str) -> list[frappe._dict]:
	"""Return the links of a conversation that still work, the latest first."""
	return frappe.get_all(
		DOCTYPE,
		{"conversation": name, "revoked_at": ("is", "not set"), "expires_at": (">", clock.db_now())},
		["name", "file_name", "expires_at", "opened"],
		order_by="creation desc",
		limit=20,
	)
