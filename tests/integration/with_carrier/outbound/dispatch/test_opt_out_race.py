"""Two workers dial while people opt out through signed webhooks.

By the carrier's own log, no number is called after its opt-out.
"""

import random
import secrets
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import frappe
import pytest

from dev.demo.stage import SENDER
from dev.patience import eventually
from dev.site import services
from school_dialer.campaigns import actions, queues
from school_dialer.campaigns.due import due_campaigns
from school_dialer.campaigns.planning import planner
from school_dialer.outbound.attempts import reconciler
from tests.effort import ALL, EFFORT
from tests.integration import factories as make
from tests.integration.with_carrier.hooks import Hooks

pytestmark = pytest.mark.exhaustive

RECIPIENTS, OPT_OUTS, PACE = (2_000, 500, 100) if EFFORT == ALL else (200, 80, 40)
"""The pace leaves time for most opt-outs while texts leave: they begin with the first text."""
OPEN = ("Pending", "Deferred", "Retry", "Dialing", "Unknown")


def test_no_request_begins_after_an_acknowledged_opt_out(carrier, web, set_pace):
	numbers = make.many_phones(RECIPIENTS)
	make.consents(numbers)
	doc = make.campaign(numbers, channel="Text")
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	set_pace(PACE)
	for worker in range(2):
		queues.enqueue_dispatch(worker=worker)
	frappe.db.commit()
	chance = random.Random(5)
	leaving = chance.sample(numbers, OPT_OUTS)
	acknowledged: dict[str, datetime] = {}
	guard = threading.Lock()
	hooks = Hooks(web, carrier.account, carrier.token)

	def leave(number: str) -> None:
		time.sleep(chance.random() * 0.4)
		form = {"MessageSid": f"SM{secrets.token_hex(8)}", "From": number, "To": SENDER, "Body": "STOP"}
		assert hooks.post("inbound_text", {}, form).status_code == 200
		with guard:
			acknowledged[number] = datetime.now(timezone.utc)

	workers = services.start_worker(n=2)
	try:
		eventually("The first text", lambda: any(entry["to"] in numbers for entry in carrier.log("message")))
		with ThreadPoolExecutor(8) as people:
			list(people.map(leave, leaving))
		eventually("The end of the campaign", lambda: is_over(doc.name), lambda: states_of(doc.name))
		eventually("The confirmations", lambda: not unconfirmed(), unconfirmed)
		carrier.wait_until_idle()
	finally:
		for worker in workers:
			worker.stop()
	check(carrier, doc.name, numbers, acknowledged)


def check(carrier, campaign: str, numbers: list[str], acknowledged: dict[str, datetime]) -> None:
	assert len(acknowledged) == OPT_OUTS
	frappe.db.rollback()
	calls: Counter = Counter()
	confirmations: Counter = Counter()
	late = []
	ours = set(numbers)
	for entry in carrier.log("message"):
		if entry["to"] not in ours or entry["status"] != 201:
			continue
		if "Reply 1" in entry["params"]["Body"]:
			confirmations[entry["to"]] += 1
			continue
		calls[entry["to"]] += 1
		at = datetime.fromisoformat(entry["at"])
		if entry["to"] in acknowledged and at > acknowledged[entry["to"]]:
			late.append(entry["to"])
	assert not late, f"{len(late)} requests began after the opt-out was acknowledged"
	assert max(calls.values()) == 1
	assert confirmations == Counter(dict.fromkeys(acknowledged, 1))
	states = {row.phone: row.status for row in make.recipients(campaign)}
	lost = [number for number in numbers if number not in calls and number not in acknowledged]
	assert not lost, f"{len(lost)} who agreed were never called"
	assert {states[number] for number in numbers if number not in calls} <= {"Blocked"}
	events = frappe.get_all(
		"Consent Event",
		{"phone": ("in", list(acknowledged)), "kind": "Opt Out"},
		pluck="phone",
		order_by="phone",
	)
	assert Counter(events) == Counter(dict.fromkeys(acknowledged, 1))


def is_over(campaign: str) -> bool:
	"""Return whether no recipient is open.

	Free what a dispatcher claimed and gave up, as on a slow machine, and start another one, as the scheduler
	does each minute.
	"""
	reconciler.release_abandoned_claims()
	frappe.db.commit()
	if due_campaigns():
		for worker in range(2):
			queues.enqueue_dispatch(worker=worker)
		frappe.db.commit()
	return not still_open(campaign)


def still_open(campaign: str) -> int:
	return frappe_count("Dialer Recipient", {"campaign": campaign, "status": ("in", OPEN)})


def states_of(campaign: str) -> dict[str, int]:
	frappe.db.rollback()
	counts = "select status, count(*) from `tabDialer Recipient` where campaign = %s group by status"
	return dict(frappe.db.sql(counts, campaign))


def unconfirmed() -> int:
	return frappe_count("Dialer Notice", {"status": "Waiting"})


def frappe_count(doctype: str, filters: dict) -> int:
	frappe.db.rollback()
	return frappe.db.count(doctype, filters)
