"""The number of a person who agreed to be called, and texts that come while the site does not answer."""

import frappe
import pytest

from dev.demo.stage import SENDER
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
