"""Which tests run, by the effort that is asked for.

How fast the machine is, is no property of what is tested.
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import is_hypothesis_test as tries_examples

from tests.effort import ALL, EFFORT, QUICK, examples

TESTS = Path(__file__).parent
THOROUGH_SUITES = ("security", "browser")
"""Of these a quick run tries one story."""

settings.register_profile(
	"any machine",
	deadline=None,
	max_examples=examples(100),
	suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
	"""Leave out what another run tries: exhaustive tests of a quick one, and what a quick one tried in full
	of the rest.
	"""
	if EFFORT == ALL:
		return
	chosen = [item for item in items if belongs(item)]
	config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
	items[:] = chosen


def belongs(item: pytest.Item) -> bool:
	"""Whether this run is the one for a test.

	What tries less in a quick run is tried in full by the rest as well.
	"""
	exhaustive = item.get_closest_marker("exhaustive") or (
		item.path.relative_to(TESTS).parts[0] in THOROUGH_SUITES and not item.get_closest_marker("story")
	)
	if EFFORT == QUICK:
		return not exhaustive
	scaled = item.get_closest_marker("scaled") or tries_examples(getattr(item, "obj", None))
	return bool(exhaustive or scaled)
