"""Records of decisions and their replay years later: codec.py."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from school_dialer.base import phone
from school_dialer.compliance import Attempt, Consent, ReplayError, policies, record_of, replay
from school_dialer.compliance.rules import RULES
from tests.unit.compliance.cases import (
	APPROVED,
	CHICAGO,
	GIVEN,
	GRANTED,
	NOON,
	amended,
	at,
	days,
	judge,
	opt_out,
	request,
)

FULL = judge(
	request(
		"+13055550142",
		channel="Text",
		purpose="Academic",
		line_type="mobile",
		emergency=APPROVED,
		state="FL",
		postal_code="33101",
		time_zone="America/New_York",
		restricted=True,
		is_student=True,
		date_of_birth=date(2010, 2, 3),
		student_date_of_birth=date(2011, 2, 3),
	),
	Consent("Text", "Academic", "express oral", GRANTED, NOON, NOON - days(3), 12),
	GIVEN,
	when=at("2026-05-12T03:00:00.123456Z"),
	opt_outs=(opt_out("this purpose", "Academic", "Text"), opt_out("everything")),
	history=tuple(Attempt(at("2026-05-12T01:00:00Z"), "Text", "Academic") for _ in range(3)),
	holidays=frozenset({date(2026, 5, 11), date(2026, 12, 25)}),
	carrier_blocked=True,
)


@pytest.mark.parametrize(
	"decision",
	[
		FULL,
		judge(request(), GIVEN),
		judge(request(), GIVEN, when=at("2026-05-12T03:00:00Z")),
		judge(request("312-555", country=None)),
		judge(request(None)),
		judge(request("+819012345678", country="JP")),
		judge(request("+442079460958", country="GB"), GIVEN),
		judge(request(channel=None, purpose=None)),
		judge(request("+18005550142"), GIVEN),
	],
)
def test_a_stored_record_decides_alike(decision):
	stored = json.loads(json.dumps(record_of(decision)))
	again = replay(stored)
	assert again == decision
	assert record_of(again) == stored


def test_the_full_record_keeps_everything():
	assert replay(record_of(FULL)).request == FULL.request
	assert replay(record_of(FULL)).facts == FULL.facts
	assert list(FULL.codes) == [
		"CARRIER_BLOCKED",
		"FREQUENCY_CAP",
		"HOLIDAY",
		"OPTED_OUT",
		"OUTSIDE_CALLING_HOURS",
		"RESTRICTED_CONTACT",
	]
	rules = {f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}" for rule in RULES}
	assert {reason.rule for reason in FULL.reasons} <= rules
	assert all(
		reason["rule"] and reason["citation"] and reason["detail"] for reason in record_of(FULL)["reasons"]
	)


OLD = (Path(__file__).parent / "records-2026.1.jsonl").read_text(encoding="utf-8").splitlines()


def test_decisions_of_the_policies_of_before_are_the_same_today():
	"""Records made by the engine of version 2026.1.

	They have straddling and overlay codes, unreadable addresses, and holidays.
	"""
	assert len(OLD) == 150
	for line in OLD:
		record = json.loads(line)
		again = record_of(replay(record))
		for key in ("verdict", "until", "reasons", "policy", "version", "digest", "at"):
			assert again[key] == record[key]


@pytest.mark.parametrize("name", policies.policy_names())
def test_the_versions_of_before_are_in_the_package(name):
	before = policies.load(name, "2026.1")
	assert before.version == "2026.1" and before.digest != policies.load(name).digest
	assert before.laws == () or {law.key.partition("-")[0] for law in before.laws} == {"hours", "holidays"}


@pytest.mark.parametrize("name", ["us-federal", "us-states"])
def test_the_second_version_of_the_united_states_is_in_the_package(name):
	before = policies.load(name, "2026.2")
	assert before.version == "2026.2" and before.digest != policies.load(name).digest
	assert not before.local_ages and not before.military_by_own_zone and not before.absence_is_record


def test_newer_numbering_data_change_nothing(monkeypatch):
	record = record_of(judge(request(), GIVEN))
	bad = record_of(judge(request("+12425550142"), GIVEN))
	monkeypatch.setattr(phone, "parse", None)
	assert replay(record).allowed
	assert record_of(replay(bad)) == bad


def test_replay_under_the_policy_of_then():
	then = amended(version="2020.1", hours__number_zones="without address")
	record = record_of(judge(request(), GIVEN, policy=then))
	assert record_of(replay(record, then)) == record
	with pytest.raises(ReplayError, match="not the one"):
		replay(record)
	with pytest.raises(ReplayError, match="not the one"):
		replay(record_of(judge(request(), GIVEN)), then)


def test_an_edited_record_shows():
	record = record_of(judge(request()))
	record["verdict"], record["reasons"] = "ALLOW", []
	assert record_of(replay(record)) != record


@pytest.mark.parametrize(
	"change",
	[
		{"format": 2},
		{"policy": "atlantis"},
		{"policy": None},
		{"digest": "0"},
		{"at": "never"},
		{"at": None},
		{"request": None},
		{"request": {}},
		{"request": {"phone": {"e164": CHICAGO}}},
		{"facts": None},
		{"facts": {"consents": 5}},
	],
)
def test_a_damaged_record_is_refused(change):
	with pytest.raises(ReplayError):
		replay({**record_of(judge(request(), GIVEN)), **change})
	with pytest.raises(ReplayError):
		replay({})


def test_decisions_tell_the_policy_and_version():
	decision = judge(request(), GIVEN)
	assert (decision.policy, decision.version) == ("us-states", policies.load("US").version)
	assert replace(decision, version="x") != decision
