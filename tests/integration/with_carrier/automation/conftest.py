"""Families of the tests of rules."""

from collections.abc import Iterator

import pytest

from tests.integration.with_carrier.rules import School


@pytest.fixture
def siblings(carrier) -> Iterator[School]:
	"""Return a class of one family with two children."""
	school = School()
	school.family("Ana", "Luis")
	school.opens()
	yield school
	school.remove()
