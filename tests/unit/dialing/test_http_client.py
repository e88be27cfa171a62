"""What goes over the wire to the carrier, from many threads: each gets its own answer, or what became of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from dev.carrier import server
from dev.site import ports
from school_dialer.carriers.base import AnswerLost, Unreachable
from school_dialer.carriers.twilio import HttpClient

SENDER = "+13125550100"


@pytest.fixture(scope="module")
def carrier():
	with server.start(speed=0.001, calls_per_second=0) as handle:
		yield handle


def client(url: str, account: str = "AC" + "0" * 32, token: str = "simulated-token") -> Client:
	return Client(account, token, http_client=HttpClient(url, 5))


def call(twilio: Client, to: str = "+13125550142") -> str:
	return twilio.calls.create(
		to=to, from_=SENDER, url="http://127.0.0.1:9/", status_callback_event=["completed"]
	).to


def test_every_thread_gets_its_own_answer(carrier):
	twilio = client(carrier.url)
	numbers = [f"+1312555{index:04d}" for index in range(100, 200)] * 5
	with ThreadPoolExecutor(16) as threads:
		assert list(threads.map(lambda number: call(twilio, number), numbers)) == numbers


def test_the_carrier_s_no_comes_through(carrier):
	with pytest.raises(TwilioRestException) as refusal:
		call(client(carrier.url, token="wrong"))
	assert (refusal.value.status, refusal.value.code) == (401, 20003)


def test_no_connection_is_told_from_a_lost_answer(carrier):
	with pytest.raises(Unreachable):
		call(client(f"http://127.0.0.1:{ports.any_free()}"))
	carrier.control("faults", {"lose_answer": 1.0})
	try:
		with pytest.raises(AnswerLost):
			call(client(carrier.url))
	finally:
		carrier.control("faults", {})


def test_a_proxy_of_the_environment_is_used(carrier, monkeypatch):
	monkeypatch.setenv("http_proxy", f"http://user:secret@127.0.0.1:{ports.any_free()}")
	monkeypatch.delenv("no_proxy", raising=False)
	assert HttpClient("http://carrier.example", 5).pool.proxy.port
	monkeypatch.setenv("no_proxy", "127.0.0.1")
	assert call(client(carrier.url))
