"""The fast path for status callbacks.

What it accepts is applied, and what it cannot verify is left to Frappe.
"""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import frappe
import pytest
import requests
from redis.exceptions import ConnectionError as RedisGone

from dev.patience import PATIENCE, eventually
from school_dialer.consent import ledger
from school_dialer.outbound.attempts import callback_queue
from school_dialer.webhooks import callback_fast_path
from school_dialer.webhooks.own_context import Connections
from tests.integration.with_carrier.fast_path import by_frappe

pytestmark = pytest.mark.exhaustive

SID = "CA" + "7" * 32
WAY = ("queued", "initiated", "ringing", "in-progress", "completed")


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
	"""Return whether the fast path took a report."""
	return answer.status_code == 204 and not by_frappe(answer)


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
		("inbound_keypress", {"CallSid": SID, "CallStatus": "in-progress"}, 200),
		("status", {"CallSid": SID, "CallStatus": "no such status"}, 204),
		("status", {"CallSid": SID, "CallStatus": "busy", "Pad": "x" * 20_000}, 204),
		("message_status", {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "21610"}, 204),
	],
	ids=["another method", "unknown", "long", "opt-out at the carrier"],
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


def test_reports_wait_while_the_database_is_away(knocked, site, monkeypatch):
	"""Check that no report is lost and that there is no endless retry."""

	class Somewhere:
		def execute_command(self, *_arguments):
			raise AssertionError("asked again")

	knocked.knock(site, "voice", CallSid="CA7")
	known = knocked.door.sites[site]
	one = replace(known, cache=Somewhere(), connections=Connections(), applying=threading.Lock())
	monkeypatch.setattr(frappe, "connect", lambda **_: (_ for _ in ()).throw(OSError("away")))
	one.applying.acquire()
	with ThreadPoolExecutor(1) as beside:
		beside.submit(callback_fast_path.apply, one).result()
	assert one.applying.acquire(blocking=False)


@pytest.mark.parametrize("once", ["another process applied reports", "a report arrived meanwhile"])
def test_the_list_is_looked_at_again(knocked, site, monkeypatch, once):
	"""Check what a report relies on that came too late for the one look at the list."""
	looks, knew = [], knocked.knock(site, "voice", CallSid="CA7")
	known = knocked.door.sites[site]

	def apply_once() -> bool:
		looks.append(known.arrived.is_set())
		if len(looks) == 1 and once.startswith("a report"):
			known.arrived.set()
		return len(looks) > 1 or once.startswith("a report")

	try:
		with monkeypatch.context() as patch:
			patch.setattr(callback_queue, "apply_once", apply_once)
			assert knew is None and knocked.knock(site) is None
			eventually("The second look", lambda: len(looks) > 1)
			known.executor.submit(lambda: None).result()
			assert looks == [False, False] and known.applying.acquire(blocking=False)
			known.applying.release()
	finally:
		callback_queue.apply_waiting()


def test_one_request_reads_the_settings_for_all(knocked, site, monkeypatch):
	read_site, readings, all_are_here = callback_fast_path.read_site, [], threading.Barrier(4)

	def read(name: str, before=None):
		readings.append(before)
		return read_site(name, before)

	def ask(_number: int):
		all_are_here.wait(PATIENCE)
		return knocked.door.cached(site, stamp) or knocked.door.read_once(site, stamp)

	assert knocked.knock(site, "voice", CallSid="CA7") is None
	old, stamp = knocked.door.sites[site], callback_fast_path.stamp_of(site)
	old.read_at -= callback_fast_path.READ_AGAIN
	monkeypatch.setattr(callback_fast_path, "read_site", read)
	with ThreadPoolExecutor(4) as pool:
		found = list(pool.map(ask, range(4)))
	assert readings == [old.surroundings]
	assert set(map(id, found)) == {id(knocked.door.sites[site])} and found[0] is not old


def test_what_requests_looked_up_is_read_again_with_the_settings(knocked, site):
	cache = frappe.cache()
	one, hashed, gone = map(cache.make_key, ("dialer_test_one", "dialer_test_hash", "dialer_test_gone"))
	assert knocked.knock(site, "voice", CallSid="CA7") is None
	old = knocked.door.sites[site]
	old.surroundings.metadata = {one: "old", hashed: {"a": "old", "gone": "old"}, gone: {"a": "old"}}
	old.read_at -= callback_fast_path.READ_AGAIN
	try:
		cache.set_value("dialer_test_one", ["new"])
		cache.hset("dialer_test_hash", "a", "new")
		assert knocked.knock(site, "voice", CallSid="CA7") is None
	finally:
		cache.delete_value(["dialer_test_one", "dialer_test_hash"])
	new = knocked.door.sites[site].surroundings.metadata
	assert (new[one], new[hashed]) == (["new"], {"a": "new"}) and gone not in new


def test_a_form_that_is_no_text(behind_door):
	answer = requests.post(
		f"{behind_door}/api/method/school_dialer.webhooks.twilio.status?log=%ff",
		data=b"\xff\xfe=\x80&AccountSid=%ff",
		headers={"X-Twilio-Signature": "x", "Content-Type": "application/x-www-form-urlencoded"},
		timeout=PATIENCE,
	)
	assert answer.status_code >= 400
