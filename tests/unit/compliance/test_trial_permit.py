"""Permits for tests: for one user, number and version of the words, once, within a minute."""

from datetime import timedelta

import pytest

from school_dialer.compliance.mint import mint_trial
from school_dialer.compliance.permit import NotPermitted, PermitExpired, PermitSpent, Trial, TrialPermit
from tests.unit.compliance.cases import CHICAGO, GIVEN, NOON, judge, request

TRIAL = Trial("ann@school.example", "Concert", 3)
OTHERS = (
	("bea@school.example", CHICAGO, "Concert", 3),
	("ann@school.example", "+13125550143", "Concert", 3),
	("ann@school.example", CHICAGO, "Closure", 3),
	("ann@school.example", CHICAGO, "Concert", 4),
	("ann@school.example", CHICAGO, None, 0),
)


def minted(trial: Trial = TRIAL, facts=GIVEN, **changes) -> TrialPermit:
	values = {"call_log": "CALL-0001", "to": CHICAGO, "sender": "+13125550199", **changes}
	return mint_trial(judge(request(), facts), trial, **values)


@pytest.mark.parametrize("other", OTHERS)
def test_it_is_for_no_other_test(other):
	made = minted()
	made.refuse_other("ann@school.example", CHICAGO, "Concert", 3)
	with pytest.raises(NotPermitted):
		made.refuse_other(*other)


def test_it_is_good_once_and_for_a_minute():
	made, late = minted(), minted()
	made.spend(NOON + timedelta(seconds=59))
	with pytest.raises(PermitSpent):
		made.spend(NOON + timedelta(seconds=59))
	with pytest.raises(PermitExpired):
		late.spend(NOON + timedelta(seconds=60))


def test_no_one_makes_one_but_the_mint():
	with pytest.raises(NotPermitted):
		minted(Trial(""))
	with pytest.raises(NotPermitted):
		minted(to="+13125550143")
	made = minted()
	with pytest.raises(AttributeError):
		made.trial = Trial("bea@school.example")
	with pytest.raises(NotPermitted):
		TrialPermit(object(), TRIAL, made.decision, "CALL-0002", CHICAGO, "+13125550199", made.expires_at)
