"""Which tests run, by the effort that is asked for.

How fast the machine is, is no property of what is tested.
"""

import gc
import os
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import is_hypothesis_test as tries_examples

from tests import chance
from tests.effort import ALL, BOTH, EFFORT, QUICK, REST, examples, few_of

TESTS = Path(__file__).parent
RANDOM = "random"
"""What `DIALER_HYPOTHESIS` is for examples that differ in each run."""
THOROUGH_SUITES = ("security", "browser")
"""Of these a quick run tries one story."""
RULES, ATTACKS = TESTS / "unit" / "dev", TESTS / "security"

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


def pytest_collection_finish() -> None:
	"""Keep what is imported out of garbage collection, of which pytest asks for five at the end."""
	gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
	"""Leave out what this run does not try (`tests/effort.py`)."""
	chosen = chosen_for(EFFORT, items)
	kept = set(chosen)
	config.hook.pytest_deselected(items=[item for item in items if item not in kept])
	items[:] = chosen


def chosen_for(effort: str, items: list[pytest.Item]) -> list[pytest.Item]:
	"""Return what a run of this effort tries, in the order of `items`."""
	if effort == ALL:
		return items
	if effort == BOTH:
		tried = {*chosen_for(QUICK, items), *chosen_for(REST, items)}
		return [item for item in items if item in tried]
	if effort == QUICK:
		return some_cases([item for item in items if not is_exhaustive(item)])
	return some_cases([item for item in items if is_exhaustive(item) or scales(item)])


def some_cases(items: list[pytest.Item]) -> list[pytest.Item]:
	"""Return a few cases of each test, and all of some (`is_whole`)."""
	cases = defaultdict(list)
	for item in items:
		cases[item.nodeid.partition("[")[0]].append(item)
	chosen = {item for group in cases.values() for item in (group if is_whole(group[0]) else few_of(group))}
	return [item for item in items if item in chosen]


def is_whole(item: pytest.Item) -> bool:
	"""Whether a run that takes a test takes all its cases: rules of style, attacks, and what is marked so."""
	parents = set(item.path.parents)
	return RULES in parents or ATTACKS in parents or bool(item.get_closest_marker("each_case"))


def is_exhaustive(item: pytest.Item) -> bool:
	thorough = item.path.relative_to(TESTS).parts[0] in THOROUGH_SUITES
	return bool(thorough or item.get_closest_marker("exhaustive")) and not item.get_closest_marker("story")


def scales(item: pytest.Item) -> bool:
	"""Whether a test tries less in a quick run, so that the rest tries more."""
	return bool(item.get_closest_marker("scaled")) or tries_examples(getattr(item, "obj", None))
