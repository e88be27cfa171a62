"""Write a ticket and the communications on it. Runs as Administrator, in the job `upkeep`."""

import frappe
from frappe import _
from frappe.utils import escape_html

from school_dialer.base.without_permission import write_notice
from school_dialer.help_desk import routes
from school_dialer.help_desk.tickets import kinds
from school_dialer.inbound.conversations import pressed
from school_dialer.inbound.conversations.conversation import CALL_BACK, CLOSED, EMAIL, RECEIVED, VOICE

MEDIUM = {VOICE: "Phone", CALL_BACK: "Phone", EMAIL: "Other"}
"""Frappe's name of each channel; of any other one it is SMS. Nothing here is an e-mail that may be sent."""


def open_one(doctype: str, thread: frappe._dict) -> str:
	"""Insert a ticket for this conversation and return its name.

	Its subject is the conversation's title: a person's name, or a masked number. Helpdesk acknowledges by
	mail what did not come from its portal, and asks for feedback, so the ticket says that it did. ERPNext
	would turn its description into a message.
	"""
	doc = frappe.new_doc(doctype)
	doc.update({"subject": thread.title, "raised_by": kinds.address(thread.name)})
	if doctype == kinds.HELPDESK:
		doc.via_customer_portal = 1
		if team := routes.team_of(thread):
			doc.agent_group = team
	if thread.urgent and (priority := kinds.urgent_priority(doctype)):
		doc.priority = priority
	doc.insert()
	return doc.name


def add(thread: frappe._dict, message: frappe._dict) -> str:
	"""Insert a message of the conversation as a communication on its ticket and return its name."""
	received = message.direction == RECEIVED
	family = kinds.address(thread.name)
	doc = frappe.get_doc(
		{
			"doctype": "Communication",
			"communication_type": "Automated Message" if message.automatic else "Communication",
			"communication_medium": MEDIUM.get(message.channel, "SMS"),
			"sent_or_received": message.direction,
			"subject": thread.title,
			"content": content(message),
			"sender": family if received else message.written_by or frappe.session.user,
			"sender_full_name": thread.title if received else None,
			"recipients": None if received else family,
			"communication_date": message.said_at,
			"status": "Linked",
			"reference_doctype": thread.ticket_doctype,
			"reference_name": thread.ticket,
		}
	)
	doc.flags.of_conversation = doc.flags.skip_add_signature = True
	doc.insert()
	return doc.name


def content(message: frappe._dict) -> str:
	"""Return the words as HTML: what a family wrote stays text."""
	words = escape_html(pressed.shown(message.words)).replace("\n", "<br>")
	maybe = _("Maybe our own words, coming back.")
	note = f"<p><em>{maybe}</em></p>" if message.unsure else ""
	return f'<p dir="auto">{words}</p>{note}'


def agree(thread: frappe._dict) -> None:
	"""Close or open the ticket as its conversation is, and raise the priority of an urgent one."""
	doc = frappe.get_doc(thread.ticket_doctype, thread.ticket)
	before = doc.status, doc.priority
	if (thread.status == CLOSED) != kinds.is_over(doc):
		doc.status = kinds.CLOSED if thread.status == CLOSED else kinds.OPEN
		doc.status_category = None
	urgent = thread.urgent and kinds.urgent_priority(thread.ticket_doctype)
	doc.priority = urgent or doc.priority
	if (doc.status, doc.priority) != before:
		doc.flags.of_conversation = True
		doc.save()


def add_note(doctype: str, ticket: str, words: str) -> None:
	"""Leave a note for staff on a ticket. Helpdesk shows only comments of its own DocType."""
	if doctype == kinds.HELPDESK and frappe.db.exists("DocType", "HD Ticket Comment"):
		values = {"reference_ticket": ticket, "commented_by": frappe.session.user, "content": words}
		write_notice({"doctype": "HD Ticket Comment", **values})
	else:
		frappe.get_doc(doctype, ticket).add_comment("Comment", words)
