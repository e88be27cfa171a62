"""An account at the carrier, its scenarios, and families, for the tests of what it refuses."""

import pytest

from tests.integration import factories as make

ORDINARY = {
	"refuse": {},
	"type": "Full",
	"redaction": "all",
	"redaction_refusal": "at once",
	"calls_at_once": 0,
	"trial_status": 403,
}
PEOPLE = 6


@pytest.fixture
def account(carrier):
	"""Yield a function that changes the account at the carrier: `account(refuse={...})`.

	The account is an ordinary one again afterwards.
	"""
	yield lambda **changes: carrier.control("account", changes)
	carrier.control("account", ORDINARY)


@pytest.fixture
def scenario(carrier):
	"""Yield a function that switches the carrier to one of its scenarios, by name (dev/carrier/README.md)."""
	yield carrier.scenario
	carrier.scenario("redaction")


@pytest.fixture
def people(carrier):
	"""Return a function that makes families who answer and get their texts, unless set otherwise."""

	def of(count: int = PEOPLE, **behaviour) -> list[str]:
		numbers = make.many_phones(count)
		make.consents(numbers)
		told = {"behaviour": "answers", "text": {"delivery": "delivered"}, **behaviour}
		carrier.control("people", dict.fromkeys(numbers, told))
		return numbers

	return of
