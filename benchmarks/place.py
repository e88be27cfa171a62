"""The site the benchmarks run on: one of their own, beside the first, with as many families as they need."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import frappe
from frappe.utils.background_jobs import get_queues

from benchmarks import population
from dev.carrier import server as carrier_server
from dev.demo import stage
from dev.site import site
from school_dialer import states
from school_dialer.attempts import carrier_queue
from school_dialer.audience.base import sources
from school_dialer.audience.guardians import AllGuardians
from school_dialer.campaigns.actions import move
from school_dialer.campaigns.planning import planner

NAME = "bench.localhost"
TITLE = "Benchmark"
STILL, STILL_SECONDS = 10_000, 1.2
"""Fewer bytes of MariaDB's log in so many seconds are no work. Clearing away begins up to a second after the commit."""
STANDING_STILL = 0.001
"""A carrier at this speed lets everybody's phone ring until the end of a benchmark, and reports nothing."""
NOWHERE = "http://127.0.0.1:9"


@contextmanager
def connected(guardians: int, hours: float = 0) -> Iterator[None]:
	"""Connected to the site with this many guardians, its clock at a school's morning, or this many hours later."""
	bench = site.make_beside(NAME)
	came_from = Path.cwd()
	os.chdir(bench.sites)
	frappe.init(NAME, sites_path=".")
	frappe.connect()
	try:
		frappe.flags.mute_emails = True
		set_clock(hours)
		population.ensure(guardians)
		yield
	finally:
		frappe.db.rollback()
		drop_jobs()
		frappe.destroy()
		os.chdir(came_from)


def drop_jobs() -> None:
	"""Delete the jobs of this site that no worker took, which the workers of the next benchmark would do first."""
	for queue in get_queues():
		for job in queue.get_jobs():
			if job.kwargs.get("site") == NAME:
				job.delete()


def set_clock(hours: float = 0) -> None:
	"""In this process only: half past ten in Chicago, or this many hours later."""
	frappe.conf[stage.CLOCK_KEY] = stage.to_morning(datetime.now(timezone.utc)) + hours * 3600


@contextmanager
def dialing(calls_per_second: float) -> Iterator[carrier_server.Handle]:
	"""A carrier for the site of `connected`, and settings with one number at this pace, for this process and for workers."""
	offset = frappe.conf[stage.CLOCK_KEY]
	# Its calls never begin to ring, which would look as if they waited in its queue.
	carrier_queue.OLDEST = carrier_queue.YOUNGEST
	with carrier_server.start(clock_offset=offset, speed=STANDING_STILL, calls_per_second=0) as carrier:
		values = {stage.CARRIER_KEY: carrier.url, stage.CLOCK_KEY: offset}
		with stage.site_config(site.make_beside(NAME), values):
			frappe.conf.update(values)
			stage.settle_settings(carrier)
			stage.set_public_url(NOWHERE)
			pace(calls_per_second)
			yield carrier
	frappe.conf.pop(stage.CARRIER_KEY)


def pace(calls_per_second: float) -> None:
	frappe.db.sql(
		"update `tabDialer Sending Number` set calls_per_second = %(pace)s, segments_per_second = %(pace)s",
		{"pace": calls_per_second},
	)
	frappe.db.set_single_value("Dialer Settings", "account_calls_per_second", calls_per_second)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def planned(people: int, **values) -> str:
	"""The name of a campaign to the first `people` guardians that waits for a dispatcher."""
	name = campaign(people, **values)
	planner.plan_all(name)
	let_run(name)
	return name


def let_run(name: str) -> None:
	"""Dispatchers ask a campaign's source again, in threads and processes that do not know the audience of `first_people`."""
	frappe.db.set_value("Dialer Campaign", name, "audience_source", AllGuardians.label)
	move(name, states.RUNNING)
	frappe.db.commit()


def template(purpose: str = "Event") -> str:
	"""A message for the campaigns of a benchmark. Nobody hears it."""
	name = f"{TITLE} {purpose}"
	if found := frappe.db.get_value("Dialer Message Template", {"template_name": name}):
		return found
	words = {"language": "en", "voice": "The concert is on Thursday.", "voicemail": "We have news."}
	values = {
		"template_name": name,
		"purpose": purpose,
		"voice": 1,
		"translations": [{**words, "text": words["voice"]}],
	}
	return frappe.get_doc({"doctype": "Dialer Message Template", **values}).insert().name


def campaign(people: int, **values) -> str:
	"""The name of a new campaign to the first `people` guardians, being prepared: as after Start, without a job in the queue."""
	chosen = {
		"title": TITLE,
		"purpose": "Event",
		"channel": "Voice",
		"audience_source": "All guardians",
		"template": template(),
		**values,
	}
	name = frappe.get_doc({"doctype": "Dialer Campaign", **chosen}).insert().name
	frappe.db.set_value("Dialer Campaign", name, "audience_source", first_people(people))
	move(name, states.PREPARING)
	frappe.db.commit()
	return name


def first_people(count: int) -> str:
	"""The label of an audience of the first guardians only, known to this process. A campaign has it from `campaign`."""
	label = f"The first {count} guardians"
	last = f"BENCH-GRD-{count - 1:06d}"

	class First(AllGuardians):
		def chunk(self, after: str, limit: int):
			candidates, cursor = super().chunk(after, limit)
			return candidates, cursor if cursor and cursor < last else None

	First.label = label
	sources()[label] = First
	return label


def discard(name: str) -> None:
	"""Cancel a campaign and delete what it planned and called, so that the next one finds the tables as this one did."""
	frappe.db.sql("update `tabDialer Campaign` set status = 'Cancelled' where name = %s", name)
	empty(name)
	empty(name, "Dialer Call Log")


def empty(name: str, doctype: str = "Dialer Recipient") -> None:
	while True:
		frappe.db.sql("delete from `tab" + doctype + "` where campaign = %s limit 5000", name)
		deleted = frappe.db.sql("select row_count()")[0][0]
		frappe.db.commit()
		if not deleted:
			return


def settle(seconds: float = 30) -> None:
	"""Wait, for so long at the most, until the database has cleared away what was deleted before: its log stands still."""
	end, before, now = time.monotonic() + seconds, -1, log_position()
	while now > before + STILL and time.monotonic() < end:
		time.sleep(STILL_SECONDS)
		before, now = now, log_position()


def log_position() -> int:
	"""MariaDB's log sequence number, in bytes."""
	frappe.db.commit()
	return int(frappe.db.sql("show global status like 'Innodb_lsn_current'")[0][1])
