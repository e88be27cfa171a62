from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The repository for dev.carrier and this folder for shared test code, wherever pytest is started.
sys.path[:0] = [str(Path(__file__).resolve().parents[3]), str(Path(__file__).resolve().parent)]

from carrier_kit import Site  # noqa: E402
from twilio.rest import Client  # noqa: E402

from dev.carrier import client as clients  # noqa: E402
from dev.carrier.server import Handle, start  # noqa: E402

SPEED = 2000


@pytest.fixture(scope="session")
def running_carrier() -> Iterator[Handle]:
	with start(seed=7, speed=SPEED, calls_per_second=0) as handle:
		yield handle


@pytest.fixture(scope="session")
def running_site(running_carrier: Handle) -> Iterator[Site]:
	site = Site(running_carrier.token)
	yield site
	site.close()


@pytest.fixture
def site(running_site: Site) -> Site:
	running_site.clear()
	return running_site


@pytest.fixture
def carrier(running_carrier: Handle) -> Iterator[Handle]:
	running_carrier.control("reset", {"truncate_log": True})
	running_carrier.control("people", {"*": {"behaviour": "answers"}})
	yield running_carrier
	assert running_carrier.control("stats")["failures"] == 0


@pytest.fixture
def twilio(carrier: Handle) -> Client:
	return clients.client(carrier.url, carrier.account, carrier.token)
