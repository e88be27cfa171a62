"""Whom an opt-out blocked that was a clerk's mistake is called after all, once it is taken back."""

import frappe

from school_dialer import states
from school_dialer.consent import corrections, ledger
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare


def mistake(number: str) -> str:
	name = ledger.opt_out(number, evidence=make.evidence("Agent"))
	frappe.db.commit()
	return name


def planned(number: str):
	"""Return a campaign to this number and another one, whose call keeps it from being complete."""
	doc = SchoolClass([{"Ana": [number]}, {"Rosa": [make.phone()]}]).campaign()
	prepare(doc)
	return doc


def status_of(number: str) -> str:
	return frappe.db.get_value("Dialer Recipient", {"phone": number}, "status")


def test_who_was_blocked_by_mistake_is_called_after_all(carrier, answering, as_role):
	number = make.phone()
	answering(number, "answers")
	planned(number)
	as_role("Dialer Agent")
	name = mistake(number)
	assert status_of(number) == states.BLOCKED
	corrections.undo(name)
	frappe.db.commit()
	frappe.set_user("Administrator")
	assert status_of(number) == states.PENDING
	dial(carrier)
	assert status_of(number) == states.REACHED


def test_a_stop_of_before_keeps_them_blocked(carrier, as_role):
	number = make.phone()
	planned(number)
	ledger.opt_out(number, evidence=make.evidence("Keypad"))
	as_role("Dialer Agent")
	name = mistake(number)
	corrections.undo(name)
	frappe.db.commit()
	assert status_of(number) == states.BLOCKED


def test_no_one_is_called_whom_the_planner_did_not_plan(carrier, as_role):
	number = make.phone()
	planned(number)
	as_role("Dialer Agent")
	name = mistake(number)
	frappe.db.set_value("Dialer Recipient", {"phone": number}, "seal", "0" * 64)
	corrections.undo(name)
	frappe.db.commit()
	assert status_of(number) == states.BLOCKED
