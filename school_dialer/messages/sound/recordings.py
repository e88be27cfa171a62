"""Recordings on record: private files, checked when they come, never changed. Frappe's side of `audio`."""

from pathlib import Path

import frappe

from school_dialer.messages.model import EDUCATIONAL, Recording
from school_dialer.messages.sound import audio

DOCTYPE = "Dialer Recording"
UPLOAD, PHONE = "Upload", "Phone"
CALLING, KEEPING, READY, NOT_KEPT = "Calling", "Keeping", "Ready", "Not Kept"
PRIVATE_FILES = "/private/files/"


def upload(content: bytes, label: str):
	"""Keep an uploaded file as the user's. Raises `audio.NotPlayable`, with nothing kept."""
	sound = audio.check_sound(content)
	doc = begin_recording(label=label, source=UPLOAD)
	attach(doc, sound)
	return doc


def begin_recording(**values):
	"""A recording without its sound yet."""
	doc = frappe.get_doc(
		{"doctype": DOCTYPE, "status": CALLING, "recorded_by": frappe.session.user, **values}
	)
	doc.flags.by_this_app = True
	return doc.insert()


def attach(doc, sound: audio.Audio) -> None:
	"""Give the recording its sound, as a private file that only those may read who may read the recording."""
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
	"""As templates use it. One that was deleted, or whose file is gone, is not ready."""
	if not name:
		return None
	try:
		doc = frappe.get_cached_doc(DOCTYPE, name)
	except frappe.DoesNotExistError:
		frappe.clear_last_message()
		return Recording(name, holds or EDUCATIONAL, 0.0, ready=False)
	return Recording(name, holds or EDUCATIONAL, doc.seconds or 0.0, ready=path(doc) is not None)


def path(doc) -> Path | None:
	"""Where the sound is on this machine; None when it is not there."""
	url = doc.file or ""
	if doc.status != READY or not url.startswith(PRIVATE_FILES):
		return None
	found = Path(frappe.get_site_path("private", "files", Path(url).name))
	return found if found.is_file() else None
