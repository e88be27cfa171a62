import pytest

from school_dialer.compliance.codec import parse_time


@pytest.fixture
def at_night():
	"""Return 3 a.m. in Chicago."""
	return parse_time("2026-05-12T08:00:00Z")
