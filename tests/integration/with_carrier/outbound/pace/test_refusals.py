"""What the carrier refuses, at once or much later.

A refusal of one person's number counts for that person. A refusal of the school's account costs no recipient
an attempt.
"""

from datetime import datetime, timezone

import frappe
import pytest

from dev.demo.stage import SENDER
from dev.patience import PATIENCE
from school_dialer.base import clock, states
from school_dialer.campaigns import actions
from school_dialer.outbound.dispatch import carrier_responses, dispatcher
from school_dialer.outbound.pace import circuit_breaker, pacer
from school_dialer.settings import carrier_faults
from tests.integration import factories as make
from tests.integration.with_carrier.outbound.pace.refusals import due_now, resume, run, started, states_of

pytestmark = pytest.mark.exhaustive

SYSTEMIC = [
	("message", 21606, 400, "Text"),
	("message", 21659, 400, "Text"),
	("message", 21660, 400, "Text"),
	("message", 21608, 403, "Text"),
	("message", 21617, 400, "Text"),
	("call", 21210, 400, "Voice"),
	("call", 21212, 400, "Voice"),
	("call", 21205, 400, "Voice"),
	("call", 21219, 403, "Voice"),
]


@pytest.mark.story
@pytest.mark.parametrize(("kind", "code", "status", "channel"), SYSTEMIC)
def test_a_systemic_refusal_pauses_and_burns_no_one(carrier, account, people, kind, code, status, channel):
	account(refuse={kind: code, "status": status})
	doc = run(carrier, started(people(), channel))
	assert doc.status == states.PAUSED
	assert str(code) in doc.status_message and "Resume" in doc.status_message
	assert states_of(doc) == {("Pending", 0)}
	logs = frappe.get_all(
		"Dialer Call Log", {"campaign": doc.name, "error_code": str(code)}, ["error_message", "attempt_key"]
	)
	assert logs and all(log.attempt_key is None for log in logs)
	assert all(f"({code})" in log.error_message and "Twilio error" not in log.error_message for log in logs)
	account(refuse={})
	doc = resume(carrier, doc)
	assert doc.status == states.COMPLETED
	assert states_of(doc) == {("Reached", 1)}


@pytest.mark.parametrize(
	("name", "channel", "code"),
	[
		("unregistered texts", "Text", 30034),
		("toll-free unverified", "Text", 30032),
		("filtered", "Text", 30007),
		("texts refused", "Text", 21606),
		("calls refused", "Voice", 21210),
		("trial", "Text", 21608),
		("trial", "Voice", 21219),
		("trial as 400", "Text", 21608),
	],
)
def test_each_account_that_is_refused_pauses_and_everybody_waits(
	carrier, scenario, people, name, channel, code
):
	scenario(name)
	doc = run(carrier, started(people(), channel))
	assert doc.status == states.PAUSED and f"({code})" in doc.status_message and SENDER in doc.status_message
	assert states_of(doc) == {("Pending", 0)}
	scenario("ordinary account")
	doc = resume(carrier, doc)
	assert doc.status == states.COMPLETED and states_of(doc) == {("Reached", 1)}


def test_what_fails_later_says_so_on_each_recipient(carrier, scenario, people):
	scenario("unregistered texts")
	doc = run(carrier, started(people()))
	words = "The sending number is not registered for texts to people (30034)"
	assert {row.outcome for row in make.recipients(doc.name, "outcome")} == {words}
	assert set(
		frappe.get_all(
			"Dialer Call Log", {"campaign": doc.name, "error_code": "30034"}, pluck="error_message"
		)
	) == {words}


def test_a_new_account_with_two_calls_at_once_reaches_everybody(carrier, scenario, people, monkeypatch):
	"""Check that a call over the limit (10004) waits for another call to end."""
	monkeypatch.setattr(carrier_responses, "NO_ROOM_SECONDS", 1)
	scenario("new account")
	doc = started(people(4), "Voice")
	for _ in range(10):
		current = run(carrier, doc)
		if current.status != states.RUNNING:
			break
		due_now(doc)
	assert current.status == states.COMPLETED and states_of(doc) == {("Reached", 1)}


def test_answers_with_nulls_stop_nothing(carrier, scenario, people):
	scenario("nulls")
	for channel in ("Voice", "Text"):
		doc = run(carrier, started(people(3), channel))
		assert doc.status == states.COMPLETED and states_of(doc) == {("Reached", 1)}


def test_a_failure_that_arrives_after_the_pause_gives_the_turn_back_and_does_not_count_after_resume(
	carrier, people, hooks
):
	"""Check failures that arrive while the campaign is paused, and again after it resumes."""
	numbers = people(4)
	carrier.control("faults", {"drop_callback": 1.0})
	doc = started(numbers)
	dispatcher.run()
	carrier.wait_until_idle()
	carrier.control("faults", {})
	frappe.db.rollback()
	logs = frappe.get_all("Dialer Call Log", {"campaign": doc.name}, ["name", "carrier_sid"], order_by="name")

	def fails(log) -> None:
		form = {"MessageSid": log.carrier_sid, "MessageStatus": "undelivered", "ErrorCode": "30034"}
		assert hooks.post("message_status", {"log": log.name}, form).status_code == 204
		frappe.db.rollback()

	for log in logs[:3]:
		fails(log)
	doc.reload()
	assert doc.status == states.PAUSED
	actions.resume(doc.name)
	frappe.db.commit()
	fails(logs[3])
	fails(logs[3])
	doc.reload()
	assert doc.status == states.RUNNING and states_of(doc) == {("Pending", 0)}


PERSONAL = [
	({"refuse": 21610}, "stopped texts"),
	({"refuse": 21614}, "takes no texts"),
	({"refuse": 21612}, "takes no texts"),
	({"text": {"delivery": "undelivered", "error": 30003}}, "out of reach"),
	({"text": {"delivery": "undelivered", "error": 30004}}, "blocks our texts"),
	({"text": {"delivery": "undelivered", "error": 30005}}, "not in service"),
	({"text": {"delivery": "undelivered", "error": 30006}}, "takes no texts"),
]


@pytest.mark.parametrize(("behaviour", "words"), PERSONAL)
def test_a_person_s_own_failures_never_pause(carrier, people, behaviour, words):
	numbers = people(25, **behaviour)
	doc = run(carrier, started(numbers))
	assert doc.status == states.COMPLETED
	assert states_of(doc) == {("Not Reached", 1)}
	assert all(words in row.outcome for row in make.recipients(doc.name, "outcome"))


def test_one_filtered_text_among_many_pauses_nothing_and_is_sent_again(carrier, people):
	numbers = people(12)
	carrier.control(
		"people",
		{
			numbers[0]: {
				"attempts": [
					{"text": {"delivery": "undelivered", "error": 30007}},
					{"text": {"delivery": "delivered"}},
				]
			}
		},
	)
	doc = run(carrier, started(numbers))
	assert doc.status == states.RUNNING
	assert states_of(doc) == {("Reached", 1), ("Pending", 0)}
	due_now(doc)
	doc = run(carrier, doc)
	assert doc.status == states.COMPLETED and states_of(doc) == {("Reached", 1)}


def test_a_code_that_no_one_knows_blames_no_one_and_is_not_tried_for_ever(carrier, people):
	number, *others = people(8)
	carrier.control("people", {number: {"refuse": 29999}})
	doc = run(carrier, started([number, *others], max_attempts=2))
	due_now(doc)
	doc = run(carrier, doc)
	assert doc.status == states.COMPLETED
	(row,) = [one for one in make.recipients(doc.name) if one.phone == number]
	assert (row.status, row.attempts) == ("Not Reached", 2)
	refused = frappe.get_all("Dialer Call Log", {"phone": number}, ["error_code", "status"])
	assert [(one.error_code, one.status) for one in refused] == [("29999", "refused")] * 2


def test_a_code_that_no_one_knows_for_everybody_pauses_and_gives_the_turns_back(carrier, account, people):
	numbers = people(4)
	account(refuse={"message": 29999})
	doc = run(carrier, started(numbers))
	assert doc.status == states.PAUSED and "29999" in doc.status_message
	assert states_of(doc) == {("Pending", 0)}
	account(refuse={})
	doc = resume(carrier, doc)
	assert doc.status == states.COMPLETED and states_of(doc) == {("Reached", 1)}


@pytest.mark.parametrize(("code", "channel"), [(21611, "Text"), (10004, "Voice")])
def test_try_later_is_tried_later_and_pauses_nothing(carrier, people, code, channel):
	numbers = people()
	told = {"attempts": [{"refuse": code}, {"behaviour": "answers", "text": {"delivery": "delivered"}}]}
	carrier.control("people", dict.fromkeys(numbers, told))
	doc = run(carrier, started(numbers, channel))
	assert doc.status == states.RUNNING and ("Pending", 0) in states_of(doc)
	due_now(doc)
	doc = run(carrier, doc)
	assert doc.status == states.COMPLETED and states_of(doc) == {("Reached", 1)}


def test_an_account_that_never_has_room_pauses_in_the_end(carrier, account, people, monkeypatch):
	monkeypatch.setattr(carrier_responses, "NO_ROOM_SECONDS", 0)
	monkeypatch.setattr(circuit_breaker, "TOO_FAST_MOST", 8)
	account(refuse={"call": 10004})
	doc = run(carrier, started(people(), "Voice"))
	assert doc.status == states.PAUSED and "too many calls at once" in doc.status_message
	assert states_of(doc) == {("Pending", 0)}


def test_a_text_that_waited_too_long_is_tried_again_while_attempts_are_left(carrier, people):
	(number,) = people(1)
	expired = {"text": {"delivery": "undelivered", "error": 30036}}
	carrier.control("people", {number: {"attempts": [expired, {"text": {"delivery": "delivered"}}]}})
	doc = run(carrier, started([number], max_attempts=2))
	assert states_of(doc) == {("Retry", 1)}
	due_now(doc)
	doc = run(carrier, doc)
	assert doc.status == states.COMPLETED and states_of(doc) == {("Reached", 2)}


@pytest.mark.parametrize("code", [30022, 30023, 30027])
def test_a_daily_cap_holds_back_only_those_concerned(carrier, people, code):
	"""Check more of them than would pause a campaign, of a network whose cap is reached."""
	capped = people(25, text={"delivery": "undelivered", "error": code})
	others = people(5)
	doc = run(carrier, started(capped + others))
	assert doc.status == states.RUNNING
	assert states_of(doc) == {("Pending", 0), ("Reached", 1)}
	rows = frappe.get_all("Dialer Recipient", {"campaign": doc.name}, ["status", "not_before"])
	seconds = carrier_faults.seconds_of_limit(carrier_faults.fault_of(code))
	ends = frappe.utils.add_to_date(make.clock.db_now(), seconds=seconds)
	waiting = [row.not_before for row in rows if row.status == "Pending"]
	assert len(waiting) == 25
	assert all(abs((one - ends).total_seconds()) < PATIENCE for one in waiting)


def test_the_accounts_limit_of_the_day_pauses_and_slows_nothing(carrier, account, people, monkeypatch):
	slowed = []
	monkeypatch.setattr(pacer, "slow_down", slowed.append)
	account(refuse={"message": 63038, "status": 429})
	doc = run(carrier, started(people(circuit_breaker.TOO_FAST_MOST + 5)))
	assert doc.status == states.RUNNING and not slowed
	assert states_of(doc) == {("Pending", 0)}
	soonest = frappe.utils.add_to_date(make.clock.db_now(), minutes=50)
	rows = frappe.get_all("Dialer Recipient", {"campaign": doc.name}, pluck="not_before")
	assert min(rows) > soonest


@pytest.mark.parametrize(("hour", "hours_left"), [(7, 1), (8, 24), (20, 12)])
def test_a_limit_ends_at_midnight_pacific(monkeypatch, hour, hours_left):
	at = datetime(2026, 1, 14, hour, tzinfo=timezone.utc)
	monkeypatch.setattr(clock, "now", lambda: at)
	fault = carrier_faults.fault_of(30023, "twilio")
	assert carrier_faults.seconds_of_limit(fault) == hours_left * 3600 + carrier_faults.PAST_MIDNIGHT
