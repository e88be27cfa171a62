"""Emergencies: rules/emergency.py and what they waive."""

from datetime import date

import pytest

from school_dialer.compliance import Attempt, Emergency
from school_dialer.compliance.vocabulary import EMERGENCY_TYPES
from tests.unit.compliance.cases import APPROVED, NOON, at, judge, opt_out, outcome, request


@pytest.mark.parametrize("kind", EMERGENCY_TYPES)
def test_each_type_of_the_closed_list(kind):
	what = request(purpose="Emergency", emergency=Emergency(kind, "ann@school.example", "bea@school.example"))
	assert outcome(what) == ("ALLOW", ())


@pytest.mark.parametrize(
	"emergency",
	[
		None,
		Emergency(),
		Emergency("Picnic", "ann", "bea"),
		Emergency("", "ann", "bea"),
		Emergency("Fire", None, "bea"),
		Emergency("Fire", "ann", None),
		Emergency("Fire", "ann", "  "),
		Emergency("Fire", "ann", "ann"),
		Emergency("Fire", "ann@school.example", " ANN@School.Example "),
		Emergency("Fire", "Ann  Lee", "ann\u00a0lee"),
		Emergency("Fire", "ａｎｎ", "ann"),
		Emergency("Fire", "a\u200bnn", "ann\u2060"),
	],
)
def test_what_is_no_approved_emergency(emergency):
	what = request(purpose="Emergency", emergency=emergency)
	assert outcome(what) == ("BLOCK", ("EMERGENCY_NOT_APPROVED",))


def test_case_and_spaces_of_the_type_do_not_matter():
	assert outcome(request(purpose="Emergency", emergency=Emergency(" weather  Closure ", "ann", "bea"))) == (
		"ALLOW",
		(),
	)


def test_an_emergency_waives_consent_hours_holidays_and_caps():
	night = at("2026-07-05T08:00:00Z")
	what = request("+13055550142", purpose="Emergency", emergency=APPROVED, state="FL")
	history = tuple(Attempt(night, "Voice", "Emergency") for _ in range(9))
	assert outcome(what, when=night, history=history, holidays=frozenset({date(2026, 7, 5)})) == ("ALLOW", ())
	toll_free = request("+18005550142", purpose="Emergency", emergency=APPROVED)
	assert outcome(toll_free, when=night) == ("ALLOW", ())


def test_what_an_emergency_does_not_waive():
	what = request(purpose="Emergency", emergency=APPROVED, restricted=True)
	assert outcome(what, opt_outs=(opt_out("everything"),)) == ("BLOCK", ("OPTED_OUT", "RESTRICTED_CONTACT"))
	assert outcome(request("312-555", purpose="Emergency", emergency=APPROVED)) == (
		"BLOCK",
		("INVALID_NUMBER",),
	)
	foreign = request("+819012345678", purpose="Emergency", emergency=APPROVED)
	assert outcome(foreign) == ("BLOCK", ("UNSUPPORTED_COUNTRY",))


def test_an_emergency_declared_for_another_purpose_waives_nothing():
	assert judge(request(purpose="General", emergency=APPROVED), when=NOON).codes == ("NO_CONSENT",)
