"""Opt-outs of one school of a district: rules/opt_out.py."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.compliance import OptOut, decide, policies
from school_dialer.compliance.codec import record_of, replay
from school_dialer.compliance.rules import opt_out as rule
from school_dialer.compliance.stream import judge as judge_line
from school_dialer.compliance.vocabulary import EMERGENCY, PURPOSES, SCOPES
from school_dialer.gate import decision_json
from tests.effort import examples
from tests.unit.compliance import strategies
from tests.unit.compliance.cases import APPROVED, GIVEN, NOON, WRITTEN, judge, opt_out, request

LINCOLN, WASHINGTON = strategies.SCHOOLS
OF_LINCOLN = opt_out("this school", school=LINCOLN)


def codes(opt, **asked):
	emergency = APPROVED if asked.get("purpose") == EMERGENCY else None
	return judge(request(emergency=emergency, **asked), WRITTEN, opt_outs=(opt,)).codes


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("channel", ["Voice", "Text"])
def test_it_stops_that_school_and_no_other_and_no_emergency(purpose, channel):
	stopped = () if purpose == EMERGENCY else ("OPTED_OUT",)
	assert codes(OF_LINCOLN, purpose=purpose, channel=channel, school=LINCOLN) == stopped
	for other in (WASHINGTON, ""):
		assert codes(OF_LINCOLN, purpose=purpose, channel=channel, school=other) == ()


@pytest.mark.parametrize("school", [None, "", LINCOLN, WASHINGTON])
@pytest.mark.parametrize("gone", [None, ""])
def test_a_school_that_no_longer_exists_stops_all_but_emergencies(school, gone):
	lost = opt_out("this school", school=gone)
	assert codes(lost, school=school) == ("OPTED_OUT",)
	assert codes(lost, school=school, purpose=EMERGENCY) == ()


def test_a_call_whose_school_is_not_known_is_stopped():
	assert codes(OF_LINCOLN, school=None) == ("OPTED_OUT",)


def test_it_keeps_to_its_channel():
	texts = replace(OF_LINCOLN, channel="Text")
	assert codes(texts, school=LINCOLN, channel="Text") == ("OPTED_OUT",)
	assert codes(texts, school=LINCOLN, channel="Voice") == ()


@settings(max_examples=examples(500), deadline=None)
@given(strategies.requests, strategies.opt_outs)
def test_it_does_to_its_school_what_all_non_emergency_does(what, opt):
	own = replace(opt, scope="this school", school=LINCOLN)
	wide = replace(opt, scope="all non-emergency")
	for school in (LINCOLN, None):
		asked = replace(what, school=school)
		assert rule.covers(own, asked) == rule.covers(wide, asked)
	for school in ("", WASHINGTON):
		assert not rule.covers(own, replace(what, school=school))


@settings(max_examples=examples(500), deadline=None)
@given(strategies.requests, strategies.opt_outs, st.sampled_from(strategies.SCHOOLS))
def test_each_wider_scope_stops_what_a_narrower_one_does(what, opt, school):
	"""Of one school, and of whatever purpose the narrowest scope names, but emergencies."""
	asked = replace(what, school=school)
	stopped = [
		rule.covers(replace(opt, scope=scope, purpose=asked.purpose, school=school), asked)
		for scope in SCOPES
		if not (scope == "this purpose" and asked.purpose == EMERGENCY)
	]
	assert stopped == sorted(stopped)


@settings(max_examples=examples(300), deadline=None)
@given(strategies.requests, strategies.facts, strategies.times)
def test_records_with_schools_replay(what, facts, when):
	made = decide(what, facts, policies.for_request(what), when)
	record = json.loads(decision_json.to_json(made))
	assert record == record_of(made)
	assert record_of(replay(record)) == record


def test_a_record_without_schools_names_none():
	made = judge(request(), GIVEN, opt_outs=(opt_out("all non-emergency"),))
	assert "school" not in decision_json.to_json(made)


@pytest.mark.parametrize(
	"asked, verdict", [("Lincoln", "BLOCK"), ("Washington", "ALLOW"), ("", "ALLOW"), (None, "BLOCK")]
)
def test_the_stream_reads_the_schools(asked, verdict):
	line = {
		"at": "2026-05-12T17:00:00Z",
		"phone": "+13125550142",
		"channel": "Voice",
		"purpose": "General",
		"school": asked,
		"person": {"country": "US"},
		"consents": [
			{
				"channel": "Any",
				"purpose": "All",
				"basis": "number provided",
				"granted_at": "2026-01-01T00:00:00Z",
			}
		],
		"opt_outs": [{"scope": "this school", "school": "Lincoln"}],
	}
	assert judge_line(line).verdict == verdict
	if asked is None:
		assert judge_line({key: value for key, value in line.items() if key != "school"}).verdict == verdict


def test_an_opt_out_says_its_scope():
	decision = judge(request(school=LINCOLN), GIVEN, opt_outs=(OF_LINCOLN, OptOut("this purpose", "General")))
	(reason,) = decision.reasons
	assert reason.detail == "The person opted out of this purpose and this school."
	assert decision.at == NOON
