"""A number provided by one person is not consent of another person on the same line (FCC 16-88)."""

import frappe
import pytest

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.consent import ledger
from tests.integration import factories as make


@pytest.fixture
def parents() -> tuple[str, list[str]]:
	"""Return a phone number and the names of two guardians who share it."""
	phone = make.phone()
	names = [
		frappe.get_doc({"doctype": "Guardian", "guardian_name": name, "mobile_number": phone}).insert().name
		for name in ("Rosa Test", "Luis Test")
	]
	return phone, names


def codes(phone: str, person: str | None) -> set[str]:
	question = gate.EligibilityCheck("q", phone, "Guardian" if person else None, person)
	return set(gate.ask(gate.CallContext("Voice", "General"), [question], clock.now())["q"].decision.codes)


def test_it_counts_for_who_provided_it(parents):
	phone, (rosa, luis) = parents
	make.consent(phone, person_doctype="Guardian", person=rosa)
	assert "NO_CONSENT" not in codes(phone, rosa)
	assert "NO_CONSENT" in codes(phone, luis)
	make.consent(phone, person_doctype="Guardian", person=luis)
	for one in (rosa, luis, None):
		assert "NO_CONSENT" not in codes(phone, one)


def test_what_was_said_or_signed_and_older_consents_name_no_one(parents):
	phone, (rosa, luis) = parents
	make.consent(phone)
	assert "NO_CONSENT" not in codes(phone, luis)
	other = make.phone()
	make.consent(other, basis="express oral", person_doctype="Guardian", person=rosa)
	assert ledger.read([other])[other].of("Guardian", luis).consents
