"""Where texts and calls to the school's numbers go, read from the simulated carrier by the real client."""

from collections.abc import Iterator

import pytest

from dev.carrier.api.numbers import UNSET_CALLS, UNSET_TEXTS
from dev.carrier.server import Handle, start
from school_dialer.carriers.base import Account, NotAuthorised
from school_dialer.carriers.signalwire import SignalWireCarrier
from school_dialer.carriers.twilio import TwilioCarrier

ONE, TWO, OTHER = "+13125550100", "+13125550101", "+13125550102"
SERVICE = "MG" + "a" * 32
TEXTS, CALLS = "https://school.example/texts", "https://school.example/calls"
HOOKS = {"sms_url": TEXTS, "voice_url": CALLS}
PROJECT = "b3877c40-da60-4998-90ad-b792e98472af"


@pytest.fixture(scope="module")
def server() -> Iterator[Handle]:
	with start(seed=5, speed=2000, calls_per_second=0) as handle:
		yield handle


@pytest.fixture
def twilio(server: Handle) -> TwilioCarrier:
	server.control("reset", {"truncate_log": True})
	return TwilioCarrier(Account(server.account, server.token, server.url))


def places(carrier: TwilioCarrier, *senders: str) -> dict[str, list[tuple]]:
	found = carrier.list_incoming(senders)
	return {sender: [(one.number, one.text, one.voice) for one in rows] for sender, rows in found.items()}


def test_what_a_number_says(server, twilio):
	server.control("numbers", {ONE: HOOKS, TWO: {}})
	assert places(twilio, ONE, TWO, OTHER) == {
		ONE: [(ONE, TEXTS, CALLS)],
		TWO: [(TWO, UNSET_TEXTS, UNSET_CALLS)],
		OTHER: [],
	}


@pytest.mark.parametrize(
	("settings", "text", "voice"),
	[
		({"sms_method": "GET"}, f"GET {TEXTS}", CALLS),
		({"sms_application_sid": "AP1"}, "AP1", CALLS),
		({"voice_application_sid": "AP1"}, TEXTS, "AP1"),
		({"voice_application_sid": "AP1", "trunk_sid": "TK1"}, TEXTS, "TK1"),
		({"sms": False}, None, CALLS),
	],
)
def test_what_goes_before_a_numbers_own_address(server, twilio, settings, text, voice):
	server.control("numbers", {ONE: HOOKS | settings})
	assert places(twilio, ONE) == {ONE: [(ONE, text, voice)]}


def test_a_messaging_service_decides_about_texts_and_not_about_calls(server, twilio):
	server.control("numbers", {ONE: HOOKS, TWO: HOOKS, OTHER: HOOKS})
	away = "https://other.example/texts"
	pool = {"numbers": [ONE, TWO], "use_inbound_webhook_on_number": False, "inbound_request_url": away}
	server.control("services", {SERVICE: pool})
	assert places(twilio, SERVICE, OTHER) == {
		SERVICE: [(ONE, away, CALLS), (TWO, away, CALLS)],
		OTHER: [(OTHER, TEXTS, CALLS)],
	}
	assert places(twilio, TWO) == {TWO: [(TWO, away, CALLS)]}
	server.control("services", {SERVICE: {**pool, "inbound_request_url": ""}})
	assert places(twilio, TWO) == {TWO: [(TWO, "", CALLS)]}
	server.control("services", {SERVICE: {"numbers": [TWO]}})
	assert places(twilio, SERVICE) == {SERVICE: [(TWO, TEXTS, CALLS)]}


def test_many_numbers_are_read_once(server, twilio):
	many = [f"+1312555{index:04}" for index in range(100, 130)]
	server.control("numbers", {number: HOOKS for number in many})
	assert set(places(twilio, *many)) == set(many)
	assert all(places(twilio, *many).values())
	asked = [one for one in server.log("numbers") if one["path"].endswith("IncomingPhoneNumbers.json")]
	assert len(asked) == 2


def test_wrong_credentials_are_said(server, twilio):
	wrong = TwilioCarrier(Account(server.account, "f" * 32, server.url))
	with pytest.raises(NotAuthorised):
		wrong.list_incoming([ONE])


def test_signalwire_has_numbers_and_no_services():
	with start(
		seed=5, speed=2000, dialect="signalwire", account=PROJECT, token="PT1", signing_key="PSK_1"
	) as server:
		server.control("numbers", {ONE: HOOKS})
		carrier = SignalWireCarrier(Account(PROJECT, "PT1", server.url, space="school.signalwire.com"))
		assert places(carrier, ONE, OTHER) == {ONE: [(ONE, TEXTS, CALLS)], OTHER: []}
