"""Keep this app's private files from users who may not open them, and lists from those without numbers.

This applies to every Frappe method that serves a file. Frappe's own permission protects the URL, because a
campaign's list is attached to a DocType that agents cannot read (`audience.list_file`), and a file that is
attached to nothing, such as an import of consents, belongs to who uploaded it. But some of Frappe's methods
read a file by name without a permission check (`zip_files`) or let a second File claim the URL of another. So
the content is blocked when it is read, and a second File for it when it is saved.

A user cannot lose or replace another person's content either: Frappe deletes and finds content by the digest
and the addresses in a File, which its owner may write.
"""

import os
from collections.abc import Callable, Collection
from functools import wraps
from urllib.parse import unquote

import frappe
from frappe import _
from frappe.core.doctype.file import file as core_file
from frappe.utils import get_url

from school_dialer.audience import list_file
from school_dialer.base.refusal import throw
from school_dialer.privacy import prepared_reports
from school_dialer.privacy.asker import reader
from school_dialer.privacy.hidden_fields import may_see_numbers
from school_dialer.schools.decisions import DECISIONS

ROSTERS = "Dialer Roster Import"
HOLDERS = (list_file.DOCTYPE, list_file.CAMPAIGN, ROSTERS)
"""DocTypes whose attachments may be such a list; for a campaign, before it is saved.

A roster holds names and numbers as well.
"""
PUBLIC = "/files/"
LEADING = ("file_url", "file_name", "is_private")
"""Fields of a File that lead to its content."""
DIGESTED = ("file_url", "file_name", "content_hash")
DELETED = ("file_url", "thumbnail_url")
"""Fields of a File with the addresses that Frappe deletes with it."""
WATCHES = "watches_for_school_dialer"


def begin() -> None:
	"""Start blocking reads of list files. Hook for before_request and before_job."""
	for name in ("get_content", "unzip"):
		read = getattr(core_file.File, name)
		if not hasattr(read, WATCHES):
			setattr(core_file.File, name, watched(read))
	delete = core_file.File.delete_file_data_content
	if not hasattr(delete, WATCHES):
		core_file.File.delete_file_data_content = sparing(delete)


def watched(read: Callable) -> Callable:
	@wraps(read)
	def run(self, *args, **kwargs):
		if getattr(frappe.local, "dialer_hidden", None) is not None:
			if is_list(self):
				refuse_to(reader())
			if self.attached_to_doctype == prepared_reports.DOCTYPE:
				prepared_reports.refuse_file(self, reader())
			if not self.get("content"):  # Otherwise it is returned as it is, and no file is read.
				refuse_outside(self)
				refuse_closed(names_on_disk(self))
		return read(self, *args, **kwargs)

	setattr(run, WATCHES, True)
	return run


def sparing(delete: Callable) -> Callable:
	"""Return Frappe's method without addresses at which another File has its content, in a user's request."""

	@wraps(delete)
	def run(self, *args, **kwargs):
		spared = {field: self.get(field) for field in DELETED if reader() and is_anothers(self, field)}
		self.update(dict.fromkeys(spared))
		try:
			return delete(self, *args, **kwargs)
		finally:
			self.update(spared)

	setattr(run, WATCHES, True)
	return run


def is_anothers(doc, field: str) -> bool:
	"""Return whether another File leads to what Frappe deletes for this field: its address's last part."""
	folder, name = os.path.split((doc.get(field) or "").strip("/"))
	address = (PUBLIC if folder == PUBLIC.strip("/") else list_file.PRIVATE) + name
	return bool(name and frappe.db.exists("File", {"file_url": address, "name": ("!=", doc.name)}))


def check(doc, _event: str | None = None) -> None:
	"""Block a second File of a closed file, and move uploads off the campaign.

	Hook for File's before_validate: Frappe's own validation moves files on disk. The owner of a second File
	could open it. An upload becomes one if its name differs only in case, which the database ignores, or if
	Frappe knows its content already and takes the address that was sent with it.
	"""
	# After a rollback, Frappe deletes or overwrites what is at the address of a File with these flags.
	written = doc.flags.pop("new_file", False) and doc.get("_content")
	original = doc.flags.pop("original_content", None)
	if is_list(doc):
		refuse_to(frappe.session.user)
	refuse_outside(doc)
	address = doc.file_url or ""  # Frappe decodes it each time that the File is saved.
	if address != unquote(address) or any(doc.has_value_changed(field) for field in LEADING):
		moves = not doc.is_new() and doc.has_value_changed("is_private")
		own_digest = core_file.get_content_hash(written) if written else None
		refuse_closed(names_on_disk(doc, anywhere=moves), own_digest)
	if not (written or original) and any(doc.has_value_changed(field) for field in DIGESTED) and reader():
		doc.content_hash = digest(doc)
	doc.flags.update(new_file=bool(written), original_content=original)
	list_file.hold_uploaded_file(doc)


def digest(doc) -> str | None:
	"""Return the digest of the content at a File's address, whatever digest was sent with it."""
	if doc.is_folder or doc.is_remote_file or not os.path.isfile(path := doc.get_full_path()):
		return None
	with open(path, "rb") as content:
		return core_file.get_content_hash(content.read())


def refuse_to(user: str | None) -> None:
	if user and not may_see_numbers(user):
		throw(_("This list holds names and numbers in full."), frappe.PermissionError)


def refuse_outside(doc) -> None:
	"""Raise PermissionError if a File's address leads out of the folders of files, in a user's request.

	Frappe reads whatever is in the site's folder, such as its configuration or the ledger's export, and
	copies it to the user's own files before it checks the address.
	"""
	address = unquote(doc.file_url or doc.file_name or "")
	if ".." in address.split("/") and reader():
		throw(_("You may not read this file."), frappe.PermissionError)


def refuse_closed(names: Collection[str], own_digest: str | None = None) -> None:
	"""Raise PermissionError if Frappe reads a private file for a user who may open none of its Files.

	Files of other apps' documents are theirs to protect. `own_digest` is that of content that the user has.
	"""
	if not names or not (user := reader()):
		return
	address = {"file_url": ("in", [list_file.PRIVATE + name for name in names])}
	fields = ["name", "attached_to_doctype", "content_hash"]
	rows = frappe.get_all("File", address, fields, order_by="creation")
	if any(is_ours(row, own_digest) for row in rows) and not any(is_open(row.name, user) for row in rows):
		throw(
			_("There is a file with this name. Rename yours and upload it again.")
			if own_digest
			else _("You may not read this file."),
			frappe.PermissionError,
		)


def is_ours(row: frappe._dict, own_digest: str | None) -> bool:
	"""Return whether a File is for this app to protect, and holds other content than the user has."""
	of_app = not row.attached_to_doctype or row.attached_to_doctype in DECISIONS
	return of_app and (own_digest is None or row.content_hash != own_digest)


def is_open(name: str, user: str) -> bool:
	try:
		return bool(core_file.has_permission(frappe.get_doc("File", name), "read", user))
	except frappe.DoesNotExistError:  # Attached to a document that is not saved, or hidden from the user.
		frappe.clear_last_message()
		return False


def names_on_disk(doc, anywhere: bool = False) -> set[str]:
	"""Return the names of the private files that Frappe may read for this File, as `File.get_full_path` does.

	A File without an address is found by its name, and an address may begin with the site's own. `anywhere`:
	of public files too, because a File that becomes private or public takes what has its name there along.
	"""
	asked, names = doc.file_url or doc.file_name or "", set()
	for address in () if doc.is_folder else (asked, unquote(asked)):
		if "/files/" in address:
			address = address.removeprefix(get_url())
		if "/" not in address:
			address = (list_file.PRIVATE if doc.is_private else PUBLIC) + address
		place = os.path.realpath(address)
		if not address.startswith(core_file.URL_PREFIXES) and (anywhere or not place.startswith(PUBLIC)):
			names.add(os.path.basename(place))
	return names


def may_open_file(doc, ptype: str | None = None, user: str | None = None) -> bool:
	"""Decide as Frappe does, except for campaigns' lists. Hook for has_permission of File."""
	user = user or frappe.session.user
	if is_list(doc) and not may_see_numbers(user):
		return False
	return bool(core_file.has_permission(doc, ptype=ptype, user=user))


def is_list(doc) -> bool:
	"""Return whether the File is a list, or leads to a list's file on disk under any spelling."""
	if doc.attached_to_doctype in HOLDERS:
		return True
	addresses = [list_file.PRIVATE + name for name in names_on_disk(doc, anywhere=True)]
	attached = {"file_url": ("in", addresses), "attached_to_doctype": ("in", HOLDERS)}
	return bool(addresses and frappe.db.exists("File", attached))
