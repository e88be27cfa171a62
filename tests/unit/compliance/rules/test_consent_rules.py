"""Consent: rules/consent.py."""

import pytest

from school_dialer.compliance import Consent
from school_dialer.compliance.vocabulary import BASES, CHANNELS, PURPOSES
from tests.unit.compliance.cases import GIVEN, GRANTED, NOON, WRITTEN, amended, days, judge, outcome, request

MISSION = [purpose for purpose in PURPOSES if purpose not in ("Emergency", "Fundraising")]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("purpose", MISSION)
@pytest.mark.parametrize("basis", BASES)
def test_any_basis_is_enough_for_the_schools_mission(channel, purpose, basis):
	for consent in (
		Consent(channel, purpose, basis, GRANTED),
		Consent("Any", "All", basis, GRANTED),
	):
		assert outcome(request(channel=channel, purpose=purpose), consent) == ("ALLOW", ())


@pytest.mark.parametrize(
	"consent",
	[
		Consent("Text", "General", "express written", GRANTED),
		Consent("Voice", "Fees", "express written", GRANTED),
		Consent(None, "General", "express written", GRANTED),
		Consent("Voice", None, "express written", GRANTED),
		Consent("Voice", "General", None, GRANTED),
		Consent("Voice", "General", "express written", None),
		Consent("Voice", "General", "express written", NOON + days(1)),
	],
)
def test_what_is_no_consent_for_a_call_about_something_general(consent):
	assert outcome(request(), consent) == ("BLOCK", ("NO_CONSENT",))


def test_fund_raising_needs_express_written_consent():
	what = request(purpose="Fundraising")
	assert outcome(what) == ("BLOCK", ("NO_CONSENT",))
	assert outcome(what, Consent("Any", "Fees", "express written", GRANTED)) == ("BLOCK", ("NO_CONSENT",))
	for basis in ("number provided", "express oral"):
		weak = Consent("Any", "Fundraising", basis, GRANTED)
		assert outcome(what, weak) == ("BLOCK", ("WRITTEN_CONSENT_REQUIRED",))
		assert outcome(what, weak, WRITTEN) == ("ALLOW", ())
	assert outcome(what, Consent("Any", "Fundraising", "express written", GRANTED)) == ("ALLOW", ())


def test_expiry_is_the_first_instant_without_consent():
	consent = Consent("Any", "All", "number provided", GRANTED, expires_at=NOON)
	assert outcome(request(), consent) == ("BLOCK", ("CONSENT_EXPIRED",))
	assert outcome(request(), consent, when=NOON - days(1)) == ("ALLOW", ())
	assert outcome(request(), consent, GIVEN) == ("ALLOW", ())


def test_consents_are_verified_now_and_then():
	old = Consent("Any", "All", "number provided", NOON - days(730))
	assert outcome(request(), old) == ("BLOCK", ("CONSENT_STALE",))
	assert outcome(request(), old, when=NOON - days(1)) == ("ALLOW", ())
	verified = Consent("Any", "All", "number provided", NOON - days(3000), None, NOON - days(100))
	assert outcome(request(), verified) == ("ALLOW", ())
	in_future = Consent("Any", "All", "number provided", NOON - days(3000), None, NOON + days(100))
	assert outcome(request(), in_future) == ("BLOCK", ("CONSENT_STALE",))
	assert outcome(request(), old, policy=amended(consent__stale_after_days=None)) == ("ALLOW", ())
	assert outcome(request(), GIVEN, policy=amended(consent__stale_after_days=30)) == (
		"BLOCK",
		("CONSENT_STALE",),
	)


def test_staff_do_not_revive_a_stale_consent():
	def consent(silent: int) -> Consent:
		return Consent("Any", "All", "number provided", NOON - days(3000), None, NOON - days(1), silent)

	assert outcome(request(), consent(729)) == ("ALLOW", ())
	assert outcome(request(), consent(730)) == ("BLOCK", ("CONSENT_STALE",))
	assert outcome(request(), consent(730), GIVEN) == ("ALLOW", ())
	assert outcome(request(), consent(9000), policy=amended(consent__stale_after_days=None)) == ("ALLOW", ())


def test_every_defect_of_the_consents_that_cover_is_reported():
	expired = Consent("Any", "All", "express written", GRANTED, NOON - days(1))
	stale = Consent("Any", "All", "express written", NOON - days(1000))
	codes = ("CONSENT_EXPIRED", "CONSENT_STALE", "WRITTEN_CONSENT_REQUIRED")
	assert judge(request(purpose="Fundraising"), expired, stale, GIVEN).codes == codes


def test_a_purpose_or_channel_not_told_needs_the_widest_consent():
	assert outcome(request(purpose=None), GIVEN) == ("BLOCK", ("WRITTEN_CONSENT_REQUIRED",))
	assert outcome(request(purpose=None), WRITTEN) == ("ALLOW", ())
	voice = Consent("Voice", "All", "express written", GRANTED)
	assert outcome(request(channel=None), voice) == ("BLOCK", ("NO_CONSENT",))
	assert outcome(request(channel=None), GIVEN) == ("ALLOW", ())


def test_policies_decide_which_bases_are_enough():
	oral = amended(consent__bases={"*": ["express oral", "express written"]})
	assert outcome(request(), GIVEN, policy=oral) == ("BLOCK", ("NO_CONSENT",))
	assert outcome(request(), WRITTEN, policy=oral) == ("ALLOW", ())


def test_a_policy_may_exempt_informational_calls_to_landlines():
	exempting = amended(consent__landline_exempt_purposes=["General"])
	landline = request(line_type="landline")
	assert outcome(landline, policy=exempting) == ("ALLOW", ())
	assert outcome(landline) == ("BLOCK", ("NO_CONSENT",))
	assert outcome(request(line_type="mobile"), policy=exempting) == ("BLOCK", ("NO_CONSENT",))
	assert outcome(request(), policy=exempting) == ("BLOCK", ("NO_CONSENT",))
	assert outcome(request(purpose="Fees", line_type="landline"), policy=exempting) == (
		"BLOCK",
		("NO_CONSENT",),
	)


def test_a_deferral_ends_when_the_consent_does(at_night):
	ends = at_night.replace(hour=10)
	decision = judge(request(), Consent("Any", "All", "number provided", GRANTED, ends), when=at_night)
	assert (decision.verdict, decision.until) == ("DEFER", ends)
	at_its_end = judge(request(), Consent("Any", "All", "number provided", GRANTED, ends), when=ends)
	assert at_its_end.codes == ("CONSENT_EXPIRED", "OUTSIDE_CALLING_HOURS")
