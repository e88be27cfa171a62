"""What a conversation left on its ticket, behind links, and at the carrier: it goes when its own words go."""

from collections.abc import Collection

import frappe

from school_dialer.base import clock
from school_dialer.inbound.conversations.conversation import EMAIL
from school_dialer.privacy import pseudonym


def clear_messages(names: Collection[str]) -> None:
	"""Remove these messages' words from the ticket, and have the texts deleted at the carrier.

	A family's own e-mail is Frappe's, and stays there.
	"""
	frappe.db.sql(
		"""update `tabDialer Call Log` log
		join `tabDialer Conversation Message` message
			on message.reference_doctype = 'Dialer Call Log' and message.reference_name = log.name
		set log.discarded = log.carrier_sid
		where message.name in %(names)s and log.channel = 'Text' and log.carrier_sid > ''""",
		{"names": tuple(names)},
	)
	frappe.db.sql(
		"""update `tabCommunication` shown
		join `tabDialer Conversation Message` message on message.communication = shown.name
		set shown.content = null, shown.text_content = null, shown.subject = %(nothing)s,
			shown.sender_full_name = null
		where message.name in %(names)s and message.channel <> %(mail)s""",
		{"names": tuple(names), "nothing": pseudonym.NOTHING_SHOWN, "mail": EMAIL},
	)


def clear_conversations(names: Collection[str]) -> None:
	"""Remove the person's name from these conversations' tickets, and end the links sent in them."""
	frappe.db.sql(
		"""update `tabDialer Shared File` set file = null, file_name = null,
			revoked_at = ifnull(revoked_at, %s) where conversation in %s""",
		(clock.db_now(), tuple(names)),
	)
	rows = frappe.get_all(
		"Dialer Conversation",
		{"name": ("in", list(names)), "ticket": ("is", "set")},
		["ticket_doctype", "ticket"],
		order_by="name",
	)
	for doctype in {row.ticket_doctype for row in rows}:
		if frappe.db.exists("DocType", doctype):
			of_kind = [row.ticket for row in rows if row.ticket_doctype == doctype]
			nothing = {"subject": pseudonym.NOTHING_SHOWN, "description": None}
			frappe.db.set_value(doctype, {"name": ("in", of_kind)}, nothing)
