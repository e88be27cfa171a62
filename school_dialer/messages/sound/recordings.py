"""Stored recordings: private files that are checked on arrival and never changed.

The Frappe side of `audio`.
"""

from pathlib import Path

import frappe

from school_dialer.messages.model import EDUCATIONAL, Recording
from school_dialer.messages.sound import audio

DOCTYPE = "Dialer Recording"
UPLOAD, PHONE = "Upload", "Phone"
CALLING, KEEPING, READY, NOT_KEPT = "Calling", "Keeping", "Ready", "Not Kept"
PRIVATE_FILES = "/private/files/"


def upload(content: bytes, label: str):
	"""Store an uploaded file as the current user's recording.

	Raises `audio.NotPlayable`, with nothing stored.
	"""
	sound = audio.check_sound(content)
	doc = begin_recording(label=label, source=UPLOAD)
	attach(doc, sound)
	return doc


def begin_recording(**values):
	"""Create a recording that has no audio yet."""
	doc = frappe.get_doc(
		{"doctype": DOCTYPE, "status": CALLING, "recorded_by": frappe.session.user, **values}
	)
	doc.flags.by_this_app = True
	return doc.insert()


def attach(doc, sound: audio.Audio) -> None:
	"""Attach audio to the recording as a private file, readable only by users who may read the recording."""
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"{doc.name}.{sound.format.lower()}",
			"attached_to_doctype": DOCTYPE,
			"attached_to_name": doc.name,
			"attached_to_field": "file",
			"is_private": 1,
			"content": sound.content,
		}
	).insert()
	doc.db_set(
		{
			"file": file.file_url,
			"format": sound.format,
			"seconds": sound.seconds,
			"size": len(sound.content),
			"digest": sound.digest,
			"status": READY,
		}
	)


def recording(name: str | None, holds: str | None) -> Recording | None:
	"""Return a recording as templates use it.

	One that was deleted, or whose file is missing, is not ready.
	"""
	if not name:
		return None
	try:
		doc = frappe.get_cached_doc(DOCTYPE, name)
	except frappe.DoesNotExistError:
		frappe.clear_last_message()
		return Recording(name, holds or EDUCATIONAL, 0.0, ready=False)
	return Recording(name, holds or EDUCATIONAL, doc.seconds or 0.0, ready=path(doc) is not None)


def path(doc) -> Path | None:
	"""Return where the audio is on this machine, or None if it is not there."""
	url = doc.file or ""
	if doc.status != READY or not url.startswith(PRIVATE_FILES):
		return None
	file = Path(frappe.get_site_path("private", "files", Path(url).name))
	return file if file.is_file() else None
