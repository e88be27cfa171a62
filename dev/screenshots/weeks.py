"""Weeks that have passed, so that the page of a principal's week has something to compare.

In each of them one campaign calls, by the site's clock of that day, the earliest first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import frappe

from dev.days import last_ordinary
from dev.demo.__main__ import run
from dev.demo.people import APPROVER, MANAGER, Person
from dev.demo.stage import CLOCK_KEY, UTC, WESTERNMOST, Stage, seconds_to, site_config
from dev.screenshots.scene import EVENT

NAMES = ("report-week", "report-week-phone")
PAST = ((51, "Grade 1"), (37, "Grade 2"), (30, "Grade 5"), (16, "Grade 4"), (9, "Grade 3"), (2, "Grade 2"))
"""How many days ago a campaign called, and whose families."""


def lay(stage: Stage) -> None:
	"""Run a campaign on each of these days. Who waits for calling hours then is not called later."""
	manager, approver = Person(stage.url, MANAGER), Person(stage.url, APPROVER)
	for days, program in PAST:
		audience = {"audience_source": "Guardians of a Program", "audience_name": program}
		story = replace(EVENT, title=f"Spring concert, {program}", audience=audience)
		with days_ago(stage, days):
			name = run(story, manager, approver)
			if manager.progress(name)["status"] == "Running":
				manager.press("cancel", name)


@contextmanager
def days_ago(stage: Stage, days: int) -> Iterator[None]:
	"""Set the site's and the carrier's clocks to the morning of the last ordinary day before so many days."""
	now = datetime.now(UTC)
	day = last_ordinary(now.astimezone(WESTERNMOST).date() - timedelta(days=days))
	before, offset = frappe.conf[CLOCK_KEY], seconds_to(day, now)
	with site_config(stage.bench, {CLOCK_KEY: offset}):
		set_clocks(stage, offset)
		try:
			yield
		finally:
			set_clocks(stage, before)


def set_clocks(stage: Stage, offset: float) -> None:
	frappe.conf[CLOCK_KEY] = offset
	stage.carrier.control("time", {"clock_offset": offset})
