"""Two carrier accounts at the fast path: each with its own key, and only about its own calls."""

from collections.abc import Iterator

import frappe
import pytest

from dev.patience import eventually
from school_dialer.consent import ledger
from school_dialer.outbound.attempts import callback_queue
from tests.integration.with_carrier.accounts.second import (
	KEY,
	PROJECT,
	SID,
	TOKEN,
	SecondHooks,
	status_of,
)
from tests.integration.with_carrier.fast_path import AtTheDoor, by_frappe, served

pytestmark = pytest.mark.exhaustive

ENDED = {"CallStatus": "completed", "CallDuration": "40"}


class SecondAtTheDoor(AtTheDoor):
	header = SecondHooks.header


@pytest.fixture
def door(second, web) -> Iterator[str]:
	"""Serve the site behind a fast path that reads the settings now, with the second account."""
	with served() as url:
		yield url


@pytest.fixture
def ours(door, web, carrier) -> AtTheDoor:
	return AtTheDoor(door, web, carrier.account, carrier.token)


@pytest.fixture
def theirs(door, web) -> SecondAtTheDoor:
	return SecondAtTheDoor(door, web, PROJECT, KEY)


def opted_out(log: str) -> bool:
	frappe.db.rollback()
	phone = frappe.db.get_value("Dialer Call Log", log, "phone")
	return bool(ledger.read([phone])[phone].opt_outs)


def test_words_keys_and_reports_of_the_second_account(second_log, theirs):
	said = theirs.post("voice", {"log": second_log}, {"CallSid": SID, "AnsweredBy": "human"})
	assert said.status_code == 200 and "Thursday" in said.text
	pressed = theirs.post("keypress", {"log": second_log, "turn": "0"}, {"CallSid": SID, "Digits": "9"})
	assert pressed.status_code == 200 and opted_out(second_log)
	ended = theirs.post("status", {"log": second_log}, {"CallSid": SID, **ENDED})
	assert ended.status_code == 204
	assert not any(map(by_frappe, (said, pressed, ended)))
	eventually("The end of the call", lambda: status_of(second_log) == "completed")


def test_the_second_account_signs_with_its_own_key_in_either_header(second_log, door, web, theirs):
	form = {"CallSid": SID, "AnsweredBy": "human"}
	for wrong in (TOKEN, "", "x"):
		answer = SecondAtTheDoor(door, web, PROJECT, wrong).post("voice", {"log": second_log}, form)
		assert answer.status_code == 403 and "Response" not in answer.text
	answer = AtTheDoor(door, web, PROJECT, KEY).post("voice", {"log": second_log}, form)
	assert "Thursday" in answer.text and not by_frappe(answer)


def test_no_account_gets_the_words_or_the_keys_of_the_others_call(first_log, ours, theirs):
	form = {"CallSid": "CA1", "AnsweredBy": "human", "Digits": "9"}
	for method in ("voice", "keypress", "voicemail_end"):
		answer = theirs.post(method, {"log": first_log}, form)
		assert answer.status_code == 403 and "Response" not in answer.text
	assert not opted_out(first_log)
	assert not frappe.db.get_value("Dialer Call Log", first_log, "content")
	assert "Thursday" in ours.post("voice", {"log": first_log}, form).text


def test_the_first_account_gets_nothing_of_the_seconds_call(second_log, ours):
	answer = ours.post("voice", {"log": second_log}, {"CallSid": SID, "AnsweredBy": "human"})
	assert answer.status_code == 403 and "Response" not in answer.text


def test_a_report_about_the_others_call_changes_nothing(first_log, theirs):
	assert theirs.post("status", {"log": first_log}, {"CallSid": "CA1", **ENDED}).status_code == 204
	eventually("An empty list", lambda: not frappe.cache().llen(callback_queue.LIST))
	assert status_of(first_log) == "queued"
