"""API for what staff put into an answer, saved replies and files as links, and for spoken messages."""

import frappe
from werkzeug.wrappers import Response

from school_dialer.base import roles
from school_dialer.base.without_permission import note_access
from school_dialer.calls import recording_retention
from school_dialer.desk.inbox.conversations import readable
from school_dialer.desk.support import access
from school_dialer.inbound.conversations import conversation, shared_files
from school_dialer.messages.language import base
from school_dialer.messages.sound.audio import CONTENT_TYPES

MOST_SAVED = 100
FILES_A_MINUTE, PLAYED_A_MINUTE = 10, 30


@frappe.whitelist()
def saved_replies(name: str) -> list[dict]:
	"""Return the saved replies as {title, language, words}, first those in the conversation's language."""
	spoken = base(readable(name).language or "")
	rows = frappe.get_list(
		"Dialer Saved Reply",
		{"disabled": 0},
		["title", "language", "words"],
		order_by="title",
		limit=MOST_SAVED,
	)
	return sorted(rows, key=lambda row: base(row.language or "") != spoken)


@frappe.whitelist(methods=["POST"])
def share_file(name: str, file: str) -> dict:
	"""Return the `url` of a link to a private file, for the family of this conversation.

	The user must be able to read the file. The link works for two weeks. It is sent as part of an answer.
	"""
	readable(name)
	access.not_too_often("share file", FILES_A_MINUTE)
	access.get_record("File", file).check_permission("read")
	return {"url": shared_files.share(name, file)}


@frappe.whitelist()
def shared(name: str) -> list[dict]:
	"""Return the conversation's links that still work, as {name, file_name, expires_at, opened}."""
	readable(name)
	return shared_files.of_conversation(name)


@frappe.whitelist(methods=["POST"])
def revoke_file(name: str) -> None:
	"""Let a link open nothing from now on. `name` is a Dialer Shared File."""
	access.only_for(roles.AGENTS)
	doc = access.get_record(shared_files.DOCTYPE, name)
	frappe.get_doc(conversation.DOCTYPE, doc.conversation).check_permission("read")
	shared_files.revoke(name)


@frappe.whitelist(methods=["POST"])
def spoken_message(message: str) -> Response:
	"""Return what a person said as WAV, for a user who may read the conversation.

	The audio is served through this site, as of spoken reasons (`desk.responses.spoken_reason`). The request
	is first recorded in Frappe's Access Log.
	"""
	access.only_for(roles.AGENTS)
	doc = access.get_record(conversation.MESSAGE, message)
	readable(doc.conversation)
	access.not_too_often("spoken message", PLAYED_A_MINUTE)
	note_access(doc.doctype, doc.name, "Spoken message")
	return Response(
		recording_retention.sound_of(doc),
		mimetype=CONTENT_TYPES["WAV"],
		headers={"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"},
	)
