"""A proof log that is empty for the test."""

from collections.abc import Iterator

import frappe
import pytest

from school_dialer.consent.integrity import triggers
from tests.integration import factories as make
from tests.integration.proof_log.emptied import emptied


@pytest.fixture
def phone() -> str:
	return make.phone()


@pytest.fixture(scope="module")
def unguarded(site_connection) -> Iterator[None]:
	"""Drop the triggers for this file, so that its tests may begin with an empty log."""
	triggers.remove()
	yield
	frappe.db.rollback()
	assert triggers.create()


@pytest.fixture
def log(unguarded, tmp_path) -> Iterator[None]:
	with emptied(tmp_path):
		yield
