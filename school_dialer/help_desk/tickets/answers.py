"""A reply that staff write on a ticket is a reply in its conversation, and leaves as a text.

That is Helpdesk's reply, or the e-mail dialog of an issue, to the address that stands for the family.
Comments are for staff and go nowhere. If the text may not be sent, the reply is refused as a whole, so that
its writer still has the words and sees the reason.
"""

import re

import frappe
from frappe import _

from school_dialer.base import roles
from school_dialer.base.refusal import throw
from school_dialer.consent.lock import number_lock
from school_dialer.help_desk import mail_text
from school_dialer.help_desk.tickets import kinds, link
from school_dialer.inbound.conversations import conversation, replies

_SIGNATURE = re.compile(r'<p class="signature">.*', re.DOTALL)
LONGEST = 100_000


def on_communication(doc, method: str | None = None) -> None:
	"""Send a reply to the family as a text (doc_events of Communication `after_insert`)."""
	if (
		doc.flags.of_conversation
		or doc.sent_or_received != "Sent"
		or doc.communication_type != "Communication"
	):
		return
	name = link.conversation_of(doc.reference_doctype, doc.reference_name)
	if not name or not is_to_family(doc):
		return
	if not set(roles.AGENTS) & set(frappe.get_roles()):
		throw(
			_("To answer families by text, you need one of the roles {0}.").format(
				", ".join(map(_, roles.AGENTS))
			)
		)
	frappe.get_doc(conversation.DOCTYPE, name).check_permission("read")
	with number_lock([frappe.db.get_value(conversation.DOCTYPE, name, "phone")]):
		replies.write_reply(conversation.locked(name), words_of(doc.content or ""), communication=doc.name)


def is_to_family(doc) -> bool:
	"""Return whether a sent communication is for the family.

	Mail to a colleague about the ticket is not, nor is a note of a call. A reply in Helpdesk may name no one.
	"""
	addresses = [address for address in (doc.recipients or "").split(",") if address.strip()]
	if not addresses:
		return doc.reference_doctype == kinds.HELPDESK and doc.communication_medium in (None, "", "Email")
	return any(map(kinds.is_placeholder, addresses))


def words_of(markup: str) -> str:
	"""Return what the writer wrote, as text, without a signature and without what is quoted."""
	return mail_text.read_words(_SIGNATURE.sub("", markup[:LONGEST])).own.strip()


def keep_words(doc, method: str | None = None) -> None:
	"""Refuse a change of a message's words on the ticket: the conversation says what was said.

	doc_events of Communication `validate`.
	"""
	if doc.is_new() or not doc.has_value_changed("content"):
		return
	if link.conversation_of_communication(doc.name):
		throw(_("This is part of a conversation with a family and cannot be changed."))
