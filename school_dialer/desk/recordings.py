"""API for staff to make a message's recordings: upload a file, or record it in a phone call."""

import frappe
from frappe import _

from school_dialer.base.refusal import throw
from school_dialer.base.wording import translated
from school_dialer.calls import phone_recording
from school_dialer.calls.own_number import sample_call
from school_dialer.desk.support import arguments
from school_dialer.messages import store
from school_dialer.messages.model import EDUCATIONAL, SENSITIVITIES, VOICE, VOICEMAIL
from school_dialer.messages.sound import audio, recordings

MOST_LISTED = 500
"""More than any message has: two for each of its languages."""


def allow(doctype: str, permission: str) -> None:
	if not frappe.has_permission(doctype, permission):
		throw(_("You may not do this with {0}.").format(_(doctype)), frappe.PermissionError)


@frappe.whitelist(methods=["POST"])
def upload() -> dict:
	"""Store an MP3 or WAV file, sent as multipart form field ``file``. Returns the same as `shown`."""
	allow(store.TEMPLATE, "write")
	file = frappe.request.files.get("file")
	content = getattr(frappe.local, "uploaded_file", None) or (
		file.stream.read(audio.MOST_BYTES + 1) if file else b""
	)
	label = getattr(frappe.local, "uploaded_filename", None) or (file.filename if file else "")
	try:
		return shown(recordings.upload(content, (label or _("Recording"))[:140]))
	except audio.NotPlayable as refusal:
		throw(translated(refusal, _), title=_("This file cannot be played in a call"))


@frappe.whitelist(methods=["POST"])
def call_me(template: str, language: str, variant: str, holds: str = EDUCATIONAL) -> str:
	"""Call the user's own verified number to record this part of a saved message.

	Return the recording's name.
	"""
	doc = frappe.get_doc(store.TEMPLATE, template)
	doc.check_permission("write")
	if variant not in (VOICE, VOICEMAIL) or holds not in SENSITIVITIES:
		throw(_("Choose what is recorded, and what it holds."))
	if language not in [row.language for row in doc.translations]:
		throw(_("Save the message with a translation for this language first."))
	return phone_recording.place_call(doc, language, variant, holds, frappe.session.user)


@frappe.whitelist()
def state(recording: str) -> dict:
	"""Return the call's progress: the recording as in `shown`, and whether the call is ``over``.

	Cheap, because the form polls it.
	"""
	doc = frappe.get_doc(recordings.DOCTYPE, recording)
	doc.check_permission("read")
	return {**shown(doc), "over": phone_recording.is_over(doc.call_log)}


@frappe.whitelist()
def own_number() -> str:
	"""Return the masked number that the dialog says will ring; empty if the user has verified none."""
	return sample_call.masked_number(frappe.session.user)


@frappe.whitelist()
def listed(names: str | list) -> list[dict]:
	"""Return these recordings as in `shown`; ``ready`` is false if the file is gone."""
	allow(recordings.DOCTYPE, "read")
	asked = arguments.read_argument(names, list)
	if len(asked) > MOST_LISTED:
		throw(_("Ask for {0} recordings at most.").format(MOST_LISTED))
	visible = frappe.get_list(
		recordings.DOCTYPE,
		{"name": ("in", [str(name) for name in asked])},
		pluck="name",
		order_by="name",
		limit=MOST_LISTED,
	)
	return [shown(frappe.get_cached_doc(recordings.DOCTYPE, name)) for name in visible]


def shown(doc) -> dict:
	"""Return the fields of a recording that forms show."""
	return {
		"name": doc.name,
		"label": doc.label,
		"status": doc.status,
		"status_message": doc.status_message,
		"seconds": doc.seconds,
		"file": doc.file,
		"ready": recordings.path(doc) is not None,
	}
