"""What tests know of the second carrier account, and campaigns that use either."""

import frappe

from school_dialer.campaigns.due import due_campaigns
from school_dialer.campaigns.planning import planner
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.hooks import Hooks

PROJECT, TOKEN, KEY = "0f9c1d2e-3b4a-4c5d-8e6f-708192a3b4c5", "PT0123456789", "PSK_0123456789abcdef"
NUMBER = "+13125550144"
SID = "11111111-2222-3333-4444-555555555555"
"""A call at the second account."""


class SecondHooks(Hooks):
	"""Posts as SignalWire does: with its own header."""

	header = "X-SignalWire-Signature"


def emergency(count: int = 6, **values):
	"""Return a planned emergency to so many people, and their numbers."""
	numbers = make.many_phones(count)
	doc = emergencies.approved(numbers, **values)
	planner.run(doc.name)
	return doc, numbers


def dial_both(first, second, urgent: bool = True, rounds: int = 3) -> None:
	"""Dial until no recipient is due, and both carriers are idle."""
	for _ in range(rounds):
		dispatcher.run(urgent)
		first.wait_until_idle()
		second.wait_until_idle()
		frappe.db.rollback()
		if not due_campaigns(urgent):
			return


def called(handle, numbers: list[str]) -> list[str]:
	"""Return the numbers that a carrier accepted calls to, one entry a call."""
	return [one["to"] for one in handle.log("call") if one["to"] in numbers and one["status"] == 201]


def states_of(doc) -> list[str]:
	frappe.db.rollback()
	return sorted(row.status for row in make.recipients(doc.name, "status"))


def status_of(log: str) -> str:
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Call Log", log, "status")


def told_again(doc) -> int:
	return frappe.db.count("Dialer Recipient", {"campaign": doc.name, "told_again": 1})


def accounts_of(doc) -> dict[str, int]:
	"""Return how many of a campaign's call logs each account has, those that were not placed left out."""
	rows = frappe.db.sql(
		"""select carrier_account, count(*) from `tabDialer Call Log`
		where campaign = %s and status != 'refused' group by 1""",
		doc.name,
	)
	return dict(rows)
