"""Texts and their pictures deleted at the carrier, by the real clients at the simulated one."""

import pytest

from dev.carrier.server import start
from dev.patience import eventually
from school_dialer.carriers.base import Account
from school_dialer.carriers.signalwire import SignalWireCarrier
from school_dialer.carriers.twilio import TwilioCarrier

OURS, THEIRS = "+13125550100", "+13125550142"
PROJECT = "b3877c40-da60-4998-90ad-b792e98472af"
SERVERS = {
	"twilio": (TwilioCarrier, {}),
	"signalwire": (SignalWireCarrier, {"dialect": "signalwire", "account": PROJECT, "signing_key": "PSK_1"}),
}


@pytest.fixture(params=SERVERS)
def carrier(request):
	kind, options = SERVERS[request.param]
	with start(seed=11, speed=2000, calls_per_second=0, token="a-token", **options) as server:
		yield kind(Account(server.account, server.token, server.url))
		assert server.control("stats")["violations"] == []


def sent(carrier, **more) -> str:
	message = carrier.ask(carrier.client.messages.create, to=THEIRS, from_=OURS, body="Hello", **more)
	over = ("delivered", "undelivered", "failed")
	eventually("the text is over", lambda: carrier.fetch_status("Text", message.sid).status in over)
	return message.sid


def test_a_text_is_gone_and_may_be_deleted_again(carrier):
	sid = sent(carrier)
	for _time in range(2):
		carrier.delete_text(sid)
		assert carrier.fetch_status("Text", sid) is None


def test_its_pictures_are_deleted_before_it(carrier, monkeypatch):
	sid = sent(carrier, media_url=["https://school.example/a.jpg", "https://school.example/b.jpg"])
	asked, request = [], carrier.client.http_client.request

	def noted(method, uri, *args, **kwargs):
		asked.append((method, uri.rpartition("/Messages/")[2]))
		return request(method, uri, *args, **kwargs)

	monkeypatch.setattr(carrier.client.http_client, "request", noted)
	carrier.delete_text(sid)
	deleted = [path for method, path in asked if method == "DELETE"]
	assert [path.count("/Media/") for path in deleted] == [1, 1, 0]
	assert carrier.fetch_status("Text", sid) is None
