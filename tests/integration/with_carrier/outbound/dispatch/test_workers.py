"""Two worker processes side by side."""

from collections import Counter

import frappe

from dev.patience import eventually
from dev.site import services
from school_dialer.base import states
from school_dialer.campaigns import actions, queues
from school_dialer.campaigns.planning import planner
from tests.integration import factories as make


def test_two_workers_never_dial_one_recipient_twice(carrier, posted):
	"""Run two dispatchers in separate lanes that claim from one campaign at the same time."""
	numbers = list({make.phone() for _ in range(60)})
	for number in numbers:
		make.consent(number)
	carrier.control("people", {number: {"behaviour": "answers"} for number in numbers})
	doc = make.campaign(numbers)
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	for worker in range(2):
		queues.enqueue_dispatch(worker=worker)
	frappe.db.commit()
	workers = services.start_worker(n=2)
	try:
		eventually("The end of the campaign", lambda: ended(doc.name), lambda: len(carrier.log("call")))
	finally:
		for worker in workers:
			worker.stop()
	calls = Counter(
		entry["to"] for entry in carrier.log("call") if entry["to"] in numbers and entry["status"] == 201
	)
	assert set(calls) == set(numbers)
	assert set(calls.values()) == {1}
	assert {row.status for row in make.recipients(doc.name)} == {"Reached"}


def ended(name: str) -> bool:
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Campaign", name, "status") == states.COMPLETED
