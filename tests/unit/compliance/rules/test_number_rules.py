"""Rules about the number itself: rules/number.py."""

import pytest

from school_dialer.compliance import Person, Request, decide, policies
from school_dialer.compliance.model import Facts
from tests.unit.compliance.cases import GIVEN, WRITTEN, amended, judge, outcome, request


@pytest.mark.parametrize(
	"number", [None, "", "312-555", "3125550142", "+1312555014", "tel:+13125550142", "x" * 500]
)
def test_what_is_not_a_whole_international_number_is_blocked(number):
	what = Request(number, "Voice", "General", Person("US", "IL"))
	assert outcome(what, GIVEN) == ("BLOCK", ("INVALID_NUMBER",))


def test_text_in_international_form_is_read():
	assert outcome(Request("+1 (312) 555-0142", "Voice", "General", Person("US")), GIVEN) == ("ALLOW", ())


def test_premium_numbers_are_blocked():
	assert outcome(request("+19005550142", state="IL"), GIVEN) == ("BLOCK", ("INVALID_NUMBER",))


def test_the_hours_of_a_known_address_are_reported_for_a_bad_number_too(at_night):
	assert outcome(request("312-555", state="IL"), when=at_night) == (
		"BLOCK",
		("INVALID_NUMBER", "NO_CONSENT", "OUTSIDE_CALLING_HOURS"),
	)
	assert outcome(request("312-555"), when=at_night) == ("BLOCK", ("INVALID_NUMBER", "NO_CONSENT"))


@pytest.mark.parametrize(
	"number, country",
	[("+819012345678", "JP"), ("+13125550142", "JP"), ("+819012345678", "US"), ("+13125550142", "Atlantis")],
)
def test_countries_without_policy(number, country):
	assert outcome(request(number, country=country), WRITTEN) == ("BLOCK", ("UNSUPPORTED_COUNTRY",))


def test_a_number_of_another_country_needs_a_policy_that_covers_it():
	assert outcome(request("+14165550142"), WRITTEN) == ("BLOCK", ("UNSUPPORTED_COUNTRY",))
	both = amended(countries=["US", "CA"])
	assert judge(request("+14165550142"), WRITTEN, policy=both).allowed


@pytest.mark.parametrize("country", ["US", "us", " USA ", "United States", None])
def test_names_of_the_country(country):
	assert outcome(request(country=country), GIVEN) == ("ALLOW", ())


def test_no_policy_blocks(at_night):
	decision = decide(request(), Facts((GIVEN,)), None, at_night)
	assert (decision.verdict, decision.codes, decision.policy) == ("BLOCK", ("UNSUPPORTED_COUNTRY",), "none")
	assert policies.for_person("JP") is policies.NONE


def test_territories_are_covered():
	assert outcome(request("+17875550142", country="PR"), GIVEN) == ("ALLOW", ())
	assert outcome(request("+17875550142", country="US", state="PR"), GIVEN) == ("ALLOW", ())
