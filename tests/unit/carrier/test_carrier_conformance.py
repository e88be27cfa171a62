"""The answers against description.json, which keeps the fields, types, enums and parameters of Twilio's
own API description."""

from __future__ import annotations

import inspect
import json
import re
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests
from carrier_kit import DIALER, PERSON

from dev.carrier import checks, rest
from dev.carrier.app import OPERATIONS
from dev.carrier.resources import CALL_OVER, MESSAGE_OVER

DESCRIPTION = json.loads((Path(__file__).parent / "description.json").read_text(encoding="utf-8"))
ENUMS = DESCRIPTION["enums"]
BEHAVIOURS = ("answers", "voicemail", "busy", "no answer", "fails", "hangs up")


@pytest.fixture
def api(carrier):
	def request(method: str, path: str, **data: str) -> requests.Response:
		url = f"{carrier.url}/2010-04-01/Accounts/{carrier.account}{path}"
		key = "params" if method == "GET" else "data"
		return requests.request(method, url, **{key: data}, auth=(carrier.account, carrier.token), timeout=5)

	return request


def check(resource: dict, kind: str) -> None:
	"""Each field of the description is there with its type, and no other."""
	assert set(resource) == set(DESCRIPTION[kind])
	for name, expected in DESCRIPTION[kind].items():
		value = resource[name]
		if expected.endswith(" or null"):
			if value is None:
				continue
			expected = expected.removesuffix(" or null")
		if expected.startswith("enum "):
			assert value in ENUMS[expected.removeprefix("enum ")], name
		elif expected.startswith("sid "):
			assert re.fullmatch(expected.removeprefix("sid "), value), name
		elif expected == "date":
			assert parsedate_to_datetime(value).tzinfo is not None and value.endswith("+0000"), name
		else:
			types = {"string": str, "integer": int, "object": dict}
			assert isinstance(value, types[expected]), name


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_a_call_has_the_described_fields_before_and_after(carrier, api, behaviour):
	carrier.control("people", {PERSON: {"behaviour": behaviour}})
	made = api(
		"POST",
		"/Calls.json",
		To=PERSON,
		From=DIALER,
		Twiml="<Response><Say>Hi.</Say></Response>",
		MachineDetection="Enable",
	)
	assert made.status_code == 201 and made.headers["Content-Type"].startswith("application/json")
	check(made.json(), "call")
	carrier.wait_until_idle()
	fetched = api("GET", f"/Calls/{made.json()['sid']}.json")
	assert fetched.status_code == 200 and fetched.json()["status"] in CALL_OVER
	check(fetched.json(), "call")


@pytest.mark.parametrize("delivery", ["delivered", "undelivered", "failed", "sent"])
def test_a_message_has_the_described_fields_before_and_after(carrier, api, delivery):
	carrier.control("people", {PERSON: {"text": {"delivery": delivery}}})
	made = api("POST", "/Messages.json", To=PERSON, From=DIALER, Body="Hello")
	assert made.status_code == 201
	check(made.json(), "message")
	carrier.wait_until_idle()
	fetched = api("GET", f"/Messages/{made.json()['sid']}.json").json()
	check(fetched, "message")
	assert fetched["status"] == delivery


def test_lists_have_the_described_envelope(carrier, api):
	for _ in range(3):
		api("POST", "/Calls.json", To=PERSON, From=DIALER, Twiml="<Response/>")
		api("POST", "/Messages.json", To=PERSON, From=DIALER, Body="Hello")
	for kind, path in (("calls", "/Calls.json"), ("messages", "/Messages.json")):
		page = api("GET", path, PageSize="2", To=PERSON).json()
		assert sorted(page) == DESCRIPTION[f"{kind}_page"]
		assert len(page[kind]) == page["page_size"] == 2 and page["previous_page_uri"] is None
		for resource in page[kind]:
			check(resource, kind.removesuffix("s"))


def test_the_account_has_the_described_fields(carrier, twilio):
	url = f"{carrier.url}/2010-04-01/Accounts/{carrier.account}.json"
	check(requests.get(url, auth=(carrier.account, carrier.token), timeout=5).json(), "account")
	assert twilio.api.accounts(carrier.account).fetch().status == "active"


def test_the_statuses_are_the_described_ones():
	assert sorted(checks.CALL_STATUSES) == sorted(ENUMS["call_enum_status"])
	assert CALL_OVER < set(ENUMS["call_enum_status"]) and MESSAGE_OVER < set(ENUMS["message_enum_status"])
	assert not set(checks.CALL_EVENTS) <= set(ENUMS["call_enum_status"])


def test_every_described_operation_on_calls_and_messages_exists():
	served = {
		(method, re.sub(r"\{(?:account|account_json)\b[^/]*?\}(?=/|\.json|$)", "{AccountSid}", path))
		for method, path, _, _ in OPERATIONS
	}
	served_shapes = {(method, "Calls" in path, "Messages" in path, "{sid" in path) for method, path in served}
	for operation in DESCRIPTION["answers"]:
		method, path = operation.split(" ")
		if "Calls" in path or "Messages" in path:
			shape = (method.upper(), "Calls" in path, "Messages" in path, "{Sid}" in path)
			assert shape in served_shapes, operation


def test_the_required_parameters_are_the_described_ones(api):
	assert DESCRIPTION["create_call"]["required"] == ["To", "From"]
	assert DESCRIPTION["create_message"]["required"] == ["To"]
	assert api("POST", "/Calls.json").json()["code"] == 21201
	assert api("POST", "/Messages.json").json()["code"] == 21604


def test_no_parameter_is_read_that_the_description_does_not_have():
	read = set(re.findall(r'"([A-Z][A-Za-z]+)"', inspect.getsource(rest) + inspect.getsource(checks)))
	described = set()
	for name in ("create_call", "update_call", "create_message", "update_message"):
		described |= set(DESCRIPTION[name]["parameters"])
	for name in ("list_calls", "list_messages"):
		described |= {parameter.strip("<>") for parameter in DESCRIPTION[name]}
	words = {"GET", "POST", "To", "From", "Enable", "DetectMessageEnd", "CA", "SM", "MM"}
	assert read - described - words == set()
