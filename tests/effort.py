"""How much a run of the tests tries: all of it, or what shows most mistakes within minutes.

`DIALER_TESTS` is `quick` in `make test`, `rest` for what that leaves out, and `all` otherwise. Tests marked
`exhaustive` try every page, role or method where a few of each show most mistakes;
	property-based tests try fewer examples in a quick run.
"""

import os

QUICK, REST, ALL = "quick", "rest", "all"
EFFORT = os.environ.get("DIALER_TESTS", ALL)
SHARE, FEWEST = 10, 10


def examples(count: int) -> int:
	"""Return how many examples Hypothesis tries in this run of a test that is worth ``count``."""
	return max(min(count, FEWEST), count // SHARE) if EFFORT == QUICK else count
