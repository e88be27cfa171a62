"""The button Verify the Ledger: everything is read, what was changed is said, and numbers are masked."""

import frappe
import pytest

from school_dialer.consent import ledger
from school_dialer.consent.integrity import verify
from school_dialer.desk.district import ledger as desk
from school_dialer.proof_log import check
from tests.integration import factories as make


@pytest.fixture
def number() -> str:
	number = make.phone()
	make.consent(number)
	ledger.verify(number, evidence=make.evidence())
	return number


def test_it_reads_everything(number):
	found, ledgers = desk.verify_ledger(), verify.verify_ledger()
	assert found["events"] >= 2 and found["phones"] >= 1
	assert found["count"] == sum(map(len, (ledgers.problems, ledgers.findings, check.examine().findings)))


def test_a_change_is_said_in_a_sentence_without_the_number(number):
	changed = verify.Report(2, 1, 0, (verify.Problem("edited", number, 2, "E", "x"),), (), (), 0.1)
	(said,) = desk.sentences(changed, check.Report())
	assert said.startswith("Event 2 of") and said.endswith("it was changed.")
	assert number not in said


@pytest.mark.parametrize("kind", ["edited", "deleted", "inserted", "re-ordered", "unchecked"])
def test_every_kind_of_change_has_words(kind):
	assert desk.what_happened(kind) != kind


def test_it_is_for_the_officer(as_role):
	as_role("Dialer Manager")
	with pytest.raises(frappe.PermissionError):
		desk.verify_ledger()
