"""Policies as data: policy.py and policies/."""

import dataclasses
import json
from datetime import date

import pytest

from school_dialer.compliance import Policy, PolicyError, policies
from school_dialer.compliance.vocabulary import CODES
from tests.unit.compliance.cases import GIVEN, amended, judge, request


def test_what_is_in_the_package():
	assert policies.policy_names() == ("ca", "eu", "gb", "in", "us-federal", "us-states")


@pytest.mark.parametrize("name", policies.policy_names())
def test_each_packaged_policy(name):
	policy = policies.load(name)
	assert policy.name == name and policy.version and policy.title
	assert policy.effective_from <= date(2026, 1, 1)
	assert policy.strict_default is not name.startswith("us-")
	assert all(policy.citation(code) for code in CODES)
	assert Policy.from_dict(policy.to_dict()).digest == policy.digest
	assert "strict default" in policy.title or not policy.strict_default


@pytest.mark.parametrize(
	"name, expected",
	[
		("US", "us-states"),
		("us", "us-states"),
		("PR", "us-states"),
		("GB", "gb"),
		("fr", "eu"),
		("us-federal", "us-federal"),
	],
)
def test_policies_by_name_and_country(name, expected):
	assert policies.load(name).name == expected
	assert policies.load(name) is policies.load(expected)


@pytest.mark.parametrize("name", ["", "xx", "../us-states", "us-states.json", None, 5])
def test_there_is_no_such_policy(name):
	with pytest.raises(PolicyError):
		policies.load(name)


def test_the_policy_of_a_person():
	assert policies.for_person("US", "IL").name == "us-states"
	assert policies.for_person("ES").name == "eu"
	assert policies.for_person("JP") is policies.for_person(None) is policies.NONE
	assert policies.for_request(request("+442079460958", country=None)).name == "gb"
	assert policies.for_request(request("312-555", country=None)).name == "us-states"
	assert policies.for_request(request("+442079460958", country="United States")).name == "us-states"


def test_a_policy_is_immutable():
	policy = policies.load("US")
	with pytest.raises(dataclasses.FrozenInstanceError):
		policy.version = "2"
	with pytest.raises(TypeError):
		policy.weeks["IL"] = policy.weeks[""]
	policy.to_dict()["hours"]["days"] = {"*": ["06:00", "22:00"]}
	assert policies.load("US").weeks[""][0] == (480, 1260)


def test_states_only_narrow_the_hours_of_the_country():
	wide = amended(hours__states={"OH": {"days": {"*": ["06:00", "22:00"]}, "citation": "x"}})
	assert wide.week(("OH",)) == wide.week(())


def test_an_amended_policy_has_another_digest():
	assert amended(version="2026.9").digest != policies.load("US").digest
	assert amended().digest == policies.load("US").digest


@pytest.mark.parametrize(
	"changes, message",
	[
		({"name": "US states"}, "name must be"),
		({"version": " "}, "version is empty"),
		({"title": 5}, "title has the wrong type"),
		({"effective_from": "soon"}, "effective_from is not a date"),
		({"strict_default": 1}, "strict_default has the wrong type"),
		({"countries": ["usa"]}, "countries must be two-letter codes"),
		({"consent": []}, "consent has the wrong type"),
		({"consent__bases": {}}, "consent.bases.* is missing"),
		({"consent__bases": {"*": []}}, "consent.bases.* must name bases"),
		({"consent__bases": {"*": ["a nod"]}}, "consent.bases.* must name bases"),
		({"consent__bases": {"*": ["express oral"], "Sales": []}}, "names no purpose: Sales"),
		({"consent__stale_after_days": 0}, "between 1 and"),
		({"consent__stale_after_days": True}, "wrong type"),
		({"consent__landline_exempt_purposes": ["Sales"]}, "names no purpose"),
		({"hours__number_zones": "never"}, "hours.number_zones must be one of"),
		({"hours__days": {"*": ["04:30", "21:00"]}}, "between 06:00 and 22:00"),
		({"hours__days": {"*": ["08:00", "22:01"]}}, "between 06:00 and 22:00"),
		({"hours__days": {"*": ["21:00", "08:00"]}}, "between 06:00 and 22:00"),
		({"hours__days": {"*": ["8:00", "21:00"]}}, "not HH:MM"),
		({"hours__days": {"*": ["08:00"]}}, "null or two times"),
		({"hours__days": {"Monday": None}}, "hours.days.Tuesday is missing"),
		({"hours__days": {"*": None, "Someday": None}}, "names no day"),
		({"hours__states": {"IL": {"days": {"*": None}}}}, "hours.states.IL.citation is missing"),
		({"hours__states": {"IL": None}}, "hours.states.IL.days is missing"),
		({"holidays__legal": [{"name": "x", "month": 13, "day": 1}]}, "month must be between"),
		({"holidays__legal": [{"name": "x", "month": 1, "weekday": "Monday", "nth": 9}]}, "needs a day"),
		({"holidays__keep_listed": None}, "wrong type"),
		({"caps": [{"per": "week"}]}, "caps[0].per must be one of"),
		({"caps": [5]}, "caps[0].per is missing"),
		({"records__age_of_majority": 99}, "between 1 and 30"),
		({"citations": {}}, "is missing"),
		({"citations__SALES": "x"}, "citations.SALES is not"),
	],
)
def test_wrong_data_are_refused_by_name(changes, message):
	with pytest.raises(PolicyError) as caught:
		amended(**changes)
	assert message in str(caught.value)


def test_missing_fields_are_refused_by_name():
	data = policies.load("US").to_dict()
	for key in set(data) - {"places", "laws", "review"}:
		with pytest.raises(PolicyError) as caught:
			Policy.from_dict({name: value for name, value in data.items() if name != key})
		assert key in str(caught.value)
	with pytest.raises(PolicyError):
		Policy.from_dict([])


def test_federal_rules_alone():
	late = judge(
		request("+13055550142", state="FL", postal_code="33101"), GIVEN, policy=policies.load("us-federal")
	)
	assert late.allowed and late.policy == "us-federal"


def test_data_are_json():
	for name in policies.policy_names():
		assert json.loads(json.dumps(policies.load(name).to_dict())) == policies.load(name).to_dict()
