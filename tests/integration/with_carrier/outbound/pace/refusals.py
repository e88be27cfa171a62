"""Campaigns that the carrier refuses: started, run, and resumed."""

import frappe

from school_dialer.campaigns import actions
from tests.integration import factories as make
from tests.integration.with_carrier.running import dial, prepare


def started(numbers: list[str], channel: str = "Text", **values):
	doc = make.campaign(numbers, channel=channel, **values)
	prepare(doc)
	return doc


def run(carrier, doc) -> frappe._dict:
	dial(carrier)
	frappe.db.rollback()
	return frappe.get_doc("Dialer Campaign", doc.name)


def due_now(doc) -> None:
	frappe.db.sql(
		"update `tabDialer Recipient` set not_before = %s where campaign = %s",
		(make.clock.db_now(), doc.name),
	)
	frappe.db.commit()


def states_of(doc) -> set[tuple[str, int]]:
	return {(row.status, row.attempts) for row in make.recipients(doc.name)}


def resume(carrier, doc) -> frappe._dict:
	"""Resume the campaign and run it. Recipients that waited after the refusal are due at once."""
	actions.resume(doc.name)
	frappe.db.commit()
	return run(carrier, doc)


def reports(doc, user: str) -> list[str]:
	"""Return the notifications of this user, without any job having run."""
	return frappe.get_all(
		"Notification Log",
		{"document_name": doc.name, "for_user": user},
		pluck="subject",
		order_by="creation",
	)


def message_says(doc, words: str) -> bool:
	"""Return whether the status message of the campaign has these words now."""
	doc.reload()
	return words in (doc.status_message or "")
