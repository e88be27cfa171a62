"""The site the benchmarks run on: one of their own, beside the first, with as many families as they need."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

import frappe

from benchmarks import population
from dev.demo import stage
from dev.site import site
from school_dialer.audience.base import sources
from school_dialer.audience.education import AllGuardians
from school_dialer.dialing import states
from school_dialer.dialing.campaign import move

NAME = "bench.localhost"
TITLE = "Benchmark"
STILL, STILL_SECONDS = 10_000, 1.2
"""Fewer bytes of MariaDB's log in so many seconds are no work. Clearing away begins up to a second after the commit."""


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
		frappe.destroy()
		os.chdir(came_from)


def set_clock(hours: float = 0) -> None:
	"""In this process only: half past ten in Chicago, or this many hours later."""
	frappe.conf[stage.CLOCK_KEY] = stage.to_morning(datetime.now(timezone.utc)) + hours * 3600


def template() -> str:
	"""A message for the campaigns of a benchmark. The carrier never gets it."""
	if found := frappe.db.get_value("Dialer Message Template", {"template_name": TITLE}):
		return found
	words = {"language": "en", "voice": "The concert is on Thursday.", "voicemail": "We have news."}
	values = {
		"template_name": TITLE,
		"purpose": "Event",
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
	"""Cancel a campaign and delete what it planned, so that the next one finds the tables as this one did."""
	frappe.db.sql("update `tabDialer Campaign` set status = 'Cancelled' where name = %s", name)
	empty(name)


def empty(name: str) -> None:
	while True:
		frappe.db.sql("delete from `tabDialer Recipient` where campaign = %s limit 5000", name)
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
