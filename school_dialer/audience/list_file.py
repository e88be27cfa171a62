"""The file of names and numbers that a campaign calls: who may bring which, and where it lies.

Frappe decides on a private file by the document to which it is attached, and finds it by its address, in which the database ignores
case and accents. So a campaign gets a copy of its own under a name that cannot be guessed, attached to a Dialer Audience File, which
only those may read who see numbers; the address is a field of permission level 1.
"""

import os
import secrets
from collections.abc import Collection
from functools import partial
from pathlib import Path

import frappe
from frappe import _
from frappe.utils import get_files_path

CAMPAIGN, DOCTYPE = "Dialer Campaign", "Dialer Audience File"
LIST = "list"
"""Stands as the field to which a campaign's own copy is attached."""
FIELD = "audience_file"
PRIVATE = "/private/files/"
ATTACHED_TO = ("attached_to_doctype", "attached_to_name", "attached_to_field")


def copy_for_campaign(campaign, kept: Collection[str] = ()) -> None:
	"""Copy the file that a saved campaign names, unless its own list is named already, and remove what was uploaded to the campaign.

	``kept`` are those of its `library`, which stay as they were. An address without a file stays: the planner says so.
	"""
	rows = at(campaign.audience_file)
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
	if not at(campaign.audience_file):
		frappe.db.after_commit.add(partial(Path(source.get_full_path()).unlink, missing_ok=True))
	campaign.db_set(FIELD, url, update_modified=False)


def is_upload(row: frappe._dict, campaign) -> bool:
	"""Attached to this campaign, perhaps under the name that its form had before it was saved."""
	return row.attached_to_doctype in (CAMPAIGN, DOCTYPE) and (
		row.attached_to_name == campaign.name or not frappe.db.exists(CAMPAIGN, row.attached_to_name)
	)


def hold_uploaded_file(file) -> None:
	"""Attach a File that is uploaded to a saved campaign to its Dialer Audience File instead, before it is inserted."""
	if file.attached_to_doctype == CAMPAIGN and frappe.db.exists(CAMPAIGN, file.attached_to_name):
		holder(file.attached_to_name)
		file.attached_to_doctype = DOCTYPE


def holder(campaign: str) -> None:
	if not frappe.db.exists(DOCTYPE, campaign):
		frappe.get_doc({"doctype": DOCTYPE, "campaign": campaign}).insert()


def library(campaign) -> list[str]:
	"""The Files of the address that a campaign names which are attached to nothing.

	Asked before Frappe attaches them to the campaign, which lets all who read the campaign read them. Raises PermissionError for a file
	that the user may not read.
	"""
	rows = at(campaign.audience_file)
	if rows and not own_file(rows, campaign.name):
		first_readable(rows)
	return [row.name for row in rows if not row.attached_to_doctype]


def file_of(campaign) -> str:
	"""The name of the File to read: the campaign's own list, or, for a draft, one that this user may read. Raises ValidationError."""
	if not campaign.audience_file:
		frappe.throw(_("Attach a CSV file with the columns name and phone."))
	rows = at(campaign.audience_file)
	return own_file(rows, campaign.get("name")) or first_readable(rows)


def at(url: str | None) -> list[frappe._dict]:
	"""The Files of exactly this address, which the database would take for others as well."""
	fields = ["name", "file_url", *ATTACHED_TO]
	rows = frappe.get_all("File", {"file_url": url}, fields, order_by="creation") if url else []
	return [row for row in rows if row.file_url == url]


def own_file(rows: list[frappe._dict], campaign: str | None) -> str | None:
	attached = (DOCTYPE, campaign, LIST)
	return next((row.name for row in rows if tuple(row[field] for field in ATTACHED_TO) == attached), None)


def first_readable(rows: list[frappe._dict]) -> str:
	if not rows:
		frappe.throw(_("There is no such file."), frappe.DoesNotExistError)
	for row in rows:
		if frappe.has_permission("File", "read", doc=row.name):
			return row.name
	frappe.throw(_("You may not read this file."), frappe.PermissionError)


def write(content: bytes) -> str:
	"""Its address. Gone again when the transaction is rolled back."""
	name = f"{secrets.token_hex(16)}.csv"
	path = Path(get_files_path(name, is_private=1))
	with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
		out.write(content)
	frappe.db.after_rollback.add(partial(path.unlink, missing_ok=True))
	return PRIVATE + name


def attach(campaign: str, url: str) -> None:
	"""Written as a row: Frappe's own way would take a file of the same content for this one, and write its address into a comment on
	the document. The digest of the content is left out, since it would tell a number that stands alone in a list."""
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
	"""With the campaign."""
	if frappe.db.exists(DOCTYPE, campaign):
		frappe.delete_doc(DOCTYPE, campaign)
