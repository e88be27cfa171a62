"""Show on a ticket what became of a reply: on its way, sent, or not, and why."""

import frappe
from frappe import _
from frappe.utils import escape_html

from school_dialer.base import clock
from school_dialer.help_desk.tickets import kinds, on_ticket

ERROR = "Error"
SHOWN = f"""case when message.not_sent_because is not null then '{ERROR}'
	when notice.status = 'Waiting' then 'Scheduled' when notice.status = 'Sending' then 'Sending'
	else 'Sent' end"""
"""SQL for a reply's state, in the words that Frappe has for the delivery of a communication."""
DAYS = 3
"""How long after a reply was due its state may change."""


def changed_replies(most: int) -> list[frappe._dict]:
	"""Return up to `most` replies whose communication does not show their state, with the new `state`."""
	return frappe.db.sql(
		f"""select message.communication, message.not_sent_because, conversation.ticket_doctype,
			conversation.ticket, {SHOWN} state
		from `tabDialer Conversation Message` message
		join `tabDialer Notice` notice on notice.name = message.notice
		join `tabDialer Conversation` conversation on conversation.name = message.conversation
		join `tabCommunication` shown on shown.name = message.communication
		where greatest(message.said_at, ifnull(notice.not_before, message.said_at)) > %s
			and conversation.ticket is not null
			and ifnull(shown.delivery_status, '') <> {SHOWN}
		limit %s""",
		(frappe.utils.add_days(clock.db_now(), -DAYS), most),
		as_dict=True,
	)


def show() -> None:
	"""Write the state of each reply that changed. One that failed leaves a note and opens the ticket."""
	for row in changed_replies(500):
		frappe.db.set_value("Communication", row.communication, "delivery_status", row.state)
		if row.state == ERROR:
			why = escape_html(row.not_sent_because or "")
			on_ticket.add_note(
				row.ticket_doctype, row.ticket, _("The text did not reach the family: {0}").format(why)
			)
			doc = frappe.get_doc(row.ticket_doctype, row.ticket)
			if not kinds.is_over(doc) and doc.status != kinds.OPEN:
				doc.status = kinds.OPEN
				doc.flags.of_conversation = True
				doc.save()
