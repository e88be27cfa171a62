"""Every refusal has Twilio's code and shape, and creates nothing."""

from __future__ import annotations

import pytest
import requests
from carrier_kit import DIALER, PERSON, refusal
from twilio.base.exceptions import TwilioException

from dev.carrier import client as clients
from dev.patience import PATIENCE

URL = "http://127.0.0.1:9/voice"


@pytest.mark.parametrize(
	("options", "code"),
	[
		({"to": ""}, 21201),
		({"to": "555-0142"}, 21211),
		({"to": "+1555"}, 21211),
		({"to": "+15005550001"}, 21217),
		({"to": "+15005550003"}, 21215),
		({"to": "+15005550004"}, 21216),
		({"from_": ""}, 21213),
		({"from_": "School"}, 21212),
		({"from_": "+13125550199"}, 21210),
		({"url": "/voice"}, 21205),
		({"url": None}, 21205),
		({"url": None, "twiml": "x" * 4001}, 21658),
		({"status_callback": "ftp://school.example"}, 21205),
		({"timeout": 601}, 21208),
		({"timeout": 0}, 21208),
		({"method": "PUT"}, 21209),
		({"send_digits": "12x"}, 21206),
		({"machine_detection": "Perhaps"}, 21234),
		({"machine_detection_timeout": 60}, 21234),
		({"status_callback_event": ["busy"]}, 21626),
		({"status_callback_event": ["no-answer", "completed"]}, 21626),
		({"status_callback_event": ["initiated ringing"]}, 21626),
		({"application_sid": "AP" + "a" * 32}, 21218),
	],
)
def test_calls_that_cannot_be(carrier, twilio, options, code):
	carrier.control("numbers", {DIALER: {}})
	problem = refusal(twilio.calls.create, **{"to": PERSON, "from_": DIALER, "url": URL, **options})
	assert (problem.code, problem.status) == (code, 400)
	assert carrier.control("stats")["calls"] == 0
	assert carrier.log("call")[0]["code"] == code and carrier.log("call")[0]["sid"] is None


@pytest.mark.parametrize(
	("options", "code"),
	[
		({"to": ""}, 21604),
		({"to": "12"}, 21211),
		({"to": "+15005550004"}, 21610),
		({"to": "+15005550009"}, 21614),
		({"from_": None}, 21603),
		({"from_": "+1000"}, 21212),
		({"from_": "+13125550199"}, 21606),
		({"from_": "+15005550008"}, 21611),
		({"body": ""}, 21602),
		({"body": "x" * 1601}, 21617),
		({"status_callback": "nowhere"}, 21609),
		({"content_retention": "forget"}, 30029),
		({"address_retention": "hide"}, 30030),
		({"validity_period": 36001}, 21624),
	],
)
def test_texts_that_cannot_be(carrier, twilio, options, code):
	carrier.control("numbers", {DIALER: {}})
	problem = refusal(twilio.messages.create, **{"to": PERSON, "from_": DIALER, "body": "Hello", **options})
	assert (problem.code, problem.status) == (code, 400)
	assert carrier.control("stats")["messages"] == 0


def test_single_people_can_be_refused(carrier, twilio):
	carrier.control("people", {PERSON: {"attempts": [{"refuse": 21614}, {}]}})
	assert refusal(twilio.messages.create, to=PERSON, from_=DIALER, body="Hello").code == 21614
	assert twilio.messages.create(to=PERSON, from_=DIALER, body="Hello").status == "queued"


def test_wrong_credentials(carrier):
	wrong = clients.client(carrier.url, carrier.account, "wrong")
	problem = refusal(wrong.calls.create, to=PERSON, from_=DIALER, url=URL)
	assert (problem.code, problem.status) == (20003, 401)
	answer = requests.get(f"{carrier.url}/2010-04-01/Accounts/{carrier.account}.json", timeout=PATIENCE)
	assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Basic")
	assert set(answer.json()) == {"code", "message", "more_info", "status"}
	assert answer.json()["more_info"].endswith("/20003")


def test_what_does_not_exist(carrier, twilio):
	assert refusal(twilio.calls("CA" + "0" * 32).fetch).code == 20404
	assert refusal(twilio.messages("SM" + "0" * 32).update, body="").code == 20404
	for path in ("Calls/nonsense.json", "Conferences.json"):
		url = f"{carrier.url}/2010-04-01/Accounts/{carrier.account}/{path}"
		answer = requests.get(url, auth=(carrier.account, carrier.token), timeout=PATIENCE)
		assert (answer.status_code, answer.json()["code"]) == (404, 20404)
	other = f"{carrier.url}/2010-04-01/Accounts/AC{'9' * 32}/Calls.json"
	assert (
		requests.get(other, auth=(carrier.account, carrier.token), timeout=PATIENCE).json()["code"] == 20404
	)


def test_a_suspended_account(carrier, twilio):
	carrier.control("account", {"status": "suspended"})
	assert refusal(twilio.calls.create, to=PERSON, from_=DIALER, url=URL).status == 403
	with pytest.raises(TwilioException, match="20005"):
		twilio.calls.list()


def test_too_many_requests(carrier, twilio):
	carrier.control("account", {"requests_per_second": 3})
	for _ in range(3):
		twilio.messages.create(to=PERSON, from_=DIALER, body="Hello")
	problem = refusal(twilio.messages.create, to=PERSON, from_=DIALER, body="Hello")
	assert (problem.code, problem.status) == (20429, 429)


def test_page_sizes_and_dates_are_checked(carrier):
	url = f"{carrier.url}/2010-04-01/Accounts/{carrier.account}/Calls.json"
	for query, code in (("PageSize=1001", 20007), ("StartTime>=soon", 20422), ("Status=answered", 20422)):
		answer = requests.get(f"{url}?{query}", auth=(carrier.account, carrier.token), timeout=PATIENCE)
		assert (answer.status_code, answer.json()["code"]) == (400, code), query
