"""What the carrier refuses, at once or much later.

A refusal of one person's number counts for that person. A refusal of the school's account costs no recipient
an attempt.
"""

from datetime import datetime, timezone

import frappe
import pytest

from dev.demo.people import APPROVER
from dev.demo.stage import SENDER
from dev.patience import PATIENCE
from school_dialer import clock, states
from school_dialer.campaigns import actions, notifications, transitions
from school_dialer.campaigns.planning import planner
from school_dialer.carriers.base import Placed, ResponseUnknown
from school_dialer.dispatch import carrier_responses, dispatcher
from school_dialer.pace import circuit_breaker, pacer, resting_numbers, unanswered
from school_dialer.settings import carrier_faults, carrier_settings, live_checklist
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.idling import IdleTime
from tests.integration.with_carrier.lost import end_all
from tests.integration.with_carrier.running import dial, dial_until, prepare

pytestmark = pytest.mark.exhaustive

ORDINARY = {
	"refuse": {},
	"type": "Full",
	"redaction": "all",
	"redaction_refusal": "at once",
	"calls_at_once": 0,
	"trial_status": 403,
}
PEOPLE = 6


@pytest.fixture
def account(carrier):
	"""Yield a function that changes the account at the carrier: `account(refuse={...})`.

	The account is an ordinary one again afterwards.
	"""
	yield lambda **changes: carrier.control("account", changes)
	carrier.control("account", ORDINARY)


@pytest.fixture
def scenario(carrier):
	"""Yield a function that switches the carrier to one of its scenarios, by name (dev/carrier/README.md)."""
	yield carrier.scenario
	carrier.scenario("redaction")


@pytest.fixture
def people(carrier):
	"""Return a function that makes families who answer and get their texts, unless set otherwise."""

	def of(count: int = PEOPLE, **behaviour) -> list[str]:
		numbers = make.many_phones(count)
		make.consents(numbers)
		told = {"behaviour": "answers", "text": {"delivery": "delivered"}, **behaviour}
		carrier.control("people", dict.fromkeys(numbers, told))
		return numbers

	return of


def started(numbers: list[str], channel: str = "Text", **values):
	doc = make.campaign(numbers, channel=channel, **values)
	prepare(doc)
	return doc


def run(carrier, doc) -> frappe._dict:
	dial(carrier)
	frappe.db.rollback()
	return frappe.get_doc("Dialer Campaign", doc.name)


def due_now(doc) -> None:
	frappe.db.sql(
		"update `tabDialer Recipient` set not_before = %s where campaign = %s",
		(make.clock.db_now(), doc.name),
	)
	frappe.db.commit()


def states_of(doc) -> set[tuple[str, int]]:
	return {(row.status, row.attempts) for row in make.recipients(doc.name)}


def resume(carrier, doc) -> frappe._dict:
	"""Resume the campaign and run it. Recipients that waited after the refusal are due at once."""
	actions.resume(doc.name)
	frappe.db.commit()
	return run(carrier, doc)


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


# Tests of what the carrier stores about texts.


@pytest.fixture
def private(school):
	"""Yield a function that sets Dialer Settings to ask for one privacy feature or both.

	Nothing is known yet about the account's support for them.
	"""

	def ask(discard: int = 1, obfuscate: int = 0) -> None:
		values = {
			"discard_text_content": discard,
			"obfuscate_text_numbers": obfuscate,
			"discard_refused_at": None,
			"obfuscate_refused_at": None,
		}
		for fieldname, value in values.items():
			frappe.db.set_single_value("Dialer Settings", fieldname, value)
		frappe.db.commit()
		frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
		frappe.local.dialer_lacking = None

	yield ask
	frappe.db.rollback()
	ask()


def asked_for(carrier, numbers: list[str]) -> list[tuple[int, str, str]]:
	"""Return `(HTTP status, ContentRetention, AddressRetention)` of the texts to these numbers, in order."""
	return [
		(
			entry["status"],
			entry["params"].get("ContentRetention", ""),
			entry["params"].get("AddressRetention", ""),
		)
		for entry in carrier.log("message")
		if entry["to"] in numbers
	]


def test_as_it_comes_words_are_discarded_and_numbers_kept(carrier, scenario, people, private):
	scenario("redaction")
	private()
	numbers = people(1)
	doc = run(carrier, started(numbers))
	assert states_of(doc) == {("Reached", 1)}
	assert asked_for(carrier, numbers) == [(201, "discard", "")]


@pytest.mark.parametrize(("redaction", "obfuscate"), [("none", 0), ("none", 1), ("content", 1)])
def test_an_account_without_redaction_sends_all_the_same(
	carrier, account, people, private, redaction, obfuscate
):
	account(redaction=redaction)
	private(obfuscate=obfuscate)
	numbers = people(3)
	doc = run(carrier, started(numbers))
	assert doc.status == states.COMPLETED and states_of(doc) == {("Reached", 1)}
	sent = asked_for(carrier, numbers)
	assert len([one for one in sent if one[0] == 201]) == 3
	assert 1 <= len([one for one in sent if one[0] != 201]) <= 3
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	later = people(1)
	assert states_of(run(carrier, started(later))) == {("Reached", 1)}
	(only,) = [one for one in asked_for(carrier, later) if one[0] == 201]
	assert only[2] == "" and only[1] == ("discard" if redaction == "content" else "")
	lines = [line.title for line in live_checklist.checklist(frappe.get_doc("Dialer Settings")) if line.done]
	assert any("lacks Message Redaction" in title for title in lines)


def test_a_refusal_that_comes_later_is_sent_once_more_without(carrier, account, people, private, monkeypatch):
	account(redaction="none", redaction_refusal="later")
	private()
	numbers = people(4)
	doc = run(carrier, started(numbers))
	assert doc.status == states.RUNNING and states_of(doc) == {("Pending", 0)}
	frappe.local.dialer_lacking = None
	assert "discard" in carrier_settings.lacking()
	due_now(doc)
	doc = run(carrier, doc)
	assert doc.status == states.COMPLETED and states_of(doc) == {("Reached", 1)}
	assert sorted(asked_for(carrier, numbers)) == [(201, "", "")] * 4 + [(201, "discard", "")] * 4


def test_what_is_known_of_the_account_is_forgotten_with_the_account(school, private):
	private()
	carrier_settings.remember_lacking(["discard"])
	doc = frappe.get_doc("Dialer Settings")
	assert doc.discard_refused_at
	doc.save()
	assert doc.discard_refused_at
	end_all(doc.account_sid)
	doc.account_sid = "AC" + "b" * 32
	doc.save()
	assert not doc.discard_refused_at
	doc.discard_refused_at = "2026-01-01"
	doc.save()
	assert not doc.discard_refused_at


# Tests of limits of the day.


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


# Tests of emergencies.


OTHER = "+13125550111"


@pytest.fixture
def emergency(carrier, people):
	return emergencies.approved


@pytest.fixture
def two_numbers(carrier):
	doc = frappe.get_doc("Dialer Settings")
	doc.append(
		"sending_numbers",
		{"phone_number": OTHER, "channel": "Voice and Text", "calls_per_second": 40, "enabled": 1},
	)
	doc.save()
	frappe.db.commit()
	yield
	doc = frappe.get_doc("Dialer Settings")
	doc.sending_numbers = [row for row in doc.sending_numbers if row.phone_number != OTHER]
	doc.save()
	frappe.db.commit()


def reports(doc, user: str) -> list[str]:
	"""Return the notifications of this user, without any job having run."""
	return frappe.get_all(
		"Notification Log",
		{"document_name": doc.name, "for_user": user},
		pluck="subject",
		order_by="creation",
	)


@pytest.fixture
def other_first(monkeypatch) -> None:
	"""Let SENDER wait until the other number rests. Otherwise it may reach everybody before that."""
	is_resting_for = resting_numbers.is_resting_for

	def waits(campaign, line) -> bool:
		waiting = not resting_numbers.is_resting(campaign.name, campaign.channel, OTHER)
		return is_resting_for(campaign, line) or (line.phone_number == SENDER and waiting)

	monkeypatch.setattr(resting_numbers, "is_resting_for", waits)


@pytest.fixture
def slow_planning(monkeypatch) -> None:
	"""Let the planning of an emergency take longer than a dispatcher waits for more to do."""
	plan, idle_time = planner.run, IdleTime(monkeypatch)

	def slowly(name: str) -> None:
		idle_time.pass_by()
		plan(name)

	monkeypatch.setattr(planner, "run", slowly)


@pytest.mark.story
def test_an_emergency_goes_on_from_another_number_and_its_approver_hears_of_it(
	carrier, people, emergency, two_numbers, other_first, slow_planning, set_pace
):
	"""Check that another number takes over, and that all numbers are there when the emergency is planned.

	The carrier owns SENDER and not the other number, so every text from that one is refused with 21606.
	"""
	set_pace(3)
	numbers = people(12)
	doc = emergency(numbers, channel="Text")
	dial(carrier, emergency=True)
	doc.reload()
	assert doc.status == states.COMPLETED and states_of(doc) == {("Reached", 1)}
	assert OTHER in doc.status_message and "other numbers" in doc.status_message
	assert any("trouble" in subject for subject in reports(doc, APPROVER))


def said(doc, words: str) -> bool:
	"""Return whether the campaign says this now."""
	doc.reload()
	return words in (doc.status_message or "")


def test_an_emergency_without_another_number_is_not_given_up(
	carrier, account, people, emergency, monkeypatch
):
	numbers = people(3)
	account(refuse={"message": 21606})
	doc = emergency(numbers, channel="Text")
	dial_until("The refusal", lambda: said(doc, "No other number is left"), emergency=True)
	assert doc.status == states.RUNNING
	assert states_of(doc) == {("Pending", 0)}
	assert any("trouble" in subject for subject in reports(doc, APPROVER))
	account(refuse={})
	monkeypatch.setattr(resting_numbers, "is_resting", lambda *_about: False)
	dispatcher.run(emergency=True)
	carrier.wait_until_idle()
	frappe.db.rollback()
	assert states_of(doc) == {("Reached", 1)}


@pytest.mark.parametrize("at_once", [True, False])
def test_an_emergencys_approver_hears_of_a_limit_of_the_day(carrier, account, people, emergency, at_once):
	if at_once:
		account(refuse={"message": 63038, "status": 429})
		numbers = people(2)
	else:
		numbers = people(2, text={"delivery": "undelivered", "error": 30023})
	doc = emergency(numbers, channel="Text")
	dial_until("The alarm", lambda: said(doc, "Reach them in another way"), emergency=True)
	assert doc.status == states.RUNNING and states_of(doc) == {("Pending", 0)}
	assert any("trouble" in subject for subject in reports(doc, APPROVER))
	soonest = frappe.utils.add_to_date(make.clock.db_now(), minutes=10)
	rows = frappe.get_all("Dialer Recipient", {"campaign": doc.name}, pluck="not_before")
	assert min(rows) > soonest


def test_wrong_credentials_do_not_stop_an_emergency_for_good(
	carrier, account, people, emergency, monkeypatch
):
	monkeypatch.setattr("school_dialer.dispatch.campaign_failures.AGAIN_SECONDS", 0.1)
	numbers = people(2)
	doc = emergency(numbers)
	carrier.control("account", {"status": "suspended"})
	try:
		dial_until("The trouble", lambda: said(doc, "not paused"), emergency=True)
	finally:
		carrier.control("account", {"status": "active"})
	assert doc.status == states.RUNNING
	assert any("trouble" in subject for subject in reports(doc, APPROVER))
	dispatcher.run(emergency=True)
	carrier.wait_until_idle()
	frappe.db.rollback()
	assert states_of(doc) == {("Reached", 1)}


SILENCES = ["lose_request", "http_500"]


@pytest.mark.parametrize("count", [1, unanswered.ALARM])
@pytest.mark.parametrize("silence", SILENCES)
def test_a_carrier_that_answers_no_one_is_reported_in_an_emergency(
	carrier, people, emergency, silence, count
):
	"""Check that it still says so although the pace was slowed down for the same answers."""
	doc = emergency(people(count))
	carrier.control("faults", {silence: 1.0})
	try:
		dispatcher.run(emergency=True)
	finally:
		carrier.control("faults", {})
	frappe.db.rollback()
	doc.reload()
	assert doc.status == states.RUNNING and "does not answer" in doc.status_message
	assert any("trouble" in subject for subject in reports(doc, APPROVER))


@pytest.mark.parametrize("silence", SILENCES)
def test_a_carrier_that_answers_no_one_pauses_other_campaigns(carrier, people, silence, monkeypatch):
	monkeypatch.setattr(unanswered, "PAUSE", 4)
	doc = started(people(PEOPLE), "Voice")
	carrier.control("faults", {silence: 1.0})
	try:
		dispatcher.run()
	finally:
		carrier.control("faults", {})
	carrier.wait_until_idle()
	frappe.db.rollback()
	doc.reload()
	assert doc.status == states.PAUSED and "does not answer" in doc.status_message


def test_lost_answers_between_others_alarm_no_one(people):
	lost, placed = ResponseUnknown("late"), Placed("CA1", "queued")
	assert unanswered.count("DC-1", [lost, lost, placed, lost]) == 1
	assert unanswered.count("DC-1", [lost]) == 2
	assert unanswered.count("DC-1", [placed]) == 0
	assert unanswered.count("DC-1", [lost, lost, lost]) == unanswered.ALARM
	unanswered.forget("DC-1")


def test_trouble_that_cannot_be_reported_now_is_reported_later(carrier, emergency, people, monkeypatch):
	doc = emergency(people(1))
	tell_once = notifications.notify_once
	monkeypatch.setattr(notifications, "notify_once", lambda *_about: 1 / 0)
	notifications.trouble(doc.name, "It does not go out.")
	frappe.db.commit()
	assert not any("trouble" in subject for subject in reports(doc, APPROVER))
	monkeypatch.setattr(notifications, "notify_once", tell_once)
	notifications.notify_pending(doc.name)
	assert any("trouble" in subject for subject in reports(doc, APPROVER))


def test_an_emergency_that_is_paused_is_reported_to_its_approvers_anyone_who_did_it(
	carrier, emergency, people
):
	doc = emergency(people(1))
	frappe.set_user(APPROVER)
	transitions.try_move(doc.name, states.RUNNING)
	actions.pause(doc.name, "Missing settings")
	frappe.db.commit()
	frappe.set_user("Administrator")
	notifications.notify_pending(doc.name)
	assert any("Paused" in subject for subject in reports(doc, APPROVER))


# Tests of sites from earlier versions.


def test_the_patch_keeps_a_choice_and_sets_what_is_missing(school):
	from school_dialer.patches import text_privacy

	names = ("discard_text_content", "obfuscate_text_numbers")

	def saved() -> tuple:
		singles = frappe.db.get_singles_dict("Dialer Settings")
		return tuple(str(singles.get(name)) for name in names)

	frappe.db.delete("Singles", {"doctype": "Dialer Settings", "field": ("in", names)})
	text_privacy.execute()
	assert saved() == ("1", "0")
	frappe.db.set_single_value("Dialer Settings", {"discard_text_content": 0, "obfuscate_text_numbers": 1})
	text_privacy.execute()
	assert saved() == ("0", "1")
