"""The one text that answers the person: exempt from the block it confirms, for five minutes."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.compliance import (
	Consent,
	Facts,
	OptOut,
	Person,
	Request,
	decide,
	policies,
	record_of,
	replay,
)
from school_dialer.compliance.codec import parse_time

AT = parse_time("2026-05-12T07:00:00Z")
REFUSED = Facts(opt_outs=(OptOut("everything", None, "Any", AT),), carrier_blocked=True)


def request(**more) -> Request:
	values = {"phone": "+13125550142", "channel": "Text", "purpose": "General", "answers": AT}
	return Request(**{**values, "person": Person("US", "IL"), **more})


def verdict(one: Request, at=AT) -> str:
	return decide(one, REFUSED, policies.load("US"), at).verdict


def test_confirms_the_block_it_is_exempt_from_at_any_hour():
	decision = decide(request(), REFUSED, policies.load("US"), AT + timedelta(minutes=5))
	assert decision.allowed
	assert record_of(replay(record_of(decision))) == record_of(decision)


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=400)))
def test_not_later_and_not_before(away):
	assert verdict(request(), AT + timedelta(minutes=5) + away) == "BLOCK"
	assert verdict(request(), AT - away) == "BLOCK"


@pytest.mark.parametrize(
	"more",
	[
		{"channel": "Voice"},
		{"channel": None},
		{"answers": None},
		{"phone": "312-555"},
		{"person": Person("US", "IL", restricted=True)},
	],
)
def test_nothing_else_is_exempt(more):
	assert verdict(request(**more)) == "BLOCK"


def test_a_deferral_ends_when_the_person_asks():
	consent = Consent("Any", "All", "number provided", AT - timedelta(days=100))
	later = AT + timedelta(hours=2)
	decision = decide(request(answers=later), Facts((consent,)), policies.load("US"), AT)
	assert (decision.verdict, decision.until) == ("DEFER", later)
