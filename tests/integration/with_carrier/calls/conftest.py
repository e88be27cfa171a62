"""The number of a person who agreed to be called, texts that come while the site does not answer, and a site
without a carrier."""

from collections.abc import Iterator

import frappe
import pytest

from dev.demo.stage import CARRIER_KEY, SENDER
from tests.integration import factories as make


@pytest.fixture
def number(carrier) -> str:
	phone = make.phone()
	make.consent(phone)
	frappe.db.commit()
	return phone


@pytest.fixture
def unheard(carrier):
	"""Return a function that sends texts while the site does not answer, and returns the carrier's ids."""

	def send(number: str, *bodies: str) -> list[str]:
		carrier.control("faults", {"site_down": 1})
		given = [{"from": number, "to": SENDER, "body": body} for body in bodies]
		answers = [carrier.control("inbound_text", one) for one in given]
		carrier.control("faults", {})
		assert all(answer["error"] for answer in answers), "the site answered"
		return [answer["sid"] for answer in answers]

	return send


@pytest.fixture
def no_carrier(school: None, monkeypatch) -> Iterator[None]:
	"""Take the address of the test carrier, and the school's account at it, from the site."""
	monkeypatch.delitem(frappe.conf, CARRIER_KEY)
	account = frappe.db.get_single_value("Dialer Settings", "account_sid")
	set_account("")
	yield
	frappe.db.rollback()
	set_account(account)


def set_account(account: str) -> None:
	"""Write it, since the threads of a dispatcher read the settings on their own."""
	frappe.db.set_single_value("Dialer Settings", "account_sid", account)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
