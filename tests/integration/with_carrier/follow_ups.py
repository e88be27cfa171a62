"""Texts and e-mails in place of calls, as the carrier and Frappe's queue have them."""

import frappe

from school_dialer.followup import fallback
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare


def rows_of(doc, **filters) -> list:
	return frappe.get_all(
		"Dialer Recipient",
		{"campaign": doc.name, **filters},
		[
			"name",
			"channel",
			"status",
			"reasons",
			"fallback",
			"fallback_reason",
			"fallback_of",
			"phone",
			"outcome",
		],
		order_by="name",
	)


def called(doc):
	(row,) = rows_of(doc, fallback_of=("is", "not set"))
	return row


def text_of(doc):
	(row,) = rows_of(doc, fallback_of=("is", "set"))
	return row


def texts(carrier, number: str) -> list[str]:
	return [
		entry["params"]["Body"]
		for entry in carrier.log("message")
		if entry["to"] == number and entry["status"] == 201 and "Reply 1" not in entry["params"]["Body"]
	]


def follow_up(doc, carrier) -> None:
	frappe.db.commit()
	fallback.run(doc.name)
	dial(carrier)


def mails(doc) -> list:
	return frappe.get_all(
		"Email Queue", {"reference_name": doc.name}, ["name", "message"], order_by="creation"
	)


def addresses(doc) -> set[str]:
	names = [row.name for row in mails(doc)]
	return set(
		frappe.get_all("Email Queue Recipient", {"parent": ("in", names)}, pluck="recipient", order_by="name")
	)


def family(answering, carrier, emails: dict[str, str], **values):
	"""Run a campaign to guardians with these addresses who answer no call. Return it and their class."""
	numbers = {name: [make.phone()] for name in emails}
	klass = SchoolClass([{name: numbers[name]} for name in emails])
	for name, address in emails.items():
		frappe.db.set_value("Guardian", f"{klass.tag}-{name}", "email_address", address)
	for name in emails:
		answering(numbers[name][0], "no answer")
	doc = klass.campaign(max_attempts=1, email_fallback=1, **values)
	prepare(doc)
	dial(carrier)
	return doc, klass
