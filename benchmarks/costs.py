"""The cost of one recipient, one call and one status callback, measured for the model of `capacity.py`.

Measured are the process, MariaDB and Redis. A campaign is planned, and its calls go to the simulated carrier,
which holds them in its queue. Only then does the carrier dial and report to a real web server, so the cost of
a call and the cost of its callbacks are kept apart. Every third person does not pick up; the others listen to
the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import frappe

from benchmarks import callbacks, place
from benchmarks.kit import meter
from dev.carrier import server as carrier_server
from dev.demo import stage
from dev.site import processes
from school_dialer.campaigns.planning import planner
from school_dialer.outbound.dispatch import dispatcher

HELD, DIALED = 0.1, 50
"""Calls per second that the simulated carrier takes from its queue.

HELD is next to none; DIALED is as many as two cores can follow.
"""
PEOPLE, PACE = 4_000, 500
IDLE_SECONDS = 300


@dataclass
class Stage:
	carrier: carrier_server.Handle
	web: processes.Process


def planned(people: int) -> dict[str, float]:
	"""Return the cost of planning a campaign to `people` guardians.

	`count` is its number of recipients, `disk_bytes` the bytes they fill on disk.
	"""
	name = place.campaign(people)
	place.settle()
	cost = meter.spent(lambda: planner.plan_all(name))
	frappe.db.rollback()
	cost["count"] = frappe.db.count("Dialer Recipient", {"campaign": name})
	cost["disk_bytes"] = sum(meter.kept_bytes(one, name) for one in ("Dialer Recipient", "Dialer Party"))
	place.discard(name)
	return cost


def dialed(calls_wanted: int, on: Stage) -> dict[str, dict[str, float]]:
	"""Return the cost of a campaign of this many calls ("call") and of the callbacks on them ("report")."""
	name = place.campaign(PEOPLE)
	planner.plan_all(name)
	keep(name, calls_wanted)
	on.carrier.control("reset", {"truncate_log": True})
	on.carrier.control("account", {"calls_per_second": HELD})
	on.carrier.control("people", behaviours(name))
	place.settle()
	calls = meter.spent(lambda: send(name))
	calls["count"] = frappe.db.count("Dialer Call Log", {"campaign": name, "carrier_sid": ("is", "set")})
	reports = meter.spent(lambda: report(on.carrier), of=[on.web.pid, *processes.descendants(on.web.pid)])
	reports["count"] = sum(
		200 <= (entry["http_status"] or 0) < 300 for entry in on.carrier.log("twiml", "callback")
	)
	calls["disk_bytes"] = meter.kept_bytes("Dialer Call Log", name)
	reports["disk_bytes"] = 0
	place.discard(name)
	return {"call": calls, "report": reports}


def plan_and_dispatch(name: str) -> None:
	planner.plan_all(name)
	send(name)


def send(name: str) -> None:
	"""Run a dispatcher in this process until no recipient is due."""
	place.let_run(name)
	dispatcher.run()
	frappe.db.rollback()


def keep(campaign: str, most: int) -> None:
	"""Keep only this many of the recipients that may be called. Commits."""
	allowed = frappe.get_all(
		"Dialer Recipient",
		{"campaign": campaign, "verdict": "ALLOW"},
		pluck="name",
		order_by="name",
		limit=most,
	)
	frappe.db.delete("Dialer Recipient", {"campaign": campaign, "name": ("not in", allowed)})
	frappe.db.commit()


def behaviours(campaign: str) -> dict[str, dict]:
	phones = frappe.get_all("Dialer Recipient", {"campaign": campaign}, pluck="phone", order_by="name")
	return {"*": {"behaviour": "answers"}} | {
		phone: {"behaviour": "no answer"} for phone in phones[::3] if phone
	}


def report(carrier: carrier_server.Handle) -> None:
	carrier.control("account", {"calls_per_second": DIALED})
	carrier.wait_until_idle(IDLE_SECONDS)


@contextmanager
def on_stage() -> Iterator[Stage]:
	"""Start the simulated carrier and a web server for the benchmark site.

	The caller is already inside `place.connected`.
	"""
	offset = frappe.conf[stage.CLOCK_KEY]
	with carrier_server.start(clock_offset=offset) as carrier:
		values = {stage.CARRIER_KEY: carrier.url, stage.CLOCK_KEY: offset}
		with stage.site_config(place.bench(), values), callbacks.served(callbacks.WEB):
			frappe.conf[stage.CARRIER_KEY] = carrier.url
			place.pace(PACE)
			yield Stage(carrier, processes.find(callbacks.WEB))
