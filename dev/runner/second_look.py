"""A second look at tests that failed: each runs once more, alone, on a fresh lane.

A test that passes then is FLAKY. It hides nothing: both outputs are shown, it is on record, and its cause is
mended in the next change. A few flaky tests leave a run green. Unit tests, security and chaos get no second
look, because none of them depends on how fast the machine is.
"""

from __future__ import annotations

from dataclasses import dataclass

from dev.runner import beside
from dev.runner.beside import OpenLane
from dev.runner.parts import PASSED, TESTS_FAILED, Part

SUITES = ("integration", "browser")
MOST_FLAKY = 3
MOST_LOOKS = 10
"""When more tests than this have failed, luck is not the reason."""


@dataclass
class Look:
	"""A failed test, and the part that ran it a second time."""

	first: Part
	again: Part

	@property
	def test(self) -> str:
		return self.again.only or ""

	@property
	def is_flaky(self) -> bool:
		return self.again.status == PASSED


def run(parts: list[Part], open_lane: OpenLane, count: int) -> list[Look]:
	"""Run the parts, and when all have ended, look again at each test that failed, one at a time."""
	beside.run(parts, open_lane, count)
	looks = looks_due(parts)
	beside.run([look.again for look in looks], open_lane, 1)
	return looks


def looks_due(parts: list[Part]) -> list[Look]:
	"""Return a look for each failed test, or none if too many tests failed.

	A part that broke off gets none either: what it did not run cannot be looked at.
	"""
	due = [
		Look(part, Part(part.suite, [test.partition("::")[0]], part.effort, only=test, clock=part.clock))
		for part in parts
		if part.suite in SUITES and part.status == TESTS_FAILED
		for test in part.failed
	]
	return due if len(due) <= MOST_LOOKS else []


def flaky_tests(looks: list[Look]) -> list[str]:
	return sorted(look.test for look in looks if look.is_flaky)


def is_green(parts: list[Part], looks: list[Look]) -> bool:
	"""Return whether every failure was a flaky test, and there are few of them."""
	flaky = flaky_tests(looks)
	return len(flaky) <= MOST_FLAKY and all(
		part.is_green or (part.status == TESTS_FAILED and part.failed and set(part.failed) <= set(flaky))
		for part in parts
	)
