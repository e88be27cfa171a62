"""The preference page as a browser without scripts sees it.

It runs in this process, inside the test's transaction.
"""

from collections.abc import Callable
from datetime import timedelta

import frappe
import frappe.app  # Sets how much of a form werkzeug reads.
import pytest

from school_dialer.base import clock
from school_dialer.consent.choices import preference_link, rate_limits
from school_dialer.website import preference_page
from school_dialer.website.receipt_page import ReceiptPage
from tests.integration import factories as make
from tests.integration.visitor import Visitor


@pytest.fixture
def visitor(monkeypatch) -> Visitor:
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(preference_page, "take_as_long_as", lambda *_: None)
	monkeypatch.setattr(rate_limits, "over", lambda *_: False)
	return Visitor()


@pytest.fixture
def holder(visitor: Visitor) -> Visitor:
	"""Return a guest at the receipt page."""
	return Visitor(ReceiptPage)


@pytest.fixture
def phone() -> str:
	return make.phone()


@pytest.fixture
def link(phone: str) -> str:
	"""Return the token of a preference link for a number with consent."""
	make.consent(phone)
	return token_for(phone)


def token_for(phone: str, **more) -> str:
	return preference_link.url(preference_link.issue(phone, **more)).rpartition("t=")[2]


@pytest.fixture
def make_token() -> Callable[..., str]:
	return token_for


@pytest.fixture
def later(monkeypatch) -> Callable[..., None]:
	"""Return a function that sets the site's clock so long after the present time."""
	started = clock.now()

	def set_clock(**passed: float) -> None:
		monkeypatch.setattr(clock, "now", lambda: started + timedelta(**passed))

	return set_clock
