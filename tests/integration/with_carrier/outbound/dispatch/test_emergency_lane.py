"""An emergency while workers dial a campaign: it goes first, and the campaign continues after it."""

import frappe
import pytest

from dev.patience import eventually
from dev.site import services
from school_dialer.base import states
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from tests.integration import emergencies
from tests.integration import factories as make

pytestmark = pytest.mark.exhaustive

PEOPLE, IN_DANGER = 120, 20
SLOWLY, QUICKLY = 2.5, 40
"""Calls per second: most of the campaign is still to come when the emergency begins, on a slow machine too.

`python -m benchmarks emergency` measures how soon that is.
"""


def ended(name: str) -> bool:
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Campaign", name, "status") == states.COMPLETED


@pytest.mark.parametrize("workers", [1, 2])
def test_an_emergency_goes_first(carrier, set_pace, workers):
	set_pace(SLOWLY)
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
		eventually("The first calls of the campaign", lambda: called(ordinary) >= 3)
		emergencies.approve(emergency)
		eventually("The first call of the emergency", lambda: called(urgent))
		set_pace(QUICKLY)
		eventually("The end of both", lambda: ended(emergency) and ended(doc.name), lambda: called(numbers))
	finally:
		for worker in started:
			worker.stop()
	order = [entry["to"] in urgent for entry in carrier.log("call") if entry["to"] in numbers]
	assert order.count(True) == len(urgent) and order.count(False) == len(ordinary)
	first, last = order.index(True), len(order) - 1 - order[::-1].index(True)
	between = order[first:last].count(False)
	assert between < len(urgent), f"{between} other calls came in between"
	assert False in order[last:]
