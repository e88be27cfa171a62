"""The table of Twilio's errors: whose fault each is, in words, without blame for what is not known."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dev.carrier.api.errors import DELIVERY, REFUSALS
from school_dialer.carriers import faults
from school_dialer.carriers.base import (
	BadNumber,
	CarrierError,
	NotAuthorised,
	RateLimited,
	Refused,
	ResponseUnknown,
	SenderRefused,
	Unsubscribed,
)
from school_dialer.carriers.twilio import translated
from school_dialer.carriers.twilio_errors import BY_FAULT, FAULTS, UNKNOWN_CODE, fault_of

ONLY_WHEN_CHANGED = {20007, 20009, 20409, 20500, 21220, 30400, 30409, 35111, 35114, 35118}
"""Codes of the simulator that cannot occur when this app creates a call or text."""
KINDS = {*faults.SCHOOLS, faults.PERSON, faults.LATER, faults.UNKNOWN}


def test_each_code_stands_once():
	codes = Counter(code for _fault, _channel, some in BY_FAULT for code in some)
	assert max(codes.values()) == 1


@pytest.mark.parametrize("code", FAULTS)
def test_each_code_says_what_it_is_and_what_to_do(code):
	fault = FAULTS[code]
	assert fault.what and fault.todo and fault.kind in KINDS and fault.channel in ("Any", "Voice", "Text")
	assert fault.source == f"https://www.twilio.com/docs/api/errors/{code}"
	assert fault.breaker in (faults.NOTHING, faults.LIST, faults.COUNT, faults.STOP, faults.SLOW, faults.WAIT)
	assert not re.search(r"\d{4}", fault.what + fault.todo.replace("10DLC", ""))
	if fault.of_the_school:
		assert fault.breaker in (faults.COUNT, faults.STOP)
	if fault.of_the_person:
		assert fault.breaker in (faults.NOTHING, faults.LIST)


@pytest.mark.parametrize("code", sorted({*REFUSALS, *DELIVERY} - ONLY_WHEN_CHANGED))
def test_all_that_the_simulated_carrier_can_say_is_known(code):
	assert code in FAULTS


@pytest.mark.parametrize(
	("codes", "kind"),
	[
		((21210, 21212, 21606, 21659, 21660), faults.SENDER),
		((21608, 21219, 21408, 20003, 20005, 30002, 30029, 30030), faults.ACCOUNT),
		((30032, 30034), faults.REGISTRATION),
		((30007, 21617), faults.CONTENT),
		((21205, 21609), faults.CONFIGURATION),
		((10004, 20429, 21611, 30001, 30022, 30023, 30027, 30036, 63038), faults.LATER),
		((21211, 21214, 21217, 21610, 21612, 21614, 30003, 30005, 30006), faults.PERSON),
		((30008, 99999), faults.UNKNOWN),
	],
)
def test_whose_fault_it_is(codes, kind):
	assert {fault_of(code).kind for code in codes} == {kind}


@pytest.mark.parametrize(
	("status", "code", "expected"),
	[
		(403, 21608, SenderRefused),
		(400, 21608, SenderRefused),
		(403, 21610, Unsubscribed),
		(403, 21211, BadNumber),
		(403, 21614, Refused),
		(400, 20003, NotAuthorised),
		(403, 20005, NotAuthorised),
		(401, None, NotAuthorised),
		(403, None, NotAuthorised),
		(403, 403, NotAuthorised),
		(403, 98765, Refused),
		(400, 10004, RateLimited),
		(400, 21611, RateLimited),
		(429, None, RateLimited),
		(429, 98765, RateLimited),
		(429, 63038, RateLimited),
		(503, None, ResponseUnknown),
		(500, 20500, ResponseUnknown),
		(400, 30029, SenderRefused),
		(400, None, Refused),
		(400, "21610", Unsubscribed),
		(404, 20404, NotAuthorised),
	],
)
def test_the_code_decides_before_the_status(status, code, expected):
	assert type(translated(status, code)) is expected


@given(
	st.integers(400, 599),
	st.one_of(
		st.none(), st.integers(), st.text(max_size=8), st.booleans(), st.lists(st.integers(), max_size=2)
	),
)
def test_whatever_code_comes_no_one_is_blamed_for_what_is_not_known(status, code):
	error = translated(status, code)
	assert isinstance(error, CarrierError)
	known = fault_of(code if isinstance(code, int | str) else None)
	if isinstance(error, BadNumber | Unsubscribed):
		assert known and known.of_the_person
	if known is UNKNOWN_CODE and status < 500 and status not in (401, 429):
		assert type(error) is Refused and error.fault is UNKNOWN_CODE


@pytest.mark.parametrize("code", [None, "", 0, 400, "403"])
def test_no_code_is_no_fault(code):
	assert fault_of(code) is None
