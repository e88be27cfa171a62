"""The benchmarks' own site, beside the development site, with as many families as they need.

The small form of a measure runs on the bench's site itself (`kit/small.py`).
"""

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
from benchmarks.kit import small
from dev.carrier import server as carrier_server
from dev.demo import stage
from dev.site import site
from dev.site.layout import Bench, current
from school_dialer.audience.base import sources
from school_dialer.audience.guardians import AllGuardians
from school_dialer.base import states
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.transitions import move
from school_dialer.outbound.attempts import carrier_queue

NAME = "bench.localhost"
TITLE = "Benchmark"
STILL, STILL_SECONDS = 10_000, 1.2
"""When MariaDB's log grows by fewer than STILL bytes in STILL_SECONDS, the database counts as idle.

Its purge of deleted rows begins up to a second after the commit.
"""
STANDING_STILL = 0.001
"""Clock speed at which every phone rings past a benchmark's end, so the carrier reports nothing."""
NOWHERE = "http://127.0.0.1:9"


def bench() -> Bench:
	"""Return the bench with the benchmarks' own site, made if it is missing; in a small form as it is."""
	return current() if small.is_asked() else site.make_beside(NAME)


@contextmanager
def connected(guardians: int, hours: float = 0) -> Iterator[None]:
	"""Connect to the site with this many guardians, its clock set to a school morning plus `hours`.

	Like a school's site, it does not allow tests: where they are allowed, Frappe asks Redis about the
	statements of each request. Changes the working directory and mutes e-mail. At the end it rolls back and
	drops the site's jobs.
	"""
	small.take_numbers()
	own = bench()
	if not own.config().get("allow_tests"):
		raise SystemExit(f"{own.site} allows no tests, so nothing is made up on it.")
	came_from = Path.cwd()
	os.chdir(own.sites)
	with stage.site_config(own, {"allow_tests": False}):
		frappe.init(own.site, sites_path=".")
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
	"""Delete this site's jobs that no worker took; otherwise the next benchmark's workers would run them
	first.
	"""
	for queue in get_queues():
		for job in queue.get_jobs():
			if job.kwargs.get("site") == frappe.local.site:
				job.delete()


def set_clock(hours: float = 0) -> None:
	"""Set the clock to half past ten in Chicago plus `hours`, in this process only."""
	frappe.conf[stage.CLOCK_KEY] = stage.to_morning(datetime.now(timezone.utc)) + hours * 3600


@contextmanager
def dialing(calls_per_second: float) -> Iterator[carrier_server.Handle]:
	"""Start a carrier for the site of `connected`, with one sending number at this pace.

	The settings apply to this process and to workers.
	"""
	offset = frappe.conf[stage.CLOCK_KEY]
	# The carrier's calls never begin to ring, which would look as if they waited in its queue.
	carrier_queue.OLDEST = carrier_queue.YOUNGEST
	with carrier_server.start(clock_offset=offset, speed=STANDING_STILL, calls_per_second=0) as carrier:
		values = {stage.CARRIER_KEY: carrier.url, stage.CLOCK_KEY: offset}
		with stage.site_config(bench(), values):
			frappe.conf.update(values)
			stage.settle_settings(carrier)
			stage.set_public_url(NOWHERE)
			pace(calls_per_second)
			yield carrier
	frappe.conf.pop(stage.CARRIER_KEY)


def pace(calls_per_second: float) -> None:
	"""Set the pace of the sending numbers and the account, in calls per second. Commits."""
	frappe.db.sql(
		"update `tabDialer Sending Number` set calls_per_second = %(pace)s, segments_per_second = %(pace)s",
		{"pace": calls_per_second},
	)
	frappe.db.set_single_value("Dialer Settings", "account_calls_per_second", calls_per_second)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def planned(people: int, **values) -> str:
	"""Plan a campaign to the first `people` guardians, set it running, and return its name."""
	name = campaign(people, **values)
	planner.plan_all(name)
	let_run(name)
	return name


def let_run(name: str) -> None:
	"""Set a campaign running, with an audience source that every process knows. Commits.

	Dispatchers query the source again, in threads and processes that do not have the audience of
	`first_people`.
	"""
	frappe.db.set_value("Dialer Campaign", name, "audience_source", AllGuardians.label)
	move(name, states.RUNNING)
	frappe.db.commit()


def template(purpose: str = "Event") -> str:
	"""Return the name of the benchmarks' message template, created if missing. The message is never heard."""
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
	"""Create a campaign to the first `people` guardians that is being prepared, and return its name. Commits.

	Its state is the one after Start, without a job in the queue.
	"""
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
	"""Register an audience of the first guardians only, known to this process, and return its label.

	`campaign` sets it on the campaigns it creates.
	"""
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
	"""Cancel a campaign and delete its recipients and call logs, so the next one finds the same tables."""
	frappe.db.sql("update `tabDialer Campaign` set status = 'Cancelled' where name = %s", name)
	empty(name)
	empty(name, "Dialer Call Log")


def empty(name: str, doctype: str = "Dialer Recipient") -> None:
	"""Delete a campaign's rows in batches, and of recipients their parties. Commits."""
	if doctype == "Dialer Recipient":
		empty(name, "Dialer Party")
	while True:
		frappe.db.sql("delete from `tab" + doctype + "` where campaign = %s limit 5000", name)
		deleted = frappe.db.sql("select row_count()")[0][0]
		frappe.db.commit()
		if not deleted:
			return


def settle(seconds: float = 30) -> None:
	"""Wait up to `seconds` until the database has purged deleted rows and its log no longer grows."""
	end, before, now = time.monotonic() + seconds, -1, log_position()
	while now > before + STILL and time.monotonic() < end:
		time.sleep(STILL_SECONDS)
		before, now = now, log_position()


def log_position() -> int:
	"""Return MariaDB's log sequence number, in bytes. Commits."""
	frappe.db.commit()
	return int(frappe.db.sql("show global status like 'Innodb_lsn_current'")[0][1])
