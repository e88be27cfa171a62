"""Workers on two hosts, of which one vanishes while it dials: no one is called twice, and no one is lost.

Three networks: the database, Redis, and the carrier in this one, a worker in each of two others.
"""

from datetime import timedelta
from urllib.parse import urlsplit

import frappe
import pytest

from dev.chaos import hosts
from dev.patience import eventually
from school_dialer.base import clock, states
from school_dialer.campaigns.queues import enqueue_dispatch
from school_dialer.outbound.attempts import reconciler
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.scheduler import wake_dispatchers
from tests.integration import factories as make
from tests.integration.with_carrier.running import QUEUES, prepare

pytestmark = [
	pytest.mark.exhaustive,
	pytest.mark.skipif(bool(why := hosts.missing()), reason=why or "possible"),
]

PEOPLE, PACE, BEFORE = 160, 8, 30


def served(carrier) -> list[int]:
	conf = frappe.conf
	redis = [urlsplit(conf[name]).port for name in ("redis_cache", "redis_queue")]
	return [int(conf.db_port), *redis, urlsplit(carrier.url).port]


def placed(carrier, numbers: set[str]) -> list[str]:
	calls = carrier.log("call")
	return [call["to"] for call in calls if call["to"] in numbers and call["status"] == 201]


def woken(campaign: str) -> bool:
	"""Do what the scheduler does each minute, and return whether no recipient waits."""
	frappe.db.rollback()
	wake_dispatchers()
	frappe.db.commit()
	return not frappe.db.count("Dialer Recipient", {"campaign": campaign, "status": ("in", states.WAITING)})


def test_a_host_that_vanishes_wrongs_no_one(carrier, web, set_pace, set_clock):
	set_pace(PACE)
	numbers = make.many_phones(PEOPLE)
	make.consents(numbers)
	doc = make.campaign(numbers, max_attempts=1)
	prepare(doc)

	def count() -> int:
		return len(placed(carrier, set(numbers)))

	with hosts.hosts(2, served(carrier)) as (first, second):
		first.start_worker(QUEUES)
		enqueue_dispatch()
		frappe.db.commit()
		eventually("Calls by the first host", lambda: count() >= BEFORE, count)
		second.start_worker(QUEUES)
		first.vanish()
		assert count() < PEOPLE
		eventually("All calls by the second host", lambda: woken(doc.name), count)
		carrier.wait_until_idle()
	set_clock(clock.now() + timedelta(minutes=2))
	eventually("What the first host left", lambda: settled(doc.name))
	calls = placed(carrier, set(numbers))
	assert len(calls) == len(set(calls)) == PEOPLE
	rows = make.recipients(doc.name, "phone", "status", "attempts")
	assert {row.attempts for row in rows} == {1}
	without_words = {one["to"] for one in carrier.log("twiml") if one.get("error")} & set(numbers)
	assert {row.phone: row.status for row in rows} == {
		number: "Not Reached" if number in without_words else "Reached" for number in numbers
	}


def settled(campaign: str) -> bool:
	"""Take up what the vanished host left, and return whether every recipient has an end."""
	reconciler.run()
	dispatcher.run()
	frappe.db.rollback()
	return not frappe.db.count("Dialer Recipient", {"campaign": campaign, "status": ("in", states.OPEN)})
