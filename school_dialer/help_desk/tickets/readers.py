"""Let only those read a conversation's ticket who may read the conversation.

Hooks `has_permission` and `permission_query_conditions` of tickets and communications. The apps' own rules
apply besides: of the hooks `has_permission`, Frappe 15 asks the last installed app's first, and the others
only if that one returns None, while Frappe 16 wants True from all of them.
"""

import frappe

from school_dialer.help_desk.tickets import kinds, link
from school_dialer.inbound.conversations.conversation import DOCTYPE
from school_dialer.privacy import student_rows
from school_dialer.schools import rows as school_rows


def may_read_ticket(doc, ptype: str = "read", user: str | None = None) -> bool | None:
	return verdict(may_read(link.conversation_of(doc.doctype, doc.name), user))


def may_read_communication(doc, ptype: str = "read", user: str | None = None) -> bool | None:
	return verdict(may_read(link.conversation_of_communication(doc.name), user))


def verdict(allowed: bool) -> bool | None:
	if not allowed:
		return False
	return True if kinds.all_hooks_decide() else None


def may_read(conversation: str | None, user: str | None) -> bool:
	user = user or frappe.session.user
	if not conversation or user == "Administrator":
		return True
	return bool(frappe.has_permission(DOCTYPE, "read", doc=conversation, user=user))


def of_hd_tickets(user: str | None = None) -> str:
	return tickets(kinds.HELPDESK, user)


def of_issues(user: str | None = None) -> str:
	return tickets(kinds.ERPNEXT, user)


def tickets(doctype: str, user: str | None) -> str:
	"""Return SQL for tickets that belong to no conversation, or to one that the user may read."""
	all_of = f"select ticket from `tab{DOCTYPE}` where ticket_doctype = '{doctype}' and ticket is not null"
	return narrowed(f"`tab{doctype}`.name", all_of, user)


def of_communications(user: str | None = None) -> str:
	all_of = (
		"select message.communication from `tabDialer Conversation Message` message"
		f" join `tab{DOCTYPE}` on `tab{DOCTYPE}`.name = message.conversation"
		" where message.communication is not null"
	)
	return narrowed("`tabCommunication`.name", all_of, user)


def narrowed(name: str, all_of: str, user: str | None) -> str:
	user = user or frappe.session.user
	if user == "Administrator":
		return ""
	if not frappe.has_permission(DOCTYPE, "read", user=user):
		return school_rows.trusted(f"{name} not in ({all_of})")
	condition = student_rows.of_conversations(user)
	if not condition:
		return ""
	return school_rows.trusted(f"({name} not in ({all_of}) or {name} in ({all_of} and {condition}))")
