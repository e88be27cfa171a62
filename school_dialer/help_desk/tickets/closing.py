"""Closing a ticket closes its conversation, opening it opens that, and deleting it parts them."""

import frappe
from frappe import _

from school_dialer.consent.lock import number_lock
from school_dialer.help_desk.tickets import kinds, link
from school_dialer.inbound.conversations import conversation
from school_dialer.inbound.conversations.conversation import CLOSED, DOCTYPE, MESSAGE


def on_update(doc, method: str | None = None) -> None:
	"""Let the conversation follow its ticket (doc_events of tickets `on_update`)."""
	if doc.flags.of_conversation or not doc.has_value_changed("status"):
		return
	name = link.conversation_of(doc.doctype, doc.name)
	if not name:
		return
	over = kinds.is_over(doc)
	if over == (frappe.db.get_value(DOCTYPE, name, "status") == CLOSED):
		return
	# The family may write at this moment: the state is read and changed under the lock.
	with number_lock([frappe.db.get_value(DOCTYPE, name, "phone")]):
		thread = conversation.locked(name)
		if over:
			conversation.close(thread)
		elif conversation.open_instead(thread):
			frappe.msgprint(_("The family has written again since. Go on in the newer conversation."))
		else:
			conversation.reopen(thread)
		conversation.update(thread, ticket_is_over=int(over))


def on_trash(doc, method: str | None = None) -> None:
	"""Forget a ticket that is deleted (doc_events of tickets `on_trash`)."""
	if name := link.conversation_of(doc.doctype, doc.name):
		frappe.db.set_value(DOCTYPE, name, {"ticket": None, "ticket_doctype": None, "ticket_is_over": 0})
		frappe.db.set_value(MESSAGE, {"conversation": name}, "communication", None)
