"""The demo's own judgment of who must be planned for: each guardian by name, at each number that is due."""

from datetime import datetime, timedelta, timezone

import pytest

NOW = datetime(2026, 3, 9, 16, 30, tzinfo=timezone.utc)
HOME, CELL, OTHER = "+17085550120", "+17085550121", "+17085550122"


@pytest.fixture
def planned():
	pytest.importorskip("frappe")
	from dev.demo import planned

	return planned


def consent(**changes):
	from school_dialer.compliance.model import Consent

	given = {"channel": "Any", "purpose": "All", "basis": "number provided"}
	return Consent(**{**given, "granted_at": NOW - timedelta(days=200), **changes})


def facts_of(home=(), cell=(), **changes):
	from school_dialer.consent.facts import ConsentFacts

	return {HOME: ConsentFacts(tuple(home)), CELL: ConsentFacts(tuple(cell), **changes)}


def test_an_ordinary_campaign_is_due_at_the_numbers_with_consent_and_an_emergency_at_all(planned):
	facts = facts_of(cell=[consent()])
	assert planned.due_numbers("G1", [HOME, CELL], facts, "Voice", NOW) == [CELL]
	assert planned.due_numbers("G1", [HOME, CELL], facts, None, NOW) == [HOME, CELL]


def test_a_stop_at_one_number_leaves_none_due(planned):
	from school_dialer.compliance.model import OptOut

	facts = facts_of([consent()], [consent()], opt_outs=(OptOut(),))
	assert not planned.due_numbers("G1", [HOME, CELL], facts, "Voice", NOW)


def test_another_persons_word_is_no_consent(planned):
	facts = facts_of(cell=[consent()], provided_by=({"Guardian/G2": None},))
	assert not planned.due_numbers("G1", [CELL], facts, "Voice", NOW)
	assert planned.due_numbers("G2", [CELL], facts, "Voice", NOW) == [CELL]


@pytest.mark.parametrize(
	"changes",
	[
		{"channel": "Text"},
		{"purpose": "Fundraising"},
		{"expires_at": NOW + timedelta(days=1)},
		{"granted_at": NOW - timedelta(days=800)},
		{"last_verified_at": NOW, "unconfirmed_days": 800},
	],
)
def test_a_doubtful_consent_demands_nothing(planned, changes):
	assert planned.agreed([consent()], "Voice", NOW)
	assert not planned.agreed([consent(**changes)], "Voice", NOW)


def test_everyone_at_a_shared_number_is_to_be_named(planned):
	due = {"G1": [HOME], "G2": [HOME, CELL]}
	assert not list(planned.misplanned("all", {("G1", HOME), ("G2", HOME), ("G2", CELL)}, due, due))
	(missed,) = planned.misplanned("all", {("G1", HOME)}, due, due)
	assert "G2" in missed and "was not planned for" in missed


def test_a_second_number_is_to_be_planned_too(planned):
	(missed,) = planned.misplanned("all", {("G1", HOME)}, {"G1": [HOME, CELL]}, {"G1": [HOME, CELL]})
	assert "G1" in missed and "21" in missed


def test_a_stranger_and_a_strange_number_are_found(planned):
	lines = {("G1", ""), ("G1", OTHER), ("G9", OTHER)}
	wrong, stranger = planned.misplanned("own", lines, {}, {"G1": [HOME]})
	assert "G1" in wrong and "not on record" in wrong
	assert "G9" in stranger and "no child there" in stranger
