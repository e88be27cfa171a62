"""Requests and answers checked against description.json, a copy of Twilio's own API description."""

from __future__ import annotations

import copy
import inspect
import re
from datetime import datetime, timezone

import jsonschema
import pytest
import requests
from carrier_kit import DIALER, PERSON
from hypothesis import given, settings
from hypothesis import strategies as st

from dev.carrier.accounts import rules
from dev.carrier.api import checks, rest
from dev.carrier.api.app import OPERATIONS
from dev.carrier.api.contract.nulls import bared, nullable
from dev.carrier.api.contract.schema import compiled
from dev.carrier.api.contract.strict import Contract, description, parameters, typed
from dev.carrier.api.resources import CALL_OVER, MESSAGE_OVER, Call, Message, Recording
from dev.patience import PATIENCE
from tests.effort import examples

DESCRIPTION = description()
DEFS = DESCRIPTION["$defs"]
BEHAVIOURS = ("answers", "voicemail", "busy", "no answer", "fails", "hangs up")
HELLO = "<Response><Say>Hi.</Say></Response>"
# Sound, and the media of messages, which the copied description leaves out.
NOT_CHECKED = {"fetch_media", "list_message_media", "delete_message_medium"}


def check(body: object, kind: str) -> None:
	jsonschema.validate(body, {**DESCRIPTION["schemas"][kind], **whole()})


def whole() -> dict:
	return {
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"schemas": DESCRIPTION["schemas"],
		"$defs": DEFS,
	}


@pytest.fixture
def api(carrier):
	def request(method: str, path: str, **data: str) -> requests.Response:
		url = f"{carrier.url}/2010-04-01/Accounts/{carrier.account}{path}"
		key = "params" if method == "GET" else "data"
		return requests.request(
			method, url, **{key: data}, auth=(carrier.account, carrier.token), timeout=PATIENCE
		)

	return request


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_call_has_the_described_fields_before_and_after(carrier, api, behaviour):
	carrier.control("people", {PERSON: {"behaviour": behaviour}})
	made = api("POST", "/Calls.json", To=PERSON, From=DIALER, Twiml=HELLO, MachineDetection="Enable")
	assert made.status_code == 201 and made.headers["Content-Type"].startswith("application/json")
	check(made.json(), "call")
	carrier.wait_until_idle()
	fetched = api("GET", f"/Calls/{made.json()['sid']}.json")
	assert fetched.status_code == 200 and fetched.json()["status"] in CALL_OVER
	check(fetched.json(), "call")
	assert carrier.control("stats")["violations"] == []


@pytest.mark.parametrize("delivery", ["delivered", "undelivered", "failed", "sent"])
def test_a_message_has_the_described_fields_before_and_after(carrier, api, delivery):
	carrier.control("people", {PERSON: {"text": {"delivery": delivery}}})
	made = api("POST", "/Messages.json", To=PERSON, From=DIALER, Body="Hello")
	assert made.status_code == 201
	check(made.json(), "message")
	carrier.wait_until_idle()
	fetched = api("GET", f"/Messages/{made.json()['sid']}.json").json()
	check(fetched, "message")
	assert fetched["status"] == delivery and carrier.control("stats")["violations"] == []


def test_lists_have_the_described_envelope(carrier, api):
	for _ in range(3):
		api("POST", "/Calls.json", To=PERSON, From=DIALER, Twiml="<Response><Record/></Response>")
		api("POST", "/Messages.json", To=PERSON, From=DIALER, Body="Hello")
	carrier.wait_until_idle()
	for kind in ("calls", "messages", "recordings"):
		page = api("GET", f"/{kind.capitalize()}.json", PageSize="2").json()
		check(page, f"{kind}_page")
		assert len(page[kind]) == page["page_size"] == 2 and page["previous_page_uri"] is None
	assert carrier.control("stats")["violations"] == []


def test_the_account_and_errors_have_the_described_fields(carrier, twilio, api):
	url = f"{carrier.url}/2010-04-01/Accounts/{carrier.account}.json"
	check(requests.get(url, auth=(carrier.account, carrier.token), timeout=PATIENCE).json(), "account")
	assert twilio.api.accounts(carrier.account).fetch().status == "active"
	check(api("POST", "/Calls.json").json(), "error")


def test_the_statuses_are_the_described_ones():
	assert sorted(checks.CALL_STATUSES) == sorted(DEFS["call_enum_status"]["enum"])
	assert CALL_OVER < set(DEFS["call_enum_status"]["enum"])
	assert MESSAGE_OVER < set(DEFS["message_enum_status"]["enum"])
	assert not set(checks.CALL_EVENTS) <= set(DEFS["call_enum_status"]["enum"])


def test_every_described_operation_exists_where_it_is_described_and_no_other():
	served = {
		operation.__name__: (
			method,
			re.sub(
				r"\{account\}",
				"{AccountSid}",
				re.sub(r"\{(?:sid|account_json):.*?\}(?=\.json)", "{Sid}", path),
			),
		)
		for method, path, _, operation in OPERATIONS
		if operation.__name__ not in NOT_CHECKED
	}
	described = {name: (one["method"], one["path"]) for name, one in DESCRIPTION["operations"].items()}
	assert served == described


def test_the_required_parameters_are_the_described_ones(api):
	assert DESCRIPTION["operations"]["create_call"]["parameters"]["required"] == ["To", "From"]
	assert DESCRIPTION["operations"]["create_message"]["parameters"]["required"] == ["To"]
	assert api("POST", "/Calls.json").json()["code"] == 21201
	assert api("POST", "/Messages.json").json()["code"] == 21604


def test_no_parameter_is_read_that_the_description_does_not_have():
	read = {
		name
		for module in (rest, checks, rules)
		for name in re.findall(r'"([A-Z][A-Za-z]+)"', inspect.getsource(module))
	}
	described = {
		parameter.strip("<>") for name in DESCRIPTION["operations"] for parameter in parameters(name)
	}
	words = {"GET", "POST", "Enable", "DetectMessageEnd", "CA", "SM", "MM", "ME", "MG", "Trial"}
	assert read - described - words == set()


@pytest.mark.parametrize(
	("path", "data", "problem"),
	[
		("/Calls.json", {"Rings": "3"}, "Rings is no parameter"),
		("/Calls.json", {"url": "http://127.0.0.1/"}, "url is no parameter"),
		("/Calls.json", {"MachineDetectionTimeout": "thirty"}, "'thirty' is not integer"),
		("/Calls.json", {"Record": "perhaps"}, "'perhaps' is not boolean"),
		("/Calls.json", {"RecordingChannels": "stereo"}, "'stereo' is none of mono, dual"),
		("/Calls.json", {"Byoc": "BY1"}, "'BY1' does not match"),
		("/Messages.json", {"Attempts": "2"}, "Attempts is no parameter"),
		("/Messages.json", {"SmartEncoded": "yes"}, "'yes' is not boolean"),
		("/Messages.json", {"RiskCheck": "off"}, "'off' is none of enable, disable"),
	],
)
def test_what_is_not_described_is_refused_and_noted(carrier, api, path, data, problem):
	base = (
		{"To": PERSON, "From": DIALER, "Twiml": HELLO}
		if "Calls" in path
		else {"To": PERSON, "From": DIALER, "Body": "x"}
	)
	answer = api("POST", path, **base, **data)
	assert answer.status_code == 400 and answer.json()["code"] in (20001, 21234)
	stats = carrier.control("stats")
	assert problem in stats["violations"][0] and stats["calls"] + stats["messages"] == 0
	carrier.control("account", {"strict": False})
	if "is no parameter" in problem:
		assert api("POST", path, **base, **data).status_code == 201


def test_a_parameter_given_twice_and_a_path_that_does_not_exist_are_noted(carrier, api):
	url = f"{carrier.url}/2010-04-01/Accounts/{carrier.account}/Calls.json"
	data = [("To", PERSON), ("To", PERSON), ("From", DIALER), ("Twiml", HELLO)]
	assert (
		requests.post(url, data=data, auth=(carrier.account, carrier.token), timeout=PATIENCE).status_code
		== 400
	)
	api("GET", "/Conferences.json")
	assert "To is given 2 times" in carrier.control("stats")["violations"][0]
	assert "Conferences" in carrier.control("stats")["violations"][1]


# What the two checkers must agree on: resources of this carrier with a field changed, missing or added.
MOMENT = datetime(2026, 3, 8, tzinfo=timezone.utc)
SID = "a" * 32
RESOURCES = {
	"call": Call(f"CA{SID}", f"AC{SID}", PERSON, DIALER, MOMENT, 1).json(),
	"message": Message(f"SM{SID}", f"AC{SID}", PERSON, DIALER, "Hello", MOMENT).json(),
	"recording": Recording(f"RE{SID}", f"AC{SID}", f"CA{SID}", MOMENT, 4).json(),
}
VALUES = st.one_of(
	st.none(),
	st.booleans(),
	st.integers(),
	st.text(max_size=40),
	st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
	st.sampled_from([f"CA{SID}", "completed", "inbound", "Sun, 08 Mar 2026 00:00:00 +0000"]),
)


@settings(max_examples=examples(300))
@given(st.sampled_from(sorted(RESOURCES)), st.data())
def test_the_fast_check_of_answers_agrees_with_jsonschema(kind, data):
	body = copy.deepcopy(RESOURCES[kind])
	field = data.draw(st.sampled_from([*sorted(body), "another"]))
	if data.draw(st.booleans()):
		body[field] = data.draw(VALUES)
	else:
		body.pop(field, None)
	judge = jsonschema.Draft202012Validator({**DESCRIPTION["schemas"][kind], **whole()})
	ours = list(compiled(DESCRIPTION["schemas"][kind], DESCRIPTION)(body))
	assert bool(ours) == (not judge.is_valid(body)), ours


@settings(max_examples=examples(300))
@given(
	st.sampled_from(["create_call", "update_call", "create_message", "list_calls", "list_messages"]),
	st.data(),
)
def test_the_fast_check_of_requests_agrees_with_jsonschema(operation, data):
	names = data.draw(st.lists(st.sampled_from(sorted(parameters(operation))), max_size=4, unique=True))
	words = st.one_of(
		st.sampled_from(["POST", "true", "25", "https://school.example/x", "2026-03-08", "Enable"]),
		st.text(min_size=1, max_size=9),
	)
	sent = {name: [data.draw(words)] for name in names}

	values = {name: typed(parameters(operation)[name], texts) for name, texts in sent.items()}
	judge = jsonschema.Draft202012Validator({**DESCRIPTION["operations"][operation]["parameters"], **whole()})
	unknown, wrong = Contract().request(operation, sent)
	assert unknown == [] and bool(wrong) == (not judge.is_valid(values)), wrong


def test_the_description_is_a_schema_and_uses_only_what_is_understood():
	for part in [
		*DESCRIPTION["schemas"].values(),
		*(one["parameters"] for one in DESCRIPTION["operations"].values()),
	]:
		jsonschema.Draft202012Validator.check_schema(part)
		compiled(part, DESCRIPTION)
	with pytest.raises(ValueError, match="oneOf"):
		compiled({"oneOf": []}, DESCRIPTION)


@given(st.sampled_from(sorted(RESOURCES)), st.randoms(use_true_random=False))
def test_bare_answers_are_still_described_but_for_what_is_missing_or_new(kind, luck):
	body = bared(f"fetch_{kind}", RESOURCES[kind], lambda to, field, what: luck.random() < 0.4)
	kept = {name: value for name, value in body.items() if name in RESOURCES[kind]}
	for name, value in kept.items():
		assert value == RESOURCES[kind][name] or (value is None and name in nullable(kind))
	check({**RESOURCES[kind], **kept}, kind)


def test_nulls_follow_from_the_seed_and_reach_creates_fetches_and_lists(carrier, api):
	def answers() -> list[dict]:
		carrier.control("reset", {"truncate_log": True})
		carrier.control("faults", {"nulls": 0.3, "missing": 0.2, "surprises": 0.5})
		made = api("POST", "/Messages.json", To=PERSON, From=DIALER, Body="Hello").json()
		sid = carrier.log("message")[0]["sid"]
		carrier.wait_until_idle()
		return [
			made,
			api("GET", f"/Messages/{sid}.json").json(),
			*api("GET", "/Messages.json").json()["messages"],
		]

	bare = answers()
	assert len(bare) == 3 and all(None in body.values() for body in bare)
	assert {name for body in bare for name in RESOURCES["message"] if name not in body}
	assert {"unheard_of", "annotation"} & {name for body in bare for name in body}
	assert carrier.control("stats")["violations"] == []

	def shapes(bodies: list[dict]) -> list[dict]:
		return [{name: value is None for name, value in body.items()} for body in bodies]

	assert shapes(answers()) == shapes(bare)


def test_lists_of_bare_rows_keep_their_envelope(carrier, api):
	api("POST", "/Calls.json", To=PERSON, From=DIALER, Twiml=HELLO)
	carrier.control("faults", {"nulls": 1})
	page = api("GET", "/Calls.json").json()
	row = page["calls"][0]
	assert (
		page["page"] == 0
		and row["status"]
		and {name for name, value in row.items() if value is None} == nullable("call")
	)
