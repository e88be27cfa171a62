"""Opt-outs that need the carrier.

They are a call to the school's number, and a call that still waits in the carrier's queue.
"""

import frappe

from dev.demo.stage import SENDER
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.consent import ledger
from school_dialer.outbound.attempts import revocation
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import factories as make


def start(doc) -> None:
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	dispatcher.run()
	frappe.db.rollback()


def test_a_call_to_the_schools_number_ends_the_calls(carrier):
	number = make.phone()
	make.consent(number)
	frappe.db.commit()
	carrier.control("inbound_call", {"from": number, "to": SENDER, "behaviour": "presses", "digits": "9"})
	carrier.wait_until_idle()
	frappe.db.rollback()
	events = frappe.get_all("Consent Event", {"phone": number}, ["kind", "source"], order_by="seq")
	assert (events[-1].kind, events[-1].source) == ("Opt Out", "Inbound Call")


def test_a_call_queued_at_the_carrier_is_taken_back(carrier, posted):
	first, second = make.phone(), make.phone()
	for number in (first, second):
		make.consent(number)
	carrier.control("people", {number: {"behaviour": "answers"} for number in (first, second)})
	carrier.control("account", {"calls_per_second": 0.001})
	try:
		doc = make.campaign([first, second])
		start(doc)
		waiting = frappe.get_all(
			"Dialer Call Log",
			{"campaign": doc.name, "status": "queued"},
			["name", "phone"],
			order_by="placed_at",
		)[-1]
		ledger.opt_out(waiting.phone, evidence=make.evidence("Agent"))
		frappe.db.commit()
		revocation.cancel_logs([waiting.name])
	finally:
		carrier.control("account", {"calls_per_second": 100})
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Call Log", waiting.name, "status") == "canceled"
	sid = posted(waiting.phone)[0]["sid"]
	assert carrier.control("call", {"sid": sid})["status"] == "canceled"
