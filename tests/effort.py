"""How much a run of the tests tries: all of it, or what shows most mistakes within minutes.

`DIALER_TESTS` is `quick` in `make test`, `rest` in `make test-rest`, which follows it, `both` in
`make test-both`, and `all` otherwise.

A quick run

- leaves out tests marked `exhaustive`, which try every page, role, method or rare branch where a few of each
  show most mistakes; those also marked `story` stay;
- takes a few cases of a test that has many, except of rules of style (`tests/unit/dev`);
- tries fewer examples in property-based tests.

The rest are the exhaustive tests, a few cases of each, and the property-based ones again with more examples.
Both choose the same cases in each run. What both leave out are further cases of tests that they run. A run
of both tries the same cases, each once, and as many examples as the rest.
"""

import os

QUICK, REST, BOTH, ALL = "quick", "rest", "both", "all"
EFFORT = os.environ.get("DIALER_TESTS", ALL)
SHARE = {QUICK: 20, REST: 4, BOTH: 4, ALL: 1}
"""A run tries one example of so many."""
FEWEST = 6
FEW_CASES = 2


def examples(count: int) -> int:
	"""Return how many examples Hypothesis tries in this run of a test that is worth ``count``."""
	return max(min(count, FEWEST), count // SHARE[EFFORT])


def few_of(cases: list) -> list:
	"""Return at most `FEW_CASES` of a test's cases, spread evenly from the first to the last."""
	last = len(cases) - 1
	if last < FEW_CASES:
		return cases
	return [cases[round(number * last / (FEW_CASES - 1))] for number in range(FEW_CASES)]
