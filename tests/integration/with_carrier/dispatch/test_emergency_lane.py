"""An emergency while workers dial a campaign: it goes first, and the campaign continues after it."""

import time

import frappe
import pytest

from dev.demo.people import wait_for
from dev.site import services
from school_dialer import states
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from tests.integration import emergencies
from tests.integration import factories as make

pytestmark = pytest.mark.exhaustive

PEOPLE, IN_DANGER, PACE = 150, 20, 10
SOON = 15
"""Seconds, for a machine that is busy with other tests.

`python -m benchmarks emergency` measures the times that matter.
"""


def ended(name: str) -> bool:
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Campaign", name, "status") == states.COMPLETED


@pytest.mark.parametrize("workers", [1, 2])
def test_an_emergency_goes_first(carrier, set_pace, workers):
	# So that the campaign lasts while a busy machine starts the emergency.
	set_pace(PACE)
	numbers = make.many_phones(PEOPLE + IN_DANGER)
	ordinary, urgent = numbers[:-IN_DANGER], numbers[-IN_DANGER:]
	make.consents(ordinary)
	carrier.control("people", {number: {"behaviour": "answers"} for number in numbers})
	doc = make.campaign(ordinary)
	frappe.db.commit()
	emergency = emergencies.asked_for(urgent).name
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)

	def called(some: list[str]) -> int:
		return len([entry for entry in carrier.log("call") if entry["to"] in some])

	started = services.start_worker(n=workers)
	try:
		wait_for("The first calls of the campaign", lambda: called(ordinary) >= 20, 60)
		emergencies.approve(emergency)
		approved = time.monotonic()
		wait_for("The first call of the emergency", lambda: called(urgent), 60)
		assert time.monotonic() - approved < SOON
		wait_for("The end of both", lambda: ended(emergency) and ended(doc.name), 120)
	finally:
		for worker in started:
			worker.stop()
	order = [entry["to"] in urgent for entry in carrier.log("call") if entry["to"] in numbers]
	assert order.count(True) == len(urgent) and order.count(False) == len(ordinary)
	first, last = order.index(True), len(order) - 1 - order[::-1].index(True)
	between = order[first:last].count(False)
	assert between < len(urgent), f"{between} other calls came in between"
	assert False in order[last:]
