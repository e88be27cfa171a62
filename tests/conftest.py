"""Which tests run, by the effort that is asked for.

How fast the machine is, is no property of what is tested.
"""

import os
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import is_hypothesis_test as tries_examples

from tests import chance
from tests.effort import ALL, EFFORT, QUICK, examples, few_of

TESTS = Path(__file__).parent
RANDOM = "random"
"""What `DIALER_HYPOTHESIS` is for examples that differ in each run."""
THOROUGH_SUITES = ("security", "browser")
"""Of these a quick run tries one story."""
RULES = TESTS / "unit" / "dev"
"""Rules of style, which take seconds: a quick run tries all of them."""

# Frappe 16 opens log files relative to the working folder as soon as some of its modules are imported.
if sites_path := os.environ.get("SITES_PATH"):
	os.chdir(sites_path)

settings.register_profile(
	"any machine",
	derandomize=os.environ.get("DIALER_HYPOTHESIS") != RANDOM,
	print_blob=True,
	deadline=None,
	max_examples=examples(100),
	suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")


def pytest_report_header() -> str:
	today = os.environ.get("DIALER_TODAY", "now")
	return f"to repeat this run: DIALER_TODAY={today} {chance.VARIABLE}={chance.SEED}"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
	chance.begin(item.nodeid)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
	"""Leave out what another run tries: exhaustive tests of a quick one, and what a quick one tried in full
	of the rest.
	"""
	if EFFORT == ALL:
		return
	quick = set(in_a_quick_run(items))
	chosen = [
		item for item in items if (item in quick if EFFORT == QUICK else item not in quick or scales(item))
	]
	config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
	items[:] = chosen


def in_a_quick_run(items: list[pytest.Item]) -> list[pytest.Item]:
	"""Return the tests of a quick run: all rules of style, and a few cases of each that is not exhaustive."""
	cases = defaultdict(list)
	for item in items:
		if not is_exhaustive(item):
			cases[item.nodeid.partition("[")[0]].append(item)
	return [
		item
		for group in cases.values()
		for item in (group if RULES in group[0].path.parents else few_of(group))
	]


def is_exhaustive(item: pytest.Item) -> bool:
	thorough = item.path.relative_to(TESTS).parts[0] in THOROUGH_SUITES
	return bool(thorough or item.get_closest_marker("exhaustive")) and not item.get_closest_marker("story")


def scales(item: pytest.Item) -> bool:
	"""Whether a test tries less in a quick run, so that the rest tries it in full."""
	return bool(item.get_closest_marker("scaled")) or tries_examples(getattr(item, "obj", None))
