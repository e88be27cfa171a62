"""The random choices of the tests, all from one seed, which pytest's header names.

`DIALER_SEED` repeats the choices of an earlier run. Each test begins its own row of choices, so they do not
depend on which tests ran before it. Names that only need to be unique come from `secrets` instead: a row in
a database or a count in Redis may stay from an earlier run with the same seed.
"""

import os
import random
import secrets

VARIABLE = "DIALER_SEED"
SEED = os.environ.get(VARIABLE) or str(secrets.randbelow(10**9))
os.environ[VARIABLE] = SEED  # For the processes that a test starts.
chance = random.Random(SEED)


def begin(test: str) -> None:
	"""Begin the choices of this test, named by its pytest node ID."""
	chance.seed(f"{SEED} {test}")
