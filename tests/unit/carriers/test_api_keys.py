"""Requests with an API key in place of the account's token, to the simulated carrier by the real client."""

from collections.abc import Iterator

import pytest

from dev.carrier.server import Handle, start
from school_dialer.carriers.base import Account, NotAuthorised
from school_dialer.carriers.twilio import TwilioCarrier

KEY, SECRET = "SK" + "b" * 32, "the secret of the key"
OURS, THEIRS = "+13125550100", "+13125550142"


@pytest.fixture(scope="module")
def server() -> Iterator[Handle]:
	with start(seed=7, speed=2000, calls_per_second=0) as handle:
		handle.control("account", {"api_keys": {KEY: SECRET}})
		yield handle


def carrier(server: Handle, token: str = "", secret: str = SECRET) -> TwilioCarrier:
	return TwilioCarrier(
		Account(server.account, token or server.token, server.url, api_key=KEY, api_secret=secret)
	)


def placed(carrier: TwilioCarrier):
	there = {"to": THEIRS, "from_": OURS, "url": "http://127.0.0.1:9/v", "method": "POST", "timeout": 25}
	return carrier.ask(carrier.client.calls.create, **there)


def test_calls_need_the_key_and_not_the_token(server):
	call = placed(carrier(server, token="0" * 32))
	assert call.account_sid == server.account
	assert carrier(server, token="0" * 32).fetch_status("Voice", call.sid).sid == call.sid


def test_a_wrong_secret_places_nothing(server):
	with pytest.raises(NotAuthorised):
		placed(carrier(server, secret="another"))


def test_the_account_itself_is_asked_with_the_token(server):
	assert carrier(server).check().active and carrier(server).clock()
	with pytest.raises(NotAuthorised):
		carrier(server, token="0" * 32).check()


def test_the_test_of_the_connection_tries_the_key_too(server):
	with pytest.raises(NotAuthorised):
		carrier(server, secret="another").check()


def test_without_a_key_all_is_asked_with_the_token(server):
	one = TwilioCarrier(Account(server.account, server.token, server.url))
	assert one.client is one.owner and one.check().active
