"""Drawn courses of families, played on the real app and judged by a model that shares no code with it."""

import os
from collections.abc import Iterator

import frappe
import pytest

from school_dialer.base.clock import OFFSET_KEY
from school_dialer.outbound.dispatch import dispatcher
from tests.chance import SEED
from tests.families.drawing import courses_of
from tests.integration.with_carrier.families.trial import Trial

COURSES = int(os.environ.get("DIALER_FAMILIES") or 100)
"""`make families` plays more."""
FIRST = bool(os.environ.get("DIALER_FAMILIES_FIRST"))
"""Whether the first wrong course is enough, as for mutants: it is counted, and no story is told."""
MOVE = os.environ.get("DIALER_FAMILIES_MOVE", "")
"""Only courses with this move of the school are played, if one is named."""
TOGETHER = 10 if COURSES <= 100 else 50
"""Courses of one campaign, played at once."""
SECONDS = 20 * 60 if COURSES <= 100 else 50 * 60
"""After these no other group begins, and the run fails for it."""
RUN_SECONDS = 30
"""After which a dispatcher ends that has to wait, since nothing here lasts that long."""


@pytest.fixture
def trial(carrier, web, school_day, set_pace, set_clock, monkeypatch) -> Iterator[Trial]:
	monkeypatch.setattr(dispatcher, "RUN_SECONDS", RUN_SECONDS)
	one = Trial(carrier, set_pace, set_clock, school_day)
	yield one
	frappe.conf[OFFSET_KEY] = school_day
	one.tell_web_server()


@pytest.mark.timeout(2 * SECONDS)
def test_every_family_that_must_hear_hears_and_no_one_else(trial):
	try:
		trial.hold_all(courses_of(COURSES, number_of(SEED), TOGETHER, MOVE), SECONDS, FIRST)
	finally:
		trial.write(SEED)
	if trial.wrong:
		pytest.fail("something is wrong" if FIRST else trial.stories(), pytrace=False)
	assert trial.courses == COURSES, f"{trial.courses} of {COURSES} courses in {SECONDS} s"


def number_of(seed: str) -> int:
	return int(seed) if seed.isdecimal() else sum(map(ord, seed))
