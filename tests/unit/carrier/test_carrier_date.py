"""Every answer carries the carrier's own time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from school_dialer.carriers.base import Account
from school_dialer.carriers.twilio import TwilioCarrier

pytestmark = pytest.mark.dates


@pytest.fixture
def hour_fast(carrier):
	carrier.control("time", {"clock_offset": 3600})
	yield
	carrier.control("time", {"clock_offset": 0})


def asked(carrier) -> TwilioCarrier:
	return TwilioCarrier(Account(carrier.account, carrier.token, carrier.url))


def test_a_clock_that_is_an_hour_fast_says_so(carrier, hour_fast):
	twilio = asked(carrier)
	ahead = twilio.clock()
	carrier.control("time", {"clock_offset": 0})
	assert timedelta(minutes=59) < ahead - twilio.clock() < timedelta(minutes=61)
	assert carrier.control("stats")["violations"] == []
