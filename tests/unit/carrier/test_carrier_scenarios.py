"""Each scenario by name: what it says happens, and the next one begins from the ordinary account."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from carrier_kit import DIALER, PERSON, place, refusal

from dev.carrier.server import ROOT, ControlError
from dev.carrier.world.people import People
from dev.carrier.world.scenarios import SCENARIOS

STATIC = "<Response><Say>Lincoln School called.</Say></Response>"
TEXT = {"to": PERSON, "from_": DIALER, "body": "Hello"}
CALL = {"to": PERSON, "from_": DIALER, "twiml": STATIC}
PRIVATE = {"content_retention": "discard", "address_retention": "obfuscate"}
MANY = [f"+1312555{last:04}" for last in range(100, 200)]


def refused(made: str, code: int, status: int = 400, **options) -> Callable:
	def check(carrier, twilio, site) -> None:
		create = twilio.calls.create if made == "call" else twilio.messages.create
		problem = refusal(create, **{**(CALL if made == "call" else TEXT), **options})
		assert (problem.code, problem.status) == (code, status)

	return check


def ends(status: str, code: int | None, **options) -> Callable:
	def check(carrier, twilio, site) -> None:
		message = twilio.messages.create(**TEXT, **options)
		carrier.wait_until_idle()
		done = twilio.messages(message.sid).fetch()
		assert (done.status, done.error_code) == (status, code)

	return check


def trial(status: int) -> Callable:
	def check(carrier, twilio, site) -> None:
		refused("message", 21608, status)(carrier, twilio, site)
		refused("call", 21219, status)(carrier, twilio, site)
		carrier.control("account", {"verified": [PERSON]})
		assert twilio.messages.create(**TEXT).sid and twilio.calls.create(**CALL).sid

	return check


def new_account(carrier, twilio, site) -> None:
	carrier.control("people", {"*": {"behaviour": "no answer"}})
	refused("message", 30029, **PRIVATE)(carrier, twilio, site)
	assert carrier.control("stats")["calls_per_second"] == 1
	carrier.control("time", {"speed": 1})
	for _ in range(2):
		twilio.calls.create(**CALL)
	refused("call", 10004)(carrier, twilio, site)
	carrier.control("reset")


def unknown(carrier, twilio, site) -> None:
	refused("call", 21999)(carrier, twilio, site)
	refused("message", 21998)(carrier, twilio, site)


def slow_sender(carrier, twilio, site) -> None:
	messages = [twilio.messages.create(**{**TEXT, "body": "a" * 1600}, validity_period=1) for _ in range(2)]
	carrier.wait_until_idle()
	codes = [twilio.messages(message.sid).fetch().error_code for message in messages]
	assert codes[0] is None and codes[-1] == 30036


def stopped(carrier, twilio, site) -> None:
	ends("delivered", None, **PRIVATE)(carrier, twilio, site)
	carrier.control("inbound_text", {"from": PERSON, "to": DIALER, "body": "STOP"})
	assert carrier.control("stats")["alerts"] == {"23002": 1}


def outcome(carrier, twilio, site, words: str = STATIC, **options) -> dict:
	site.pages["/voice"] = words
	place(twilio, site, **options)
	carrier.wait_until_idle()
	return carrier.log("outcome")[-1]


def machines(left: set[bool]) -> Callable:
	"""Return a check that words were left after the greeting (True), were not (False), or both."""

	def check(carrier, twilio, site) -> None:
		carrier.control("people", {"*": {"behaviour": "voicemail"}})
		for number in MANY[:30]:
			twilio.calls.create(**{**CALL, "to": number}, machine_detection="DetectMessageEnd")
		carrier.wait_until_idle()
		lines = carrier.log("outcome")
		assert {bool(line["left"]) for line in lines} == left
		assert "unknown" in {line["answered_by"] for line in lines}

	return check


def hang_ups(carrier, twilio, site) -> None:
	carrier.control("people", {"*": None})
	for number in MANY:
		twilio.calls.create(**{**CALL, "to": number})
	carrier.wait_until_idle()
	lines = [line for line in carrier.log("outcome") if line["behaviour"] == "answers"]
	assert {bool(line["sentences"]) for line in lines} == {True, False}


def status_first(carrier, twilio, site) -> None:
	carrier.control("people", {PERSON: {"behaviour": "answers", "says": [5], "hangs_up_in": "record"}})
	outcome(carrier, twilio, site, '<Response><Record action="/done"/></Response>')
	paths = [request.path.split("?")[0] for request in site.seen]
	assert paths[-2:] == ["/status", "/done"]


def site_down(carrier, twilio, site) -> None:
	where = carrier.control("bins", {"static": STATIC})["bins"]["static"]
	line = outcome(carrier, twilio, site, fallback_url=where)
	assert site.seen == [] and line["sentences"] == ["Lincoln School called."] and line["fell_back"]


def site_fails(carrier, twilio, site) -> None:
	heard = [bool(outcome(carrier, twilio, site, to=number)["heard_seconds"]) for number in MANY[:20]]
	assert set(heard) == {True, False}


def nulls(carrier, twilio, site) -> None:
	rows = [twilio.messages.create(**TEXT, status_callback=None) for _ in range(20)]
	assert any(row.date_created is None for row in rows) and any(row.sid is None for row in rows)
	assert any(row.date_created for row in rows)


def attested(carrier, twilio, site) -> None:
	outcome(carrier, twilio, site)
	assert "B" in {request.params.get("StirStatus") for request in site.to("/status")}


def actions_lost(carrier, twilio, site) -> None:
	carrier.control("people", {"*": {"behaviour": "presses", "digits": "1"}})
	words = '<Response><Gather numDigits="1" action="/keys"><Say>Press 1.</Say></Gather></Response>'
	for number in MANY[:20]:
		outcome(carrier, twilio, site, words, to=number)
	lost = [line["http_error"] for line in carrier.log("twiml") if line["url"].endswith("/keys")]
	assert set(lost) == {None, "lost"} and len(site.to("/keys")) == lost.count(None)


def doubled(carrier, twilio, site) -> None:
	outcome(carrier, twilio, site)
	first, second = (request.headers["I-Twilio-Idempotency-Token"] for request in site.to("/voice"))
	assert first == second


CHECKS: dict[str, Callable] = {
	"ordinary account": refused("message", 30029, **PRIVATE),
	"new account": new_account,
	"content redaction": refused("message", 30030, **PRIVATE),
	"redaction": stopped,
	"redaction refused later": ends("failed", 30029, **PRIVATE),
	"trial": trial(403),
	"trial as 400": trial(400),
	"unregistered texts": ends("undelivered", 30034),
	"toll-free unverified": ends("undelivered", 30032),
	"filtered": ends("undelivered", 30007),
	"not our numbers": refused("message", 21659, from_="+13125550199"),
	"calls refused": refused("call", 21210),
	"texts refused": refused("message", 21606, 403),
	"unknown refusals": unknown,
	"slow sender": slow_sender,
	"long greetings": machines({True, False}),
	"never beeps": machines({False}),
	"hang-ups": hang_ups,
	"status before action": status_first,
	"site down": site_down,
	"site errors": site_fails,
	"site slow": site_fails,
	"actions lost": actions_lost,
	"documents doubled": doubled,
	"nulls": nulls,
	"partial attestation": attested,
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_does_what_it_meaning(carrier, twilio, site, name):
	carrier.control("numbers", {DIALER: {}})
	carrier.scenario(name)
	CHECKS[name](carrier, twilio, site)
	assert carrier.control("stats")["violations"] == []


@pytest.mark.parametrize("name", SCENARIOS)
def test_after_each_scenario_the_account_is_ordinary_again(carrier, twilio, site, name):
	carrier.control("account", {"opt_out_handling": False, "verified": [PERSON]})
	carrier.scenario("ordinary account")
	before = carrier.control("account", {}), carrier.control("population", {}), carrier.control("numbers", {})
	carrier.scenario(name)
	carrier.scenario("ordinary account")
	after = carrier.control("account", {}), carrier.control("population", {}), carrier.control("numbers", {})
	assert after == before and before[0]["opt_out_handling"] is False and before[0]["verified"] == [PERSON]
	ends("delivered", None)(carrier, twilio, site)


def test_every_scenario_is_checked_and_listed_in_the_readme():
	assert set(CHECKS) == set(SCENARIOS)
	readme = (ROOT / "dev" / "carrier" / "README.md").read_text(encoding="utf-8")
	section = readme.partition("## Scenarios")[2].partition("\n## ")[0]
	listed = re.findall(r"^\| `([^`]+)` \| (.*) \|$", section, re.MULTILINE)
	assert listed == [(name, scenario.meaning) for name, scenario in SCENARIOS.items()]


def test_a_scenario_that_does_not_exist(carrier):
	with pytest.raises(ControlError, match="ordinary account"):
		carrier.scenario("a kinder one")


def test_early_hang_ups_are_a_share_of_the_population():
	people = People(3)
	people.set_habits({"hangs_up_early": 0.5})
	early = [number for number in MANY if people.voice(number, 1).after_seconds is not None]
	assert 30 < len(early) < 70
	with pytest.raises(ValueError, match="kindness"):
		people.set_habits({"kindness": 1})
