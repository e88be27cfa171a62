"""Locks on what an active campaign uses: its audience file, its message, and the message's recordings.

A change on disk, or one that bypasses these hooks, is found by the digests of approved campaigns
(`campaigns.approval.check`).
"""

import frappe
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.campaigns.approval import parts

LIVE = ("Awaiting Approval", "Scheduled", "Preparing", "Running", "Paused")
FILE_CONTENT = ("file_url", "is_private", "content_hash")
"""File fields that say where its content is, or identify it. Making a file public or private moves it."""

DELETE_CONTENT = "school_dialer.campaigns.approval.locks.delete_content"


class InUse(frappe.ValidationError):
	"""An active campaign uses it."""


def keep_file(doc, method: str | None = None) -> None:
	"""Refuse to delete a file in use (File on_trash). Raise `InUse`."""
	refuse_file_of_campaign(doc.file_url)


def delete_content(doc, only_thumbnail: bool = False) -> None:
	"""Delete a file's content (hook `delete_file_data_content`). Raise `InUse` if a campaign uses it.

	A File deletes its content before any on_trash hook of this app runs, so the check is here too. The next
	app with this hook, or Frappe itself, does the deletion. If the rollback of an insert removes a File whose
	content a campaign uses, the content stays.
	"""
	if not only_thumbnail:
		try:
			refuse_file_of_campaign(doc.file_url)
		except InUse:
			if doc.flags.new_file:
				return
			raise
	others = [path for path in frappe.get_hooks("delete_file_data_content") if path != DELETE_CONTENT]
	delete = frappe.get_attr(others[0]) if others else type(doc).delete_file_from_filesystem
	delete(doc, only_thumbnail=only_thumbnail)


def keep_content(doc, method: str | None = None) -> None:
	"""Refuse a change to a file in use (File before_validate, which moves a file on disk).

	Raise `InUse` if its content would change or move.
	"""
	before = doc.get_doc_before_save()
	if before and any((before.get(field) or "") != (doc.get(field) or "") for field in FILE_CONTENT):
		refuse_file_of_campaign(before.file_url)


def refuse_file_of_campaign(url: str | None) -> None:
	if not url:
		return
	if campaign := frappe.db.get_value(parts.CAMPAIGN, {"audience_file": url, "status": ("in", LIVE)}):
		throw(
			_(
				"The campaign {0} calls the people of this file. "
				"Cancel the campaign first, or wait until it has ended."
			).format(campaign),
			InUse,
		)
	recording = frappe.db.get_value(parts.RECORDING, {"file": url})
	if recording:
		keep_recording(recording)


def keep_recording(name: str) -> None:
	"""Raise `InUse` if an active campaign's message has this recording."""
	for field in parts.PLAYED:
		templates = frappe.get_all(parts.TRANSLATION, {field: name}, pluck="parent", order_by="parent")
		if templates:
			keep_template(templates)


def keep_template(names: list[str]) -> None:
	"""Raise `InUse` if an active campaign uses one of these messages."""
	campaign = frappe.db.get_value(parts.CAMPAIGN, {"template": ("in", names), "status": ("in", LIVE)})
	if campaign:
		throw(
			_(
				"The campaign {0} is using these words. Duplicate the message, or cancel the campaign first."
			).format(campaign),
			InUse,
		)
