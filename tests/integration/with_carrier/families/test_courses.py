"""Drawn courses of families, played on the real app and judged by a model that shares no code with it."""

import os
from collections.abc import Iterator

import frappe
import pytest

from school_dialer.clock import OFFSET_KEY
from tests.chance import SEED
from tests.families.drawing import courses_of
from tests.families.known import is_known
from tests.integration.with_carrier.families.trial import Trial

COURSES = int(os.environ.get("DIALER_FAMILIES") or 100)
"""`make families` plays more."""
TOGETHER = 25 if COURSES <= 100 else 100
"""Courses of one campaign, played at once."""


@pytest.fixture
def trial(carrier, web, school_day, set_pace, set_clock) -> Iterator[Trial]:
	one = Trial(carrier, set_pace, set_clock)
	yield one
	frappe.conf[OFFSET_KEY] = school_day
	one.tell_web_server()


@pytest.mark.timeout(3600)
def test_every_family_that_must_hear_hears_and_no_one_else(trial):
	for group in courses_of(COURSES, number_of(SEED), TOGETHER, is_known):
		trial.hold(group)
	trial.write(SEED)
	assert trial.clean, trial.stories()


def number_of(seed: str) -> int:
	return int(seed) if seed.isdecimal() else sum(map(ord, seed))
