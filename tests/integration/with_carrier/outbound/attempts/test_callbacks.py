"""Status callbacks: a status only moves forward and counts once.

They arrive in any order, concurrently, early, or for no call, and are accepted from the carrier only.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from urllib.parse import urlencode

import frappe
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dev.patience import PATIENCE, eventually
from school_dialer.base import clock, states
from school_dialer.base.database.rows import insert
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.health import movement
from school_dialer.outbound.attempts import callback_queue
from school_dialer.outbound.attempts.status_updates import StatusUpdate
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.outbound.pace import unanswered
from tests.integration import factories as make

SID = "CA" + "5" * 32
WAY = ("queued", "initiated", "ringing", "in-progress", "completed")
ROW = ("status", "status_rank", "carrier_sid", "answered_by", "duration", "error_code", "attempt")


@pytest.fixture
def log(log) -> str:
	"""Return a log whose message was fetched, so that its final status ends a call that a person heard."""
	frappe.db.set_value("Dialer Call Log", log, "content", "Full", update_modified=False)
	frappe.db.commit()
	return log


def form_of(status: str) -> dict[str, str]:
	form = {"CallSid": SID, "CallStatus": status, "AnsweredBy": "human"}
	return form | {"CallDuration": "12"} if status == "completed" else form


def under_way(campaign: str) -> int:
	frappe.db.rollback()
	return frappe.db.count("Dialer Call Log", {"campaign": campaign, "status_rank": ("<", states.FINAL_RANK)})


@pytest.mark.parametrize(("told", "kept"), [("603", "603"), ("404", "404"), ("", None), ("40x", None)])
def test_the_networks_code_is_kept(log, hooks, told, kept):
	form = {"CallSid": SID, "CallStatus": "busy", "SipResponseCode": told}
	assert hooks.post("status", {"log": log}, form).status_code == 204
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Call Log", log, "sip_code") == kept


def test_many_declined_calls_are_a_warning(log):
	assert movement.declined_calls().state == "ok"
	row = {"direction": "Outbound", "channel": "Voice", "phone": make.phone(), "verdict": "ALLOW"}
	row |= {"placed_at": clock.db_now(), "students": "[]", "status": "busy", "status_rank": 90}
	count = frappe.db.count("Dialer Call Log", {"sip_code": ("is", "set")}) + movement.FEWEST
	names = [frappe.generate_hash(length=12) for _ in range(count)]
	insert("Dialer Call Log", [row | {"name": name, "sip_code": "603"} for name in names])
	found = movement.declined_calls()
	assert found.state == "warn" and found.figures["calls_declined"] >= count
	frappe.db.rollback()


def row_of(log: str) -> dict:
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Call Log", log, ["recipient", "ended_at", *ROW], as_dict=True)


def recipient_of(log: str) -> dict:
	return frappe.db.get_value(
		"Dialer Recipient", row_of(log).recipient, ["status", "attempts", "outcome", "claim"], as_dict=True
	)


def place_again(log: str) -> None:
	"""Reset the call to its state before any callback."""
	frappe.db.sql(
		"update `tabDialer Call Log` log join `tabDialer Recipient` recipient "
		"""on recipient.name = log.recipient
		set log.status = 'placing', log.status_rank = 0, log.carrier_sid = null, log.answered_by = null,
			log.duration = 0, log.ended_at = null, log.answered_at = null, """
		"""recipient.status = 'Dialing', recipient.outcome = null
		where log.name = %s""",
		log,
	)
	frappe.db.commit()


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.permutations(WAY * 5), last=st.sampled_from(("completed", "busy")))
def test_any_order_of_five_copies_leaves_the_same_row(hooks, log, order, last):
	place_again(log)
	for status in order:
		form = form_of(last if status == "completed" else status)
		assert hooks.post("status", {"log": log}, form).status_code == 204
	row = row_of(log)
	assert (row.status, row.status_rank, row.carrier_sid, row.answered_by) == (last, 90, SID, "human")
	assert (row.duration, bool(row.ended_at)) == (12 if last == "completed" else 0, True)
	recipient = recipient_of(log)
	assert (recipient.status, recipient.attempts, recipient.claim) == (
		"Reached" if last == "completed" else "Not Reached",
		1,
		None,
	)


def test_many_copies_at_once_are_one_end(hooks, log):
	with ThreadPoolExecutor(8) as pool:
		answers = list(
			pool.map(lambda _: hooks.post("status", {"log": log}, form_of("completed")), range(16))
		)
	assert {answer.status_code for answer in answers} == {204}
	assert (row_of(log).status, recipient_of(log).status, recipient_of(log).attempts) == (
		"completed",
		"Reached",
		1,
	)


def test_of_two_different_ends_at_once_one_stands(hooks, log):
	for _ in range(5):
		place_again(log)
		with ThreadPoolExecutor(2) as pool:
			ends = [
				pool.submit(hooks.post, "status", {"log": log}, form_of(end)) for end in ("completed", "busy")
			]
		assert [end.result().status_code for end in ends] == [204, 204]
		assert (row_of(log).status, recipient_of(log).status) in (
			("completed", "Reached"),
			("busy", "Not Reached"),
		)


@pytest.mark.exhaustive
def test_a_request_leaves_nothing_of_what_others_brought(hooks, log):
	"""Check that a request also applies all reports queued by others, however many there are.

	No later callback may come, and nothing else would apply them before the scheduler's tick.
	"""
	key = frappe.cache().make_key(callback_queue.LIST)
	others = [callback_queue.to_json("gone", StatusUpdate("completed"))] * 8_000 + [
		callback_queue.to_json(log, StatusUpdate("busy"))
	]
	frappe.cache().execute_command("RPUSH", key, *others)
	assert hooks.post("status", {"log": "gone"}, form_of("ringing")).status_code == 204
	assert frappe.cache().llen(callback_queue.LIST) == 0
	assert (row_of(log).status, recipient_of(log).status) == ("busy", "Not Reached")


def test_a_report_that_cannot_be_applied_holds_up_no_other(hooks, log):
	"""Check that a bad report does not delay the others.

	The example has a value too long for its column, which no webhook lets through.
	"""
	frappe.cache().rpush(
		callback_queue.LIST, callback_queue.to_json(log, StatusUpdate("busy", sid="x" * 500))
	)
	assert hooks.post("status", {"log": log}, form_of("completed")).status_code == 204
	assert (row_of(log).status, recipient_of(log).status) == ("completed", "Reached")
	assert frappe.cache().llen(callback_queue.LIST) == 0


AT_NOON = StatusUpdate("busy", at=datetime(2026, 5, 12, 12, tzinfo=timezone.utc))
"""Has its own time: the site's clock cannot be read yet while tests are collected."""
UNREADABLE = {
	"no JSON": "{",
	"no callback": "[1, 2, 3]",
	"no time": json.dumps(["gone", {"status": "busy"}]),
	"another version's": callback_queue.to_json("gone", AT_NOON).replace("answer", "reply"),
	"another encoding": b"\xff\xfe",
	"nothing": "",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_a_report_that_cannot_be_read_holds_up_no_other(hooks, log, text):
	frappe.cache().rpush(callback_queue.LIST, text)
	assert hooks.post("status", {"log": log}, form_of("completed")).status_code == 204
	assert (row_of(log).status, recipient_of(log).status) == ("completed", "Reached")
	assert frappe.cache().llen(callback_queue.LIST) == 0


@pytest.mark.parametrize("faults", [{}, {"lose_answer": 1.0}], ids=["late", "lost"])
def test_calls_that_end_while_their_posts_wait_for_an_answer(carrier, answering, faults):
	"""Check calls that end before the responses to their requests are written.

	The responses of a chunk are written together, so its first calls have ended by then.
	"""
	numbers = [make.phone() for _ in range(unanswered.PAUSE - 2)]
	for number in numbers:
		make.consent(number)
		answering(number, "busy", rings=0)
	carrier.control("faults", faults)
	doc = make.campaign(numbers)
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	dispatcher.run()
	carrier.wait_until_idle()
	callback_queue.apply_waiting()
	eventually("The last report, which another request applies", lambda: not under_way(doc.name))
	placed = {one["to"]: one["sid"] for one in carrier.log("call") if one["to"] in numbers}
	for recipient in make.recipients(doc.name):
		row = row_of(recipient.last_call_log)
		assert (row.status, row.carrier_sid) == ("busy", placed[recipient.phone])
		assert (recipient.status, recipient.attempts) == ("Not Reached", 1)
	assert frappe.db.get_value("Dialer Campaign", doc.name, "status") == states.COMPLETED


@pytest.mark.parametrize("method", ["status", "message_status", "voice", "keypress"])
def test_a_log_that_is_not_there_changes_nothing(hooks, method):
	def counts() -> tuple[int, int]:
		frappe.db.rollback()
		return frappe.db.count("Dialer Call Log"), frappe.db.count("Consent Event")

	before = counts()
	form = {**form_of("completed"), "MessageStatus": "failed", "ErrorCode": "21610", "Digits": "9"}
	for name in ("gone", "", "x" * 1_000, "' or 1=1 -- ", "%", "\u0000", "né"):
		assert hooks.post(method, {"log": name}, form).status_code in (200, 204), name
	assert counts() == before


def test_signed_for_one_log_is_refused_for_another(hooks, log):
	url = f"{hooks.url}/api/method/school_dialer.webhooks.twilio.status"
	form = {"AccountSid": hooks.account, **form_of("completed")}
	signature = hooks.validator.compute_signature(f"{url}?log=another", form)
	for query in ({"log": log}, [("log", log), ("log", "another")], [("log", "another"), ("log", log)]):
		answer = requests.post(
			f"{url}?{urlencode(query)}",
			data=form,
			headers={"X-Twilio-Signature": signature},
			timeout=PATIENCE,
		)
		assert answer.status_code == 403
	assert row_of(log).status == states.PLACING


def test_what_is_added_to_a_signed_callback_is_refused(hooks, log):
	url = f"{hooks.url}/api/method/school_dialer.webhooks.twilio.status?log={log}"
	form = {"AccountSid": hooks.account, **form_of("ringing")}
	headers = {"X-Twilio-Signature": hooks.validator.compute_signature(url, form)}
	added = [*form.items(), ("CallStatus", "completed")]
	assert requests.post(url, data=added, headers=headers, timeout=PATIENCE).status_code == 403
	assert requests.post(url, data=added[::-1], headers=headers, timeout=PATIENCE).status_code == 403
	assert row_of(log).status == states.PLACING


def test_a_missing_field_is_no_error(hooks, log):
	for missing in ("CallSid", "CallStatus", "AnsweredBy", "CallDuration"):
		place_again(log)
		form = form_of("completed")
		form.pop(missing)
		assert hooks.post("status", {"log": log}, form).status_code == 204, missing
		assert row_of(log).status == (states.PLACING if missing == "CallStatus" else "completed"), missing


def test_a_duration_that_is_no_number_of_seconds_is_left_out(hooks, log):
	for duration in ("", "-1", "1.5", "²", "9" * 7, "9" * 5_000, "NaN"):
		place_again(log)
		form = form_of("completed") | {"CallDuration": duration}
		assert hooks.post("status", {"log": log}, form).status_code == 204, duration
		assert (row_of(log).status, row_of(log).duration) == ("completed", 0), duration


def test_huge_fields_are_cut(hooks, log):
	form = {name: "A" * 100_000 for name in ("CallSid", "AnsweredBy", "ErrorCode")} | {"CallStatus": "busy"}
	assert hooks.post("status", {"log": log}, form).status_code == 204
	row = row_of(log)
	assert row.status == "busy"
	assert {len(row[name]) for name in ("carrier_sid", "answered_by", "error_code")} == {140}


def test_bytes_that_are_no_text_are_refused(hooks, log):
	url = f"{hooks.url}/api/method/school_dialer.webhooks.twilio.status?log={log}"
	form = {"AccountSid": hooks.account, **form_of("completed"), "AnsweredBy": "XX"}
	headers = {
		"X-Twilio-Signature": hooks.validator.compute_signature(url, form),
		"Content-Type": "application/x-www-form-urlencoded",
	}
	for wrong in (b"%FF%FE", b"\xff\xfe", b"%00%ED%A0%80"):
		body = urlencode(form).encode().replace(b"XX", wrong)
		assert requests.post(url, data=body, headers=headers, timeout=PATIENCE).status_code in (403, 413), (
			wrong
		)
	assert row_of(log).status == states.PLACING


def test_a_new_token_counts_at_once(hooks, log, carrier):
	"""Check that a process drops its cached decrypted token when the settings change."""
	for _ in range(8):
		assert hooks.post("status", {"log": "gone"}, form_of("ringing")).status_code == 204
	settings = frappe.get_doc("Dialer Settings")
	settings.auth_token = "another-token"
	settings.save()
	frappe.db.commit()
	try:
		for _ in range(8):
			assert hooks.post("status", {"log": log}, form_of("completed")).status_code == 403
		assert row_of(log).status == states.PLACING
	finally:
		settings.reload()
		settings.auth_token = carrier.token
		settings.save()
		frappe.db.commit()
	assert hooks.post("status", {"log": log}, form_of("completed")).status_code == 204
	assert row_of(log).status == "completed"


def test_no_webhook_asks_the_carrier(hooks, log, carrier):
	asking = ("call", "message", "list", "fetch", "update", "delete", "account", "unknown")
	before = len(carrier.log(*asking))
	for method in ("voice", "keypress", "status", "message_status", "inbound_call", "inbound_keypress"):
		form = {**form_of("completed"), "MessageStatus": "delivered", "Digits": "1", "From": make.phone()}
		assert hooks.post(method, {"log": log}, form).status_code in (200, 204)
	assert len(carrier.log(*asking)) == before
