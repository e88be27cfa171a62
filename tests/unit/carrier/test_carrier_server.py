"""The process, its control API, inbound calls, and a journal that survives anything."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from carrier_kit import DIALER, PERSON, Page, Site

from dev.carrier.__main__ import DEFAULT_TOKEN
from dev.carrier.dialects import signature
from dev.carrier.server import ROOT, ControlError, start
from dev.patience import PATIENCE, eventually

MENU = (
	'<Response><Say>The last message was: open house tonight.</Say><Gather numDigits="1" action="/keys">'
	"<Say>Press 9 to stop these calls.</Say></Gather></Response>"
)


def test_an_inbound_call_returns_the_whole_conversation(carrier, site):
	carrier.control("numbers", {DIALER: {"voice_url": f"{site.url}/inbound_call"}})
	site.pages["/inbound_call"] = MENU
	site.pages["/keys"] = "<Response><Say>You will not be called again.</Say></Response>"
	told = {"from": PERSON, "to": DIALER, "behaviour": "presses", "digits": "9"}
	result = carrier.control("inbound_call", told)
	asked = site.to("/inbound_call")[0]
	assert asked.signed and asked.params["Direction"] == "inbound" and asked.params["CallStatus"] == "ringing"
	assert (asked.params["From"], asked.params["To"]) == (PERSON, DIALER)
	assert (result["status"], result["http_status"], result["digits"]) == ("completed", 200, ["9"])
	assert result["sentences"][-1] == "You will not be called again." and len(result["documents"]) == 2
	assert carrier.log("inbound_call")[0]["sid"] == result["sid"]


def test_an_inbound_call_that_is_refused_or_goes_nowhere(carrier, site):
	carrier.control("numbers", {DIALER: {"voice_url": f"{site.url}/inbound_call"}})
	site.pages["/inbound_call"] = Page("no", status=403)
	assert carrier.control("inbound_call", {"from": PERSON, "to": DIALER})["http_status"] == 403
	site.pages["/inbound_call"] = '<Response><Reject reason="busy"/></Response>'
	assert carrier.control("inbound_call", {"from": PERSON, "to": DIALER})["status"] == "busy"
	with pytest.raises(ControlError, match="voice_url"):
		carrier.control("inbound_call", {"from": PERSON, "to": "+13125550101"})


@pytest.mark.parametrize(
	("action", "given"),
	[
		("people", {"x": {}}),
		("time", {"speed": 0}),
		("time", {"sped": 1}),
		("account", {"status": "gone"}),
		("account", {"calls_per_second": -1}),
		("numbers", {"312": {}}),
		("numbers", {DIALER: {"fax_url": "x"}}),
		("inbound_text", {"from": "x", "to": DIALER}),
		("person", {"number": "1"}),
		("call", {"sid": "CA0"}),
		("reset", {"sed": 1}),
	],
)
def test_control_says_what_it_cannot_do(carrier, action, given):
	with pytest.raises(ControlError, match="error"):
		carrier.control(action, given)


def test_control_takes_only_json_objects(carrier):
	for body in ("[1]", "{", '"x"'):
		answer = requests.post(f"{carrier.url}/_control/faults", data=body, timeout=PATIENCE)
		assert answer.status_code == 400 and answer.json()["error"]


def test_stats_count_everything(carrier, twilio, site):
	site.pages["/voice"] = "<Response><Say>Hello.</Say></Response>"
	twilio.calls.create(
		to=PERSON, from_=DIALER, url=f"{site.url}/voice", status_callback=f"{site.url}/status"
	)
	twilio.messages.create(to=PERSON, from_=DIALER, body="Hello", status_callback=f"{site.url}/status")
	carrier.wait_until_idle()
	stats = carrier.control("stats")
	assert stats["requests"] == {"call": 1, "message": 1} and stats["documents"] == 1
	assert stats["call_outcomes"] == {"completed": 1} and stats["message_outcomes"] == {"delivered": 1}
	assert stats["callbacks"] == {"delivered": 4} and not any(stats["busy"].values())


def test_webhooks_for_a_public_name_arrive_as_through_a_proxy():
	site = Site(DEFAULT_TOKEN)
	site.public = "https://school.example"
	site.pages["/voice"] = "<Response><Say>Hello.</Say></Response>"
	try:
		with start(speed=2000, routes={"https://school.example": site.url}) as carrier:
			carrier.control("people", {"*": {"behaviour": "answers"}})
			url = f"{carrier.url}/2010-04-01/Accounts/{carrier.account}/Calls.json"
			data = {"To": PERSON, "From": DIALER, "Url": "https://school.example/voice?log=1"}
			assert (
				requests.post(
					url, data=data, auth=(carrier.account, carrier.token), timeout=PATIENCE
				).status_code
				== 201
			)
			carrier.wait_until_idle()
	finally:
		site.close()
	request = site.to("/voice")[0]
	assert request.signed and request.headers["Host"] == "school.example"
	assert request.headers["X-Forwarded-Proto"] == "https"


def test_the_signature_is_twilios_own():
	# The example from Twilio's documentation of webhook security.
	params = {
		"CallSid": "CA1234567890ABCDE",
		"Caller": "+14158675309",
		"Digits": "1234",
		"From": "+14158675309",
		"To": "+18005551212",
	}
	url = "https://mycompany.com/myapp.php?foo=1&bar=2"
	assert signature("12345", url, params) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_the_journal_is_whole_after_a_kill(tmp_path):
	carrier = start(log=tmp_path / "carrier.jsonl", speed=2000, calls_per_second=0)
	url = f"{carrier.url}/2010-04-01/Accounts/{carrier.account}/Messages.json"
	data = {"To": PERSON, "From": DIALER, "Body": "Hello"}
	answers = [
		requests.post(url, data=data, auth=(carrier.account, carrier.token), timeout=PATIENCE)
		for _ in range(20)
	]
	carrier.process.kill()
	carrier.stop()
	written = {line["sid"] for line in carrier.log("message")}
	assert {answer.json()["sid"] for answer in answers} == written


def test_the_process_ends_with_the_one_that_started_it(tmp_path):
	script = (
		"import os, sys; from dev.carrier.server import start;"
		"handle = start(log=sys.argv[1]); print(handle.url, flush=True); os._exit(0)"
	)
	command = [sys.executable, "-c", script, str(tmp_path / "log.jsonl")]
	started = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
	url = started.stdout.strip()

	def gone() -> bool:
		try:
			requests.get(f"{url}/_control/health", timeout=PATIENCE)
		except requests.exceptions.ConnectionError:
			return True
		return False

	eventually("The end of the carrier", gone)


def test_a_taken_port_is_told(carrier):
	port = carrier.url.rsplit(":", 1)[1]
	command = [sys.executable, "-m", "dev.carrier", "--port", port, "--log", str(carrier.log_path)]
	ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
	assert ended.returncode == 1 and f"cannot listen on port {port}" in ended.stderr


def test_hundreds_of_requests_are_taken_at_once(carrier, twilio):
	url = f"{carrier.url}/2010-04-01/Accounts/{carrier.account}/Calls.json"
	session = requests.Session()
	session.auth = (carrier.account, carrier.token)

	def place(number: int) -> int:
		data = {"To": f"+1312555{number:04}", "From": DIALER, "Twiml": "<Response><Say>Hi.</Say></Response>"}
		return session.post(url, data=data, timeout=PATIENCE).status_code

	with ThreadPoolExecutor(8) as pool:
		codes = list(pool.map(place, range(400)))
	carrier.wait_until_idle()
	assert codes == [201] * 400
	stats = carrier.control("stats")
	assert stats["call_outcomes"] == {"completed": 400}
	assert len({line["sid"] for line in carrier.log("call")}) == 400
	assert all(json.dumps(line) for line in carrier.log())
