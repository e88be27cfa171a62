"""Attacks on a real site, by users whom the site lets in: what a penetration test tried, kept so that it stays tried.

Each file takes one promise of docs/threat-model.md and tries to break it by every way in that can be found by looking, not by those
that someone thought of. A test says how much it tried, at the end of the run as well, and fails when that was nothing.
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
	"""counted("so many of these were tried"): a line of the run's summary, which `make test` shows too."""
	return pytestconfig.stash[COUNTS].append


def pytest_terminal_summary(terminalreporter, config: pytest.Config) -> None:
	for line in config.stash[COUNTS]:
		terminalreporter.write_line(f"counted: {line}")
