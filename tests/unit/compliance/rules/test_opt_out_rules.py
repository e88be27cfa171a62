"""Opt-outs and the carrier's own opt-outs: rules/opt_out.py."""

from dataclasses import replace

import pytest

from school_dialer.compliance import Consent
from school_dialer.compliance.vocabulary import PURPOSES
from tests.unit.compliance.cases import APPROVED, GIVEN, NOON, days, judge, opt_out, outcome, request

ORDINARY = [purpose for purpose in PURPOSES if purpose != "Emergency"]


def stopped(opt, purpose="General", channel="Voice"):
	what = request(purpose=purpose, channel=channel, emergency=APPROVED if purpose == "Emergency" else None)
	consent = Consent("Any", "All", "express written", GIVEN.granted_at)
	codes = judge(what, consent, opt_outs=(opt,)).codes
	assert codes in ((), ("OPTED_OUT",))
	return bool(codes)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_scopes(purpose):
	emergency = purpose == "Emergency"
	assert stopped(opt_out("everything"), purpose)
	assert stopped(opt_out("all non-emergency"), purpose) is not emergency
	assert stopped(opt_out("this purpose", purpose), purpose)
	other = "Fees" if purpose != "Fees" else "Event"
	assert not stopped(opt_out("this purpose", other), purpose)


@pytest.mark.parametrize("purpose", ORDINARY)
def test_what_is_missing_is_read_strictly(purpose):
	assert stopped(opt_out(None), purpose)
	assert stopped(opt_out("this purpose", None), purpose)
	assert stopped(opt_out("this purpose", "Fees"), None)


def test_it_says_that_the_person_said_it_at_another_number():
	here = opt_out("all non-emergency")
	elsewhere = replace(opt_out("this purpose", "General"), elsewhere=True)
	for stops, said in (((elsewhere,), True), ((here, elsewhere), False)):
		reasons = judge(request(purpose="General"), opt_outs=stops).reasons
		(reason,) = (one for one in reasons if one.code == "OPTED_OUT")
		assert reason.detail.endswith(" at another number.") is said
		assert ("elsewhere" in reason.values) is said


def test_missing_scopes_and_emergencies():
	assert stopped(opt_out(None), "Emergency")
	assert not stopped(opt_out("this purpose", None), "Emergency")


@pytest.mark.parametrize("channel", ["Voice", "Text", None])
def test_channels(channel):
	assert stopped(opt_out("everything", channel="Any"), channel=channel)
	assert stopped(opt_out("everything", channel=None), channel=channel)
	assert stopped(opt_out("everything", channel="Voice"), channel=channel) is (channel != "Text")
	assert stopped(opt_out("everything", channel="Text"), channel=channel) is (channel != "Voice")


def test_a_later_consent_does_not_undo_an_opt_out():
	later = Consent("Any", "All", "express written", NOON - days(1))
	assert outcome(request(), later, opt_outs=(opt_out("this purpose", "General"),)) == (
		"BLOCK",
		("OPTED_OUT",),
	)


def test_an_opt_out_dated_in_the_future_or_not_at_all_is_in_force():
	assert stopped(opt_out("everything", when="2030-01-01T00:00:00Z"))
	from school_dialer.compliance import OptOut

	assert stopped(OptOut("everything"))


@pytest.mark.parametrize(
	"purpose, channel, blocked",
	[
		("General", "Voice", True),
		("General", "Text", True),
		("Emergency", "Text", True),
		("Emergency", "Voice", False),
		("Emergency", None, True),
	],
)
def test_a_stop_at_the_carrier(purpose, channel, blocked):
	what = request(purpose=purpose, channel=channel, emergency=APPROVED)
	assert judge(what, GIVEN, carrier_blocked=True).codes == (("CARRIER_BLOCKED",) if blocked else ())
