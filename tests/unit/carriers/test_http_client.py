"""Requests to the carrier from many threads: each gets its own answer, or learns how it failed."""

import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from dev.carrier import server
from dev.site import ports
from school_dialer.carriers.base import Account, ConnectionFailed, ResponseUnknown
from school_dialer.carriers.twilio import TwilioCarrier
from school_dialer.carriers.twilio_http import HttpClient, WrongHost

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
	with pytest.raises(ConnectionFailed):
		call(client(f"http://127.0.0.1:{ports.any_free()}"))
	carrier.control("faults", {"lose_answer": 1.0})
	try:
		with pytest.raises(ResponseUnknown):
			call(client(carrier.url))
	finally:
		carrier.control("faults", {})


def test_live_mode_uses_the_proxy_of_the_environment(monkeypatch):
	monkeypatch.setenv("https_proxy", f"http://user:secret@127.0.0.1:{ports.any_free()}")
	monkeypatch.delenv("no_proxy", raising=False)
	assert HttpClient(None, 5).pool.proxy.port


ELSEWHERE = {
	"TWILIO_EDGE": "dublin",
	"TWILIO_REGION": "ie1",
	"HTTP_PROXY": "http://127.0.0.1:9",
	"HTTPS_PROXY": "http://127.0.0.1:9",
	"ALL_PROXY": "http://127.0.0.1:9",
	"http_proxy": "http://127.0.0.1:9",
	"https_proxy": "http://127.0.0.1:9",
	"all_proxy": "http://127.0.0.1:9",
	"NO_PROXY": "",
	"no_proxy": "",
}


@pytest.fixture
def elsewhere(monkeypatch):
	"""Set an environment that sends Twilio's client and every proxied request to another place."""
	for name, value in ELSEWHERE.items():
		monkeypatch.setenv(name, value)


def test_simulated_mode_reaches_the_configured_carrier_whatever_the_environment_says(carrier, elsewhere):
	simulated = TwilioCarrier(Account("AC" + "0" * 32, "simulated-token", carrier.url))
	assert simulated.client.region == "ie1"
	assert simulated.check().active
	assert call(simulated.client)
	assert simulated.fetch_recording("RE" + "0" * 32, 100) is None
	assert simulated.fetch_status("Voice", "CA" + "0" * 32) is None
	assert simulated.list(simulated.client.calls, to="+13125550142")


@pytest.mark.parametrize(
	"address",
	[
		"https://api.twilio.com/2010-04-01/Accounts.json",
		"https://api.dublin.ie1.twilio.com/2010-04-01/Accounts.json",
		"https://lookups.twilio.com/v2/PhoneNumbers/1",
		"http://user:secret@school.example:8443/path?query=1",
		"https://api.twilio.com@school.example/2010-04-01",
		"//school.example//other.example/x",
		"https://api.twilio.com//other.example/x",
	],
)
def test_simulated_mode_replaces_scheme_and_host_of_every_address(address):
	found = urlsplit(HttpClient("http://127.0.0.1:8123", 5).address(address))
	assert (found.scheme, found.netloc) == ("http", "127.0.0.1:8123")


@pytest.mark.parametrize(
	"address",
	[
		"https://school.example/x",
		"http://api.twilio.com/x",
		"https://api.twilio.com.school.example/x",
		"https://api.twilio.com@school.example/x",
		"https://eviltwilio.com/x",
		"/x",
	],
)
def test_live_mode_asks_the_carrier_and_no_one_else(address):
	with pytest.raises(WrongHost):
		HttpClient(None, 5).address(address)


def test_in_live_mode_edge_and_region_choose_the_host(monkeypatch, elsewhere):
	live = TwilioCarrier(Account("AC" + "0" * 32, "token"))
	assert live.recording_address("RE" + "0" * 32).startswith("https://api.dublin.ie1.twilio.com/2010-04-01/")


def test_a_redirect_is_not_followed(monkeypatch):
	asked = []

	class Redirecting(BaseHTTPRequestHandler):
		def do_GET(self):
			asked.append(self.path)
			self.send_response(302)
			self.send_header("Location", "/elsewhere")
			self.send_header("Content-Length", "0")
			self.end_headers()

		def log_message(self, *_args):
			pass

	server = HTTPServer(("127.0.0.1", 0), Redirecting)
	threading.Thread(target=server.serve_forever, daemon=True).start()
	try:
		http = HttpClient(f"http://127.0.0.1:{server.server_port}", 5)
		assert http.request("GET", "https://api.twilio.com/x", allow_redirects=True).status_code == 302
		assert http.download("https://api.twilio.com/y", ("a", "b"), 100).status_code == 302
	finally:
		server.shutdown()
		server.server_close()
	assert asked == ["/x", "/y"]
