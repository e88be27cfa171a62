"""The fast path for status callbacks.

What it accepts is applied, and what it cannot verify is left to Frappe.
"""

import random
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import frappe
import pytest
import requests
from redis.exceptions import ConnectionError as RedisGone
from werkzeug.test import Client, EnvironBuilder
from werkzeug.wrappers import Response

from dev.patience import PATIENCE, eventually
from dev.site import ports, services
from school_dialer.attempts import callback_queue
from school_dialer.consent import ledger
from school_dialer.webhooks import callback_fast_path
from school_dialer.webhooks.callback_fast_path import Door
from tests.integration.with_carrier.hooks import Hooks

pytestmark = pytest.mark.exhaustive

SID = "CA" + "7" * 32
WAY = ("queued", "initiated", "ringing", "in-progress", "completed")


@pytest.fixture(scope="module")
def behind_door(web: str) -> Iterator[str]:
	process = services.start_web(ports.any_free(), name="web-door", door=True)
	yield process.details["url"]
	process.stop()


class AtTheDoor(Hooks):
	"""Hooks as behind a proxy: signed for the public address, sent to another."""

	door: str

	def post(self, method: str, query: dict, form: dict, signature: str | None = "sign", **headers: str):
		form = {"AccountSid": self.account, **form}
		path = f"/api/method/school_dialer.webhooks.twilio.{method}?log={query['log']}"
		if signature == "sign":
			signature = self.validator.compute_signature(self.url + path, form)
		headers = {"X-Twilio-Signature": signature, **headers} if signature else headers
		return requests.post(self.door + path, data=form, headers=headers, timeout=PATIENCE)


@pytest.fixture
def at_door(behind_door: str, carrier, web: str) -> AtTheDoor:
	hooks = AtTheDoor(web, carrier.account, carrier.token)
	hooks.door = behind_door
	return hooks


@pytest.fixture
def log(log) -> str:
	"""Return a log whose message was fetched, so that its final status ends a call that a person heard."""
	frappe.db.set_value("Dialer Call Log", log, "content", "Full", update_modified=False)
	frappe.db.commit()
	return log


def form_of(status: str) -> dict[str, str]:
	form = {"CallSid": SID, "CallStatus": status, "AnsweredBy": "human"}
	return form | {"CallDuration": "12"} if status == "completed" else form


def by_door(answer: requests.Response) -> bool:
	"""Return whether the fast path responded. Frappe always sends a cookie."""
	return answer.status_code == 204 and "Set-Cookie" not in answer.headers


def status_of(log: str) -> str:
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Call Log", log, "status")


def test_reports_in_any_order_and_at_once_come_to_one_end(at_door, log):
	chance = random.Random(3)
	forms = [form_of(status) for status in WAY * 5]
	chance.shuffle(forms)
	with ThreadPoolExecutor(8) as pool:
		answers = list(pool.map(lambda form: at_door.post("status", {"log": log}, form), forms))
	assert all(by_door(answer) for answer in answers)
	eventually("The end of the call", lambda: status_of(log) == "completed")
	eventually("An empty list", lambda: frappe.cache().llen(callback_queue.LIST) == 0)
	row = frappe.db.get_value(
		"Dialer Call Log", log, ["carrier_sid", "answered_by", "duration", "recipient"], as_dict=True
	)
	assert (row.carrier_sid, row.answered_by, row.duration) == (SID, "human", 12)
	assert frappe.db.get_value("Dialer Recipient", row.recipient, "status") == "Reached"


def test_a_log_that_is_gone_and_a_text(at_door):
	assert by_door(at_door.post("status", {"log": "gone"}, form_of("completed")))
	text = {"MessageSid": "SM1", "MessageStatus": "delivered"}
	assert by_door(at_door.post("message_status", {"log": "gone"}, text))


@pytest.mark.parametrize(
	("method", "form", "code"),
	[
		("voice", {"CallSid": SID, "CallStatus": "in-progress"}, 200),
		("status", {"CallSid": SID, "CallStatus": "no such status"}, 204),
		("status", {"CallSid": SID, "CallStatus": "busy", "Pad": "x" * 20_000}, 204),
		("message_status", {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "21610"}, 204),
	],
	ids=["words", "unknown", "long", "opt-out at the carrier"],
)
def test_what_is_no_plain_report_is_for_frappe(at_door, method, form, code):
	answer = at_door.post(method, {"log": "gone"}, form)
	assert answer.status_code == code and not by_door(answer)


def test_an_opt_out_at_the_carrier_holds_before_the_answer(at_door, log):
	form = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "21610"}
	phone = frappe.db.get_value("Dialer Call Log", log, "phone")
	assert at_door.post("message_status", {"log": log}, form).status_code == 204
	frappe.db.rollback()
	assert ledger.read([phone])[phone].carrier_blocked


@pytest.mark.parametrize("signature", [None, "", "A" * 28, "é", "x" * 5_000])
def test_without_the_carriers_signature_nothing_is_taken(at_door, log, signature):
	before = status_of(log)
	headers = {} if signature is None else {"X-Twilio-Signature": signature.encode()}
	form = {"AccountSid": at_door.account, **form_of("completed")}
	url = f"{at_door.door}/api/method/school_dialer.webhooks.twilio.status?log={log}"
	assert requests.post(url, data=form, headers=headers, timeout=PATIENCE).status_code == 403
	assert status_of(log) == before


def test_a_signature_for_another_log_or_account_is_refused(at_door, log):
	form = {"AccountSid": at_door.account, **form_of("completed")}
	path = "/api/method/school_dialer.webhooks.twilio.status?log="
	signed = at_door.validator.compute_signature(f"{at_door.url}{path}other", form)
	assert at_door.post("status", {"log": log}, form_of("completed"), signed).status_code == 403
	other = {**form, "AccountSid": "AC" + "9" * 32}
	assert at_door.post("status", {"log": log}, other).status_code == 403
	assert status_of(log) != "completed"


class Knocked:
	"""A fast path in this process, in front of a stub of Frappe that keeps the body it gets."""

	def __init__(self, hooks: AtTheDoor):
		self.hooks = hooks
		self.door = Door(self.frappe)
		self.body: bytes | None = None

	def frappe(self, environ: dict, start_response: Callable):
		self.body = environ["wsgi.input"].read()
		return Response()(environ, start_response)

	def knock(self, site: str) -> bytes | None:
		"""Send a signed callback for a site, and return the body if Frappe got it.

		It runs in a thread, since the fast path connects to the database and disconnects.
		"""
		path = f"/api/method/school_dialer.webhooks.twilio.status?log={secrets.token_hex(4)}"
		form = {"AccountSid": self.hooks.account, **form_of("busy")}
		headers = {
			"X-Frappe-Site-Name": site,
			"X-Twilio-Signature": self.hooks.validator.compute_signature(self.hooks.url + path, form),
		}
		environ = EnvironBuilder(path, method="POST", data=form, headers=headers).get_environ()
		self.body = None
		with ThreadPoolExecutor(1) as beside:
			beside.submit(lambda: Client(self.door).open(environ)).result()
		return self.body


@pytest.fixture
def knocked(at_door: AtTheDoor, monkeypatch) -> Knocked:
	monkeypatch.setattr("frappe.app._site", None)
	monkeypatch.setattr("frappe.app._sites_path", ".")
	return Knocked(at_door)


def test_the_site_is_the_one_that_frappe_would_choose(knocked, site):
	assert knocked.knock(site) is None


@pytest.mark.parametrize("name", ["no.such.site", "../sites", "school.localhost/..", "a b", "", "assets"])
def test_no_other_folder_is_taken_for_a_site(knocked, name):
	assert b"CallStatus=busy" in knocked.knock(name)


def test_without_redis_frappe_gets_the_whole_callback(knocked, site):
	class Gone:
		def execute_command(self, *_arguments):
			raise RedisGone("gone")

	knocked.knock(site)
	knocked.door.sites[site].cache = Gone()
	assert b"CallStatus=busy" in knocked.knock(site)


def test_reports_wait_while_the_database_is_away(at_door, site, monkeypatch):
	"""Check that no report is lost and that there is no endless retry."""

	class Somewhere:
		def execute_command(self, *_arguments):
			raise AssertionError("asked again")

	one = callback_fast_path.Site(site, "", None, "", Somewhere(), b"", None)
	monkeypatch.setattr(frappe, "connect", lambda **_: (_ for _ in ()).throw(OSError("away")))
	monkeypatch.setattr("frappe.app._sites_path", ".")
	one.applying.acquire()
	with ThreadPoolExecutor(1) as beside:
		beside.submit(callback_fast_path.apply, one).result()
	assert one.applying.acquire(blocking=False)


def test_a_form_that_is_no_text(behind_door):
	answer = requests.post(
		f"{behind_door}/api/method/school_dialer.webhooks.twilio.status?log=%ff",
		data=b"\xff\xfe=\x80&AccountSid=%ff",
		headers={"X-Twilio-Signature": "x", "Content-Type": "application/x-www-form-urlencoded"},
		timeout=PATIENCE,
	)
	assert answer.status_code >= 400
