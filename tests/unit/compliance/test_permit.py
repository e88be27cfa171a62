"""Permits: permit.py."""

import copy
import pickle
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from school_dialer.compliance import Emergency, permit
from school_dialer.compliance.mint import mint
from school_dialer.compliance.permit import (
	ARRIVES_WITHIN,
	TAKES,
	NoLongerAllowed,
	NotPermitted,
	Permit,
	PermitExpired,
	PermitSpent,
)
from tests.unit.compliance.cases import CHICAGO, GIVEN, NOON, WRITTEN, at, judge, request

SENDER = "+13125550199"


def minted(**changes):
	values = {"call_log": "CALL-0001", "to": CHICAGO, "sender": SENDER, **changes}
	return mint(judge(request(), GIVEN), **values)


def test_an_allow_makes_a_permit_for_exactly_that_call():
	made = minted()
	assert (made.to, made.sender, made.channel, made.call_log) == (CHICAGO, SENDER, "Voice", "CALL-0001")
	assert made.decision.allowed and made.expires_at == NOON + timedelta(seconds=30)
	made.spend(NOON + timedelta(seconds=5))
	assert made.spent


def test_it_is_good_once():
	made = minted()
	made.spend(NOON)
	with pytest.raises(PermitSpent):
		made.spend(NOON)


def test_it_is_good_for_seconds_and_not_before():
	with pytest.raises(PermitExpired):
		minted().spend(NOON + timedelta(seconds=30))
	with pytest.raises(PermitExpired):
		minted().spend(NOON - timedelta(seconds=1))
	expired = minted(valid_for=timedelta(seconds=2))
	with pytest.raises(PermitExpired):
		expired.spend(NOON + timedelta(seconds=2))
	with pytest.raises(PermitSpent):
		expired.spend(NOON)


def test_a_window_that_closes_meanwhile_refuses():
	with pytest.raises(NoLongerAllowed, match="OUTSIDE_CALLING_HOURS"):
		minted_at("2026-05-13T01:59:55Z").spend(at("2026-05-13T02:00:01Z"))


def test_the_phone_has_to_ring_inside_the_hours_too():
	"""A request that left in the last millisecond reached the carrier a millisecond after the hours."""
	with pytest.raises(NoLongerAllowed, match="OUTSIDE_CALLING_HOURS"):
		minted_at("2026-05-13T01:59:55Z").spend(at("2026-05-13T01:59:59.999Z"))
	in_time = minted_at("2026-05-13T01:59:40Z")
	in_time.spend(CLOSES - ARRIVES_WITHIN - TAKES["Voice"] - timedelta(microseconds=1))
	assert in_time.spent


def test_a_text_leaves_earlier_since_networks_take_their_time():
	decision = judge(request(channel="Text"), GIVEN, when=at("2026-05-13T01:59:10Z"))
	made = mint(decision, call_log="CALL-0001", to=CHICAGO, sender=SENDER)
	with pytest.raises(NoLongerAllowed):
		made.spend(CLOSES - ARRIVES_WITHIN - TAKES["Text"])


CLOSES = at("2026-05-13T02:00:00Z")
"""9 p.m. in Chicago."""


def test_it_says_when_the_hours_end():
	"""Past midnight UTC, where the engine's own spans are cut."""
	assert minted_at("2026-05-12T17:00:00Z").closes_at == CLOSES
	assert minted_at("2026-05-13T00:00:00Z").closes_at == CLOSES


def test_no_hours_end_for_an_emergency():
	emergency = Emergency("weather closure", "a@school.example", "b@school.example")
	decision = judge(request(purpose="Emergency", emergency=emergency), when=at("2026-05-12T08:00:00Z"))
	assert mint(decision, call_log="CALL-0001", to=CHICAGO, sender=SENDER).closes_at is None


def test_an_answer_is_late_after_five_minutes():
	when = at("2026-05-12T08:00:00Z")
	what = replace(request(channel="Text"), answers=when)
	decision = judge(what, when=when + timedelta(seconds=20))
	made = mint(decision, call_log="CALL-0001", to=CHICAGO, sender=SENDER)
	assert made.closes_at == when + timedelta(minutes=5)
	made.spend(when + timedelta(seconds=25))


def minted_at(moment: str) -> Permit:
	return mint(judge(request(), GIVEN, when=at(moment)), call_log="CALL-0001", to=CHICAGO, sender=SENDER)


@pytest.mark.parametrize("what", [judge(request()), judge(request(), GIVEN, when=at("2026-05-12T08:00:00Z"))])
def test_nothing_but_an_allow(what):
	with pytest.raises(NotPermitted, match=what.verdict):
		mint(what, call_log="CALL-0001", to=CHICAGO, sender=SENDER)


@pytest.mark.parametrize(
	"changes",
	[
		{"to": "+13125550143"},
		{"to": "3125550142"},
		{"call_log": ""},
		{"sender": ""},
		{"valid_for": timedelta(0)},
		{"valid_for": timedelta(hours=1)},
	],
)
def test_nothing_but_the_number_decided_on(changes):
	with pytest.raises(NotPermitted) as caught:
		minted(**changes)
	assert "3125550" not in str(caught.value)


@pytest.mark.parametrize("missing", ["channel", "purpose"])
def test_a_decision_about_no_channel_or_purpose_is_not_enough(missing):
	with pytest.raises(NotPermitted, match="no channel or purpose"):
		mint(judge(request(**{missing: None}), WRITTEN), call_log="CALL-0001", to=CHICAGO, sender=SENDER)


def test_no_one_else_makes_one():
	with pytest.raises(NotPermitted):
		Permit(object(), judge(request(), GIVEN), "CALL-0001", CHICAGO, SENDER, NOON)


def test_it_is_not_changed_copied_or_stored():
	made = minted()
	for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
		with pytest.raises(TypeError):
			attempt(made)
	with pytest.raises(AttributeError):
		made.to = "+13125550143"
	with pytest.raises(AttributeError):
		del made.to
	assert CHICAGO not in repr(made)


def test_of_many_threads_one_spends_it():
	made = minted()
	spent, refused = [], []

	def spend():
		try:
			made.spend(NOON)
			spent.append(1)
		except PermitSpent:
			refused.append(1)

	threads = [threading.Thread(target=spend) for _ in range(20)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert (len(spent), len(refused)) == (1, 19)
	assert permit.VALID_FOR == timedelta(seconds=30)
