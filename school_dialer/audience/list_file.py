"""The list file that a campaign calls: who may attach which file, and where it is stored.

The file has names and numbers.

Frappe grants access to a private file through the document it is attached to, and finds the file by its URL,
in which the database ignores case and accents. So each campaign gets its own copy under an unguessable name.
The copy is attached to a Dialer Audience File, which only users who may see numbers can read. The URL is a
field of permission level 1.
"""

import os
import secrets
from collections.abc import Collection
from functools import partial
from pathlib import Path

import frappe
from frappe import _
from frappe.utils import get_files_path

from school_dialer.base.refusal import throw

CAMPAIGN, DOCTYPE = "Dialer Campaign", "Dialer Audience File"
LIST = "list"
"""The attached_to_field value of a campaign's own copy."""
FIELD = "audience_file"
PRIVATE = "/private/files/"
ATTACHED_TO = ("attached_to_doctype", "attached_to_name", "attached_to_field")


def copy_for_campaign(campaign, kept: Collection[str] = ()) -> None:
	"""Copy the file that a saved campaign names, and delete the original if it was uploaded to the campaign.

	Does nothing if the campaign already names its own copy. `kept` are the Files that `library` returned,
	which stay as they were. A URL without a file is left for the planner to report. If no File uses the
	original any more, it is removed from disk after the commit.
	"""
	rows = files_at(campaign.audience_file)
	if not rows or own_file(rows, campaign.name):
		return
	source = frappe.get_doc("File", first_readable(rows))
	content = source.get_content()
	url = write(content.encode() if isinstance(content, str) else content)
	attach(campaign.name, url)
	for row in rows:
		if row.name in kept:
			frappe.db.set_value("File", row.name, dict.fromkeys(ATTACHED_TO), update_modified=False)
		elif is_upload(row, campaign):
			frappe.db.delete("File", {"name": row.name})
	if not files_at(campaign.audience_file):
		frappe.db.after_commit.add(partial(Path(source.get_full_path()).unlink, missing_ok=True))
	campaign.db_set(FIELD, url, update_modified=False)


def is_upload(row: frappe._dict, campaign) -> bool:
	"""Return whether the File is attached to this campaign.

	It may be attached under the name that the campaign's form had before it was saved.
	"""
	return row.attached_to_doctype in (CAMPAIGN, DOCTYPE) and (
		row.attached_to_name == campaign.name or not frappe.db.exists(CAMPAIGN, row.attached_to_name)
	)


def hold_uploaded_file(file) -> None:
	"""Attach a File uploaded to a saved campaign to its Dialer Audience File instead.

	Runs before the File is inserted.
	"""
	if file.attached_to_doctype == CAMPAIGN and frappe.db.exists(CAMPAIGN, file.attached_to_name):
		holder(file.attached_to_name)
		file.attached_to_doctype = DOCTYPE


def holder(campaign: str) -> None:
	if not frappe.db.exists(DOCTYPE, campaign):
		frappe.get_doc({"doctype": DOCTYPE, "campaign": campaign}).insert()


def library(campaign) -> list[str]:
	"""Return the names of the unattached Files at the URL that a campaign names.

	Call this before Frappe attaches them to the campaign, which lets everyone who reads the campaign read
	them. Raises PermissionError for a file that the user may not read.
	"""
	rows = files_at(campaign.audience_file)
	if rows and not own_file(rows, campaign.name):
		first_readable(rows)
	return [row.name for row in rows if not row.attached_to_doctype]


def file_of(campaign) -> str:
	"""Return the name of the File to read.

	That is the campaign's own copy or, for a draft, a File that this user may read. Raises ValidationError
	without a file, DoesNotExistError or PermissionError.
	"""
	if not campaign.audience_file:
		throw(_("Attach a CSV file with the columns name and phone."))
	rows = files_at(campaign.audience_file)
	return own_file(rows, campaign.get("name")) or first_readable(rows)


def files_at(url: str | None) -> list[frappe._dict]:
	"""Return the Files with exactly this URL. The database comparison alone would match others as well."""
	fields = ["name", "file_url", *ATTACHED_TO]
	rows = frappe.get_all("File", {"file_url": url}, fields, order_by="creation") if url else []
	return [row for row in rows if row.file_url == url]


def own_file(rows: list[frappe._dict], campaign: str | None) -> str | None:
	attached = (DOCTYPE, campaign, LIST)
	return next((row.name for row in rows if tuple(row[field] for field in ATTACHED_TO) == attached), None)


def first_readable(rows: list[frappe._dict]) -> str:
	if not rows:
		throw(_("There is no such file."), frappe.DoesNotExistError)
	for row in rows:
		if frappe.has_permission("File", "read", doc=row.name):
			return row.name
	throw(_("You may not read this file."), frappe.PermissionError)


def write(content: bytes) -> str:
	"""Write a private file and return its URL. The file is removed if the transaction is rolled back."""
	name = f"{secrets.token_hex(16)}.csv"
	path = Path(get_files_path(name, is_private=1))
	with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
		out.write(content)
	frappe.db.after_rollback.add(partial(path.unlink, missing_ok=True))
	return PRIVATE + name


def attach(campaign: str, url: str) -> None:
	"""Attach the file at this URL to the campaign's Dialer Audience File by inserting the File row directly.

	Frappe's own method would reuse a file with the same content and write its URL into a comment on the
	document. The content hash is replaced by a random one, because a real hash would reveal the number in a
	list that has only one.
	"""
	holder(campaign)
	values = {
		"file_name": url.removeprefix(PRIVATE),
		"file_url": url,
		"is_private": 1,
		"folder": "Home/Attachments",
		"content_hash": secrets.token_hex(16),
		"attached_to_doctype": DOCTYPE,
		"attached_to_name": campaign,
		"attached_to_field": LIST,
	}
	frappe.get_doc({"doctype": "File", "name": frappe.generate_hash(length=20), **values}).db_insert()


def discard(campaign: str) -> None:
	"""Delete the campaign's Dialer Audience File along with the campaign."""
	if frappe.db.exists(DOCTYPE, campaign):
		frappe.delete_doc(DOCTYPE, campaign)
