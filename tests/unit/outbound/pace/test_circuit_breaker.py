"""What one dispatcher receives, and when it stops.

What all processes count is in tests/integration/with_carrier/outbound/pace/test_refusals.py.
"""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("frappe", reason="it is pure, but lives beside what is not")

from school_dialer.carriers import faults
from school_dialer.carriers.base import (
	BadNumber,
	ConnectionFailed,
	NotAuthorised,
	Placed,
	RateLimited,
	Refused,
	SenderRefused,
)
from school_dialer.carriers.twilio_errors import FAULTS, translated
from school_dialer.outbound.pace.circuit_breaker import (
	LEAST,
	LEAST_OF,
	STRANGE,
	TOO_FAST_MOST,
	CircuitBreaker,
	counts_as_trouble,
	trouble_among,
)

CAMPAIGN = "DC-1"


def heard(answers: list, times: int = 1) -> CircuitBreaker:
	breaker = CircuitBreaker()
	for answer in answers * times:
		breaker.record_result(CAMPAIGN, answer)
	return breaker


def test_the_account_stops_everything_at_once():
	breaker = heard([translated(401, 20003)])
	assert breaker.open_for(CAMPAIGN) and breaker.open_for("another")


def test_faults_of_the_school_are_left_to_the_call_logs_which_all_processes_see():
	assert not heard([translated(400, 21606)], 200).open_for(CAMPAIGN)


def test_a_person_s_refusals_stop_nothing():
	personal = [
		code for code, fault in FAULTS.items() if fault.of_the_person and fault.breaker == faults.NOTHING
	]
	assert personal
	for code in personal:
		assert not heard([translated(400, code)], 200).open_for(CAMPAIGN)


def test_no_room_opens_it_only_when_it_does_not_end():
	full, fine = translated(400, 10004), Placed("CA1", "queued")
	assert not heard([full] * (TOO_FAST_MOST - 1) + [fine], 5).open_for(CAMPAIGN)
	assert heard([full], TOO_FAST_MOST).open_for(CAMPAIGN)


def test_after_resume_it_starts_over_although_another_process_paused_it():
	breaker = CircuitBreaker()
	breaker.begin(SimpleNamespace(name=CAMPAIGN, resumed_at=None))
	for _ in range(TOO_FAST_MOST):
		breaker.record_result(CAMPAIGN, translated(400, 10004))
	assert breaker.open_for(CAMPAIGN)
	breaker.begin(SimpleNamespace(name=CAMPAIGN, resumed_at=None))
	assert breaker.open_for(CAMPAIGN)
	breaker.begin(SimpleNamespace(name=CAMPAIGN, resumed_at="2026-05-13 12:00:00"))
	assert not breaker.open_for(CAMPAIGN)


ANSWERS = [
	Placed("CA1", "queued"),
	BadNumber("bad"),
	Refused("no"),
	SenderRefused("ours"),
	NotAuthorised("account"),
	RateLimited("later"),
	ConnectionFailed("gone"),
]


@given(st.lists(st.sampled_from(ANSWERS), max_size=300))
def test_closed_it_is_closed(answers):
	breaker = heard(answers)
	breaker.close(CAMPAIGN)
	assert not breaker.open_for(CAMPAIGN)


@pytest.mark.parametrize(
	("code", "status", "expected"),
	[
		(21606, "refused", True),
		(30034, "undelivered", True),
		(30007, "failed", True),
		(30001, "undelivered", True),
		(30036, "undelivered", False),
		(20429, "refused", False),
		(10004, "refused", False),
		(20003, "refused", False),
		(30002, "failed", True),
		(30003, "undelivered", False),
		(21610, "refused", False),
	],
)
def test_what_the_call_logs_count(code, status, expected):
	assert counts_as_trouble(FAULTS[code], status) is expected


@pytest.fixture
def by_twilio(monkeypatch):
	from school_dialer.carriers.twilio_errors import fault_of

	monkeypatch.setattr(
		"school_dialer.settings.carrier_faults.fault_of", lambda code, carrier=None: fault_of(code)
	)


def rows(*some: tuple[str, str, int]) -> list:
	return [
		SimpleNamespace(status=status, error_code=code, carrier="twilio")
		for status, code, count in some
		for _ in range(count)
	]


def test_three_of_the_school_s_are_no_accident_and_a_third_of_all_is(by_twilio):
	unregistered = ("undelivered", "30034", LEAST)
	assert trouble_among(rows(unregistered), 100) == (("30034",), LEAST, LEAST)
	assert trouble_among(rows(("undelivered", "30034", LEAST - 1)), 100) is None
	assert trouble_among(rows(unregistered, ("delivered", "", 3 * LEAST)), 100) is None


def test_faults_of_several_codes_count_together(by_twilio):
	assert trouble_among(rows(("refused", "21606", 1), ("refused", "21659", 2)), 100) == (
		("21659", "21606"),
		3,
		3,
	)


def test_a_small_audience_needs_fewer_where_there_is_no_accident(by_twilio):
	assert trouble_among(rows(("undelivered", "30034", 1)), 1)
	assert trouble_among(rows(("undelivered", "30007", 3)), 3)
	assert trouble_among(rows(("refused", "29999", 3)), 3)
	for code, count in (("30007", 2), ("30008", 5), ("29999", 2), ("30001", 5)):
		assert trouble_among(rows(("undelivered", code, count)), 1) is None


def test_filtered_texts_and_unknown_codes_need_more(by_twilio):
	for kind, code in (
		(faults.CONTENT, "30007"),
		(STRANGE, "29999"),
		(faults.UNKNOWN, "30008"),
		(faults.LATER, "30001"),
	):
		least = LEAST_OF[kind]
		assert trouble_among(rows(("undelivered", code, least - 1)), 100) is None
		assert trouble_among(rows(("undelivered", code, least)), 100) == ((code,), least, least)


def test_people_s_own_failures_are_the_others(by_twilio):
	assert trouble_among(rows(("undelivered", "30003", 90), ("refused", "21610", 10)), 100) is None
	assert trouble_among(rows(("undelivered", "30003", 70), ("undelivered", "30034", 25)), 100) is None
