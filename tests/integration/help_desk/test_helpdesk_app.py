"""Tickets of the Helpdesk app itself, on a site that has it.

Their names are numbers, and their comments are Helpdesk's own kind.
"""

import frappe
import pytest

from school_dialer.consent import ledger
from school_dialer.help_desk import actions

TICKET, NOTE = "HD Ticket", "HD Ticket Comment"


@pytest.fixture
def ticket(family):
	if not frappe.db.exists("DocType", TICKET):
		pytest.skip("The app Helpdesk is not installed on this site.")
	values = {"doctype": TICKET, "subject": "Calls", "raised_by": family.email, "description": "Please help"}
	return frappe.get_doc(values).insert()


def test_an_opt_out_is_logged_from_a_ticket(ticket, family):
	assert str(ticket.name).isdigit()
	offered = actions.prefill(TICKET, ticket.name)["numbers"]
	assert {each["who"] for each in offered} == {"Rosa Test"}
	done = actions.log_opt_out(TICKET, ticket.name, offered[0]["key"], wording="No more calls")
	event = frappe.get_doc("Consent Event", done["event"])
	assert (event.source, event.reference_doctype, event.reference_name) == (
		"Ticket",
		TICKET,
		str(ticket.name),
	)
	assert ledger.read([family.mobile])[family.mobile].opt_outs


def test_the_other_actions_of_a_ticket(ticket, family):
	key = actions.prefill(TICKET, str(ticket.name))["numbers"][0]["key"]
	actions.send_preference_link(TICKET, ticket.name, key)
	assert frappe.db.exists("Dialer Notice", {"phone": family.mobile, "kind": "Preference Link"})
	wrong = actions.wrong_number(TICKET, ticket.name, key, wording="That is not my number")
	assert frappe.db.get_value("Consent Event", wrong["event"], "reference_name") == str(ticket.name)


def test_a_reply_to_a_ticket_leaves_a_note_that_helpdesk_shows(ticket, family, received):
	received(family.email, "please stop calling me", ticket)
	assert ledger.read([family.mobile])[family.mobile].opt_outs
	(note,) = frappe.get_all(NOTE, {"reference_ticket": ticket.name}, pluck="content", order_by="creation")
	assert family.mobile[-2:] in note and family.mobile[2:] not in note


def test_a_ticket_that_one_may_not_read_is_closed(ticket, as_role):
	as_role("Dialer Agent")
	with pytest.raises(frappe.PermissionError):
		actions.prefill(TICKET, ticket.name)
