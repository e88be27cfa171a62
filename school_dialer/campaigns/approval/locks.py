"""What a campaign under way uses stays as it is: its audience file, its message, and the recordings of that.

A change on disk, or past these hooks, is noticed by the digests of those that were approved (`check`).
"""

import frappe
from frappe import _

from school_dialer.campaigns.approval import parts

LIVE = ("Awaiting Approval", "Scheduled", "Preparing", "Running", "Paused")
FILE_CONTENT = ("file_url", "is_private", "content_hash")
"""Fields of a File that say where its content lies, or which it is. A file that becomes public or private is moved."""

DELETE_CONTENT = "school_dialer.campaigns.approval.locks.delete_content"


class InUse(frappe.ValidationError):
	"""A campaign under way uses it."""


def keep_file(doc, method: str | None = None) -> None:
	"""doc_events of File, on_trash. Raises `InUse`."""
	refuse_file_of_campaign(doc.file_url)


def delete_content(doc, only_thumbnail: bool = False) -> None:
	"""Frappe's hook delete_file_data_content: a File deletes its content before any on_trash of ours is asked. Raises `InUse`. The next app
	with this hook, or Frappe itself, deletes it. A file that goes since its insert is rolled back leaves a list in use as it is.
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
	"""doc_events of File, before_validate, which moves a file on disk. Raises `InUse` when its content would become another, or lie
	elsewhere."""
	before = doc.get_doc_before_save()
	if before and any((before.get(field) or "") != (doc.get(field) or "") for field in FILE_CONTENT):
		refuse_file_of_campaign(before.file_url)


def refuse_file_of_campaign(url: str | None) -> None:
	if not url:
		return
	if campaign := frappe.db.get_value(parts.CAMPAIGN, {"audience_file": url, "status": ("in", LIVE)}):
		frappe.throw(
			_(
				"The campaign {0} calls the people of this file. Cancel the campaign first, or wait until it has ended."
			).format(campaign),
			InUse,
		)
	recording = frappe.db.get_value(parts.RECORDING, {"file": url})
	if recording:
		keep_recording(recording)


def keep_recording(name: str) -> None:
	"""Raise `InUse` when a message with this recording is that of a campaign under way."""
	for field in parts.PLAYED:
		templates = frappe.get_all(parts.TRANSLATION, {field: name}, pluck="parent", order_by="parent")
		if templates:
			keep_template(templates)


def keep_template(names: list[str]) -> None:
	"""Raise `InUse` when a campaign under way says these words."""
	campaign = frappe.db.get_value(parts.CAMPAIGN, {"template": ("in", names), "status": ("in", LIVE)})
	if campaign:
		frappe.throw(
			_(
				"The campaign {0} is using these words. Duplicate the message, or cancel the campaign first."
			).format(campaign),
			InUse,
		)
