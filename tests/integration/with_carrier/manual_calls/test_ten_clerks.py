"""Ten clerks work on the list while the dispatcher calls the same families: each family has one of them at a
time, by the carrier's own log."""

import random
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.base.database.db_thread import DbThread
from school_dialer.base.database.transactions import retried
from school_dialer.campaigns.planning import planner
from school_dialer.manual_calls import claiming, listing, outcomes, work
from school_dialer.outbound.dispatch import dispatcher
from tests.integration import emergencies
from tests.integration import factories as make

CLERKS, FAMILIES = 10, 60
SLOW = timedelta(minutes=11)


@dataclass
class Held:
	"""A family that a clerk had, from the committed claim until just before they noted what came of it."""

	phone: str
	clerk: str
	since: datetime
	until: datetime


@pytest.fixture
def emergency(carrier, set_pace):
	"""Return an emergency whose first calls no one answered, and whose next calls are due now."""
	numbers = make.many_phones(FAMILIES)
	make.consents(numbers)
	carrier.control("people", {number: {"behaviour": "no answer", "rings": 1} for number in numbers})
	doc = emergencies.approved(numbers, max_attempts=5)
	frappe.db.commit()
	planner.run(doc.name)
	set_pace(40)
	dispatcher.run(True)
	carrier.wait_until_idle()
	began = clock.to_db(clock.now() - SLOW)
	frappe.db.rollback()
	frappe.db.set_value("Dialer Campaign", doc.name, "started_at", began)
	due_again(doc.name)
	listing.fill_soon(doc.name)
	yield doc
	carrier.control("people", dict.fromkeys(numbers))


def due_again(campaign: str) -> None:
	"""Let every waiting recipient be due at once, whatever pause a school has set."""
	frappe.db.sql(
		"update `tabDialer Recipient` set not_before = %s where campaign = %s and status = 'Retry'",
		(clock.db_now(), campaign),
	)


def works(user: str, campaign: str, begin: threading.Barrier, seed: int) -> list[Held]:
	"""Take family after family until none is left, each for a moment."""
	chance, found = random.Random(seed), []
	begin.wait()
	while frappe.db.count(listing.DOCTYPE, {"campaign": campaign, "status": work.WAITING}):
		name = retried(lambda: claiming.next_family(user, []))
		frappe.db.commit()
		if not name:
			time.sleep(0.05)
			continue
		since = datetime.now(timezone.utc)
		phone = frappe.db.get_value(listing.DOCTYPE, name, "phone")
		time.sleep(chance.uniform(0.05, 0.4))
		found.append(Held(phone, user, since, datetime.now(timezone.utc)))
		noted = outcomes.Noted(work.REACHED, by_own_phone=True)
		retried(lambda name=name, noted=noted: outcomes.note(name, user, noted))
		frappe.db.commit()
	return found


@pytest.mark.story
def test_each_family_has_one_caller_at_a_time(carrier, clerk, emergency):
	users = [clerk(phone=False) for _ in range(CLERKS)]
	begun = datetime.now(timezone.utc)
	with ExitStack() as stack:
		threads = [stack.enter_context(DbThread()) for _ in users]
		begin = threading.Barrier(CLERKS)
		at_work = [
			thread.submit(works, user, emergency.name, begin, seed)
			for seed, (thread, user) in enumerate(zip(threads, users, strict=True))
		]
		while not all(one.done() for one in at_work):
			dispatcher.run(True)
			frappe.db.rollback()
			retried(lambda: due_again(emergency.name))
			frappe.db.commit()
		held = [one for work_done in at_work for one in work_done.result()]
	carrier.wait_until_idle()
	claims = Counter(one.phone for one in held)
	assert len(claims) == FAMILIES and set(claims.values()) == {1}
	assert len({one.clerk for one in held}) > 1
	calls = [
		(entry["to"], datetime.fromisoformat(entry["at"]))
		for entry in carrier.log("call")
		if entry["status"] == 201 and entry["to"] in claims
	]
	assert [at for _to, at in calls if at > begun], "the dispatcher called no one meanwhile"
	by_phone = {one.phone: one for one in held}
	both = [to for to, at in calls if by_phone[to].since <= at]
	assert not both, "the machine called families that a clerk had, or had reached"
	frappe.db.rollback()
	states = Counter(row.status for row in make.recipients(emergency.name))
	assert states == {"Reached": FAMILIES}
