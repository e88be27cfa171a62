"""Approval of a kit item beforehand, which holds for its words and audience as they were then.

The digests are those of campaigns (`campaigns.approval.parts`): read from the database and the disk, keyed by
the site. A change of the message anywhere unapproves the item at once, since the digests are compared
whenever it is shown or started.
"""

import hmac
import json
from typing import Any

import frappe
from frappe import _

from school_dialer.base import clock
from school_dialer.base.refusal import throw
from school_dialer.campaigns.approval import parts, seal
from school_dialer.schools import approvers

DOCTYPE = "Dialer Emergency Kit Item"
SEALED = ("title", "kind", "emergency_type", "channel", "template", "school")
AUDIENCE = ("audience_source", "audience_doctype", "audience_name")
NOTHING_APPROVED: dict[str, None] = {"approved_by": None, "approved_at": None, "approval_seal": None}


class NotAsSeen(frappe.ValidationError):
	"""The item was changed after the approver looked at it."""


def digest_of(item: Any) -> str:
	"""Return one digest of what an approval of this item covers, as it is now."""
	translations = parts.translations_of(item.template)
	template = frappe.db.get_value(parts.TEMPLATE, item.template, parts.TEMPLATE_FIELDS)
	return parts.digest(
		"emergency kit",
		[
			item.name,
			[item.get(field) for field in (*SEALED, *AUDIENCE)],
			template,
			sorted(map(parts.normalized, translations)),
			parts.recordings_of(translations),
		],
	)


def is_approved(item: Any) -> bool:
	"""Return whether an approver approved this item as it is now.

	`item` is a document or a row with all fields. What was written past this app has no valid seal.
	"""
	try:
		body = json.loads(item.approval_seal or "")
		claimed = body.pop("mac")
	except (ValueError, KeyError, TypeError, AttributeError):
		return False
	if not hmac.compare_digest(str(claimed), seal.mac(item.name, body)):
		return False
	return body.get("by") == item.approved_by and hmac.compare_digest(
		str(body.get("digest")), digest_of(item)
	)


def approve(name: str, seen: str) -> None:
	"""Approve this item as the session's user, who saw it with the digest `seen`.

	Raise PermissionError for a user who may not approve emergencies of its school, and for the person who
	prepared it. Raise `NotAsSeen` if it has changed since.
	"""
	user = frappe.session.user
	# Locked before it is read: what is compared is what is approved.
	frappe.db.get_value(DOCTYPE, name, "name", for_update=True)
	item = frappe.get_doc(DOCTYPE, name)
	if not approvers.may(user, item.school):
		throw(_("Only an emergency approver of this school approves it."), frappe.PermissionError)
	if approvers.is_one_person(item.prepared_by or item.owner, user):
		throw(
			_("You prepared this yourself. A second person has to approve it."),
			frappe.PermissionError,
		)
	digest = digest_of(item)
	if not hmac.compare_digest(str(seen or "").encode(), digest.encode()):
		throw(_("It was changed while you looked at it. Look at it as it is now."), NotAsSeen)
	values = {
		"approved_by": user,
		"approved_at": clock.db_now(),
		"approval_seal": sealed(name, digest, user),
	}
	frappe.db.set_value(DOCTYPE, name, values)
	frappe.clear_document_cache(DOCTYPE, name)
	item.add_comment("Info", _("approved it for emergencies"))


def seal_again(name: str) -> None:
	"""Seal the approval by the names of now. The caller knows that only names are other ones."""
	item = frappe.db.get_value(DOCTYPE, name, ["*"], as_dict=True)
	approval = sealed(name, digest_of(item), item.approved_by)
	frappe.db.set_value(DOCTYPE, name, "approval_seal", approval, update_modified=False)
	frappe.clear_document_cache(DOCTYPE, name)


def sealed(name: str, digest: str, user: str) -> str:
	body = {"digest": digest, "by": user}
	return json.dumps({**body, "mac": seal.mac(name, body)})
