"""Sentences that are right for a count of one, in English and in Spanish."""

import frappe
import pytest

from school_dialer.automation.sentence import sentence
from school_dialer.base.counted import about, counted
from school_dialer.compliance.vocabulary import PURPOSES


@pytest.fixture
def spanish():
	frappe.local.lang = "es"
	yield
	frappe.local.lang = "en"


def test_one_has_a_form_of_its_own():
	assert [counted(number, "one day {1}", "{0} days {1}", "x") for number in (0, 1, 2)] == [
		"0 days x",
		"one day x",
		"2 days x",
	]


def test_no_purpose_is_a_bare_adjective():
	words = {purpose: about(purpose) for purpose in PURPOSES}
	assert words["Academic"] == "about academic matters"
	assert len(set(words.values())) == len(PURPOSES)
	assert all(
		text != f"about {purpose.lower()}"
		for purpose, text in words.items()
		if purpose in ("Academic", "General")
	)


def rule(**values):
	return frappe.get_doc({"doctype": "Dialer Rule", "rule_name": "r", "channel": "Voice", **values})


@pytest.mark.parametrize(
	("values", "part"),
	[
		({"kind": "Absence", "grace_minutes": 1}, "wait one minute, then"),
		({"kind": "Absence", "grace_minutes": 2}, "wait 2 minutes, then"),
		({"kind": "Fees due", "purpose": "Fees", "days": 1}, "for fees due within a day,"),
		({"kind": "Fees overdue", "purpose": "Fees", "days": 1}, "for fees overdue by a day or more,"),
		({"kind": "Exam ahead", "purpose": "Academic", "days": 1}, "about academic matters"),
	],
)
def test_a_rule_reads_right_for_one(values, part):
	assert part in sentence(rule(**values))


def test_a_rule_reads_right_for_one_in_spanish(spanish):
	assert "esperar un minuto y luego" in sentence(rule(kind="Absence", grace_minutes=1))
	assert about("Academic") == "sobre asuntos académicos"
