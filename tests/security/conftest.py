"""Attacks on a real site by users with a login: the attempts of a penetration test, kept as tests.

Each file takes one promise of docs/threat-model.md and tries to break it in every way that a search of the
code finds, not only in those that a person thought of. A test reports how much it tried, also at the end of
the run, and fails if that was nothing.
"""

import pytest

from tests.integration.conftest import (  # noqa: F401
	as_role,
	bench,
	clean_transaction,
	site,
	site_connection,
	sites_path,
)
from tests.integration.privacy.conftest import called, scene, school_morning, served  # noqa: F401

COUNTS = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
	config.stash[COUNTS] = []


@pytest.fixture(scope="session")
def counted(pytestconfig: pytest.Config):
	"""Return `counted("so many of these were tried")`, which adds a line to the summary of the run.

	`make test` shows the summary too.
	"""
	return pytestconfig.stash[COUNTS].append


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
	for line in config.stash[COUNTS]:
		terminalreporter.write_line(f"counted: {line}")
