"""What happens to campaigns when the first carrier account fails, and when it is well again."""

import frappe
import pytest

from school_dialer.base import clock, states
from school_dialer.carriers.base import ConnectionFailed
from school_dialer.outbound.attempts import emergency_watch, reconciler
from school_dialer.outbound.dispatch import dispatcher, lane_scheduler
from school_dialer.outbound.pace import account_breaker, account_health
from school_dialer.reporting import live
from school_dialer.settings import carrier_accounts, carrier_settings
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.accounts.second import (
	NUMBER,
	PROJECT,
	accounts_of,
	called,
	dial_both,
	emergency,
	states_of,
	told_again,
)
from tests.integration.with_carrier.idling import IdleTime
from tests.integration.with_carrier.running import dial_until, prepare

pytestmark = pytest.mark.exhaustive
PEOPLE = 6


@pytest.fixture
def first_account() -> str:
	return carrier_accounts.first().id


def health(account: str):
	return account_health.Watch().health(account)


def open_account(account: str, outcome: str = account_breaker.UNREACHABLE) -> None:
	watch = account_health.Watch()
	for _ in range(account_breaker.IN_A_ROW):
		watch.record(account, outcome)


def rested(account: str) -> None:
	"""Let an open account's rest be over."""
	watch = account_health.Watch()

	def earlier(one, now):
		return account_breaker.replace(one, since=now - account_breaker.LONGEST_REST - 1)

	watch.change(account, earlier)


def resting(account: str) -> None:
	"""Let an account be open for a minute."""
	watch = account_health.Watch()
	watch.change(
		account,
		lambda one, now: account_breaker.after_opening(account_breaker.Health(rest=60.0), "x", now, ""),
	)


def slow_second() -> None:
	"""Let the second account's number take few calls a second, so that the first one has its turn."""
	frappe.db.set_value("Dialer Sending Number", {"phone_number": NUMBER}, "calls_per_second", 4)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def ordinary(count: int = PEOPLE, **values):
	numbers = make.many_phones(count)
	make.consents(numbers)
	doc = make.campaign(numbers, **values)
	prepare(doc)
	return doc, numbers


def use_other(other: bool) -> None:
	value = carrier_accounts.USE_OTHER if other else carrier_accounts.WAIT
	frappe.db.set_single_value("Dialer Settings", "when_carrier_fails", value)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def test_calls_go_through_the_first_account_while_it_is_well(carrier, second, first_account):
	urgent, theirs = emergency()
	dial_both(carrier, second)
	plain, ours = ordinary()
	dial_both(carrier, second, urgent=False)
	assert sorted(called(carrier, theirs + ours)) == sorted(theirs + ours)
	assert called(second, theirs + ours) == []
	assert accounts_of(urgent) == accounts_of(plain) == {first_account: PEOPLE}


def test_an_emergency_goes_on_through_the_second_account_when_the_first_is_dead(
	carrier, second, first_is_dead, first_account
):
	doc, numbers = emergency()
	first_is_dead()
	dial_both(carrier, second)
	assert sorted(called(second, numbers)) == sorted(numbers) and called(carrier, numbers) == []
	assert states_of(doc) == ["Reached"] * PEOPLE
	assert told_again(doc) == 0
	assert health(first_account).reason == account_breaker.UNREACHABLE
	logs = frappe.get_all(
		"Dialer Call Log", {"campaign": doc.name, "result": "reached"}, ["*"], order_by="name"
	)
	assert {(log.carrier, log.carrier_account) for log in logs} == {("signalwire", PROJECT)}
	assert all(len(log.carrier_sid) == 36 for log in logs)


def test_the_second_accounts_line_stays_while_the_emergency_is_planned(
	carrier, second, first_is_dead, monkeypatch
):
	numbers = make.many_phones(PEOPLE)
	doc = emergencies.approved(numbers)
	real, idle_time = lane_scheduler.planner.run, IdleTime(monkeypatch)

	def slowly(name: str) -> None:
		idle_time.pass_by()
		real(name)

	monkeypatch.setattr(lane_scheduler.planner, "run", slowly)
	first_is_dead()
	dispatcher.run(True)
	second.wait_until_idle()
	assert sorted(called(second, numbers)) == sorted(numbers) and states_of(doc) == ["Reached"] * PEOPLE


@pytest.mark.parametrize("changes", [{"status": "suspended"}, {"refuse": {"call": 21216}}])
def test_an_emergency_goes_on_when_the_first_account_is_refused(carrier, second, changes):
	doc, numbers = emergency()
	carrier.control("account", changes)
	dial_both(carrier, second)
	assert sorted(called(second, numbers)) == sorted(numbers) and states_of(doc) == ["Reached"] * PEOPLE


def test_an_ordinary_campaign_waits_and_goes_on_by_itself(carrier, second, first_is_dead, first_account):
	doc, numbers = ordinary()
	first_is_dead()
	open_account(first_account)
	dial_until("The campaign's wait", lambda: "Twilio" in (message_of(doc) or ""))
	assert called(second, numbers) == called(carrier, numbers) == []
	row = frappe.db.get_value("Dialer Campaign", doc.name, ["status", "status_message"], as_dict=True)
	assert row.status == states.RUNNING and "Twilio" in row.status_message
	first_is_dead(False)
	rested(first_account)
	dial_both(carrier, second, urgent=False)
	assert sorted(called(carrier, numbers)) == sorted(numbers) and called(second, numbers) == []
	assert health(first_account).state == account_breaker.CLOSED
	assert states_of(doc) == ["Reached"] * PEOPLE


def message_of(doc) -> str | None:
	return frappe.db.get_value("Dialer Campaign", doc.name, "status_message")


def test_an_ordinary_campaign_uses_the_other_account_if_the_school_says_so(
	carrier, second, first_is_dead, first_account
):
	use_other(True)
	doc, numbers = ordinary()
	first_is_dead()
	dial_both(carrier, second, urgent=False)
	assert sorted(called(second, numbers)) == sorted(numbers)
	assert states_of(doc) == ["Reached"] * PEOPLE


def test_a_half_open_account_gets_a_few_calls_and_is_well_again(carrier, second, first_account):
	open_account(first_account)
	rested(first_account)
	slow_second()
	_doc, numbers = emergency(20)
	dial_both(carrier, second)
	assert health(first_account).state == account_breaker.CLOSED
	assert len(called(carrier, numbers)) >= account_breaker.TRIALS
	assert sorted(called(carrier, numbers) + called(second, numbers)) == sorted(numbers)


def test_a_half_open_account_that_fails_again_costs_a_few_calls_only(
	carrier, second, first_is_dead, first_account
):
	open_account(first_account)
	rested(first_account)
	first_is_dead()
	slow_second()
	doc, numbers = emergency(20)
	dial_both(carrier, second)
	assert sorted(called(second, numbers)) == sorted(numbers)
	assert health(first_account).rest >= 2 * account_breaker.FIRST_REST
	tried = frappe.db.count(
		"Dialer Call Log",
		{"campaign": doc.name, "carrier_account": first_account, "error_message": ("!=", "Not sent")},
	)
	assert tried <= 3 * account_breaker.TRIALS, "a few trials, each after a rest"


def lost_emergency(carrier, second, fault: str, count: int = PEOPLE):
	"""Return an emergency whose requests at the first account all lost their answer."""
	doc, numbers = emergency(count)
	carrier.control("faults", {fault: 1})
	resting(PROJECT)
	dial_both(carrier, second, rounds=1)
	carrier.control("faults", {})
	account_health.forget(PROJECT)
	frappe.db.rollback()
	return doc, numbers


def later(doc, seconds: float) -> None:
	"""Let what was sent have been sent so long ago. A permit is not valid at another clock's time."""
	frappe.db.sql(
		"""update `tabDialer Call Log` set placed_at = placed_at - interval %(seconds)s second,
		asked_at = asked_at - interval %(seconds)s second where campaign = %(campaign)s""",
		{"campaign": doc.name, "seconds": seconds},
	)
	frappe.db.commit()


def half_a_minute_later(doc) -> None:
	later(doc, 31)


def four_seconds_ago(doc) -> None:
	"""Let the last request have left four seconds ago, however long this machine has worked since."""
	of_campaign = {"campaign": doc.name}
	newest = frappe.db.get_value("Dialer Call Log", of_campaign, "placed_at", order_by="placed_at desc")
	later(doc, 4 - (clock.db_now() - newest).total_seconds())


def look() -> None:
	emergency_watch.look(carrier_settings.Carriers(), account_health.Watch())
	frappe.db.commit()


def test_what_the_first_account_does_not_have_is_called_once_more(carrier, second):
	doc, numbers = lost_emergency(carrier, second, "lose_request", 3)
	assert "Unknown" in states_of(doc)
	lost = frappe.db.count("Dialer Call Log", {"campaign": doc.name, "status": states.LOST})
	half_a_minute_later(doc)
	look()
	assert told_again(doc) == lost
	dial_both(carrier, second)
	assert sorted(called(carrier, numbers) + called(second, numbers)) == sorted(numbers)
	assert states_of(doc) == ["Reached"] * 3


def test_what_the_first_account_has_is_not_called_again(carrier, second):
	doc, numbers = lost_emergency(carrier, second, "lose_answer", 3)
	half_a_minute_later(doc)
	look()
	dial_both(carrier, second)
	assert told_again(doc) == 0
	assert sorted(called(carrier, numbers) + called(second, numbers)) == sorted(numbers)


def test_an_account_that_cannot_be_asked_lets_each_be_called_once_more_and_never_again(
	carrier, second, first_is_dead
):
	doc, _numbers = lost_emergency(carrier, second, "lose_answer", 3)
	frappe.db.sql(
		"update `tabDialer Recipient` set status = 'Unknown' where campaign = %s and last_call_log in "
		"(select name from `tabDialer Call Log` where campaign = %s and status = 'unknown')",
		(doc.name, doc.name),
	)
	frappe.db.commit()
	unknown = states_of(doc).count("Unknown")
	first_is_dead()
	look()
	assert told_again(doc) == 0, "not before half a minute has passed"
	half_a_minute_later(doc)
	look()
	assert told_again(doc) == unknown
	second.control("faults", {"lose_request": 1})
	dial_both(carrier, second, rounds=1)
	second.control("faults", {})
	again = states_of(doc).count("Unknown")
	second_url = frappe.conf[carrier_settings.OTHER_URLS_KEY]
	frappe.conf[carrier_settings.OTHER_URLS_KEY] = {PROJECT: "http://127.0.0.1:9"}
	try:
		half_a_minute_later(doc)
		look()
		assert states_of(doc).count("Unknown") == again and told_again(doc) == unknown
	finally:
		frappe.conf[carrier_settings.OTHER_URLS_KEY] = second_url


def test_an_ordinary_call_whose_answer_was_lost_is_never_repeated_blindly(carrier, second, first_is_dead):
	doc, numbers = ordinary(3)
	carrier.control("faults", {"lose_answer": 1})
	dial_until("A lost answer", lambda: called(carrier, numbers))
	carrier.control("faults", {})
	carrier.wait_until_idle()
	frappe.db.rollback()
	frappe.db.sql("update `tabDialer Recipient` set status = 'Unknown' where campaign = %s", doc.name)
	frappe.db.commit()
	first_is_dead()
	half_a_minute_later(doc)
	look()
	reconciler.run()
	assert set(states_of(doc)) <= {"Unknown", "Pending"} and told_again(doc) == 0


def test_calls_that_are_accepted_and_do_not_ring_are_made_through_the_second_account(
	carrier, second, first_account
):
	carrier.control("account", {"begins_calls": False})
	doc, numbers = emergency()
	dial_both_without_waiting(second)
	accepted = called(carrier, numbers)
	assert len(accepted) == PEOPLE
	half_a_minute_later(doc)
	look()
	assert health(first_account).reason == account_breaker.SILENT
	dial_both_without_waiting(second)
	carrier.control("account", {"begins_calls": True})
	carrier.wait_until_idle()
	frappe.db.rollback()
	rang = [one["to"] for one in carrier.log("outcome") if one["to"] in numbers and one.get("rang_at")]
	assert sorted(rang + called(second, numbers)) == sorted(numbers), "each phone rings once"
	assert told_again(doc) == 0


@pytest.fixture
def silent_emergency(carrier, second):
	"""Yield an emergency whose calls the first account accepted and begins none of, and its numbers."""
	carrier.control("account", {"begins_calls": False})
	doc, numbers = emergency()
	dial_both_without_waiting(second)
	assert len(called(carrier, numbers)) == PEOPLE
	yield doc, numbers
	carrier.control("account", {"begins_calls": True})
	carrier.wait_until_idle()


def test_an_account_that_begins_no_call_gets_no_more_within_seconds(silent_emergency, second, first_account):
	doc, numbers = silent_emergency
	four_seconds_ago(doc)
	look()
	assert health(first_account).reason == account_breaker.SILENT
	_other, more = emergency(3)
	dial_both_without_waiting(second)
	assert called(second, more) == called(second, numbers + more), "nothing is repeated yet"
	assert called(second, more) and "canceled" not in statuses(doc)


def statuses(doc) -> set[str]:
	return set(frappe.get_all("Dialer Call Log", {"campaign": doc.name}, pluck="status", order_by="name"))


def test_an_account_that_reports_nothing_but_calls_stays_in_use(carrier, second, first_account):
	carrier.control("faults", {"drop_callback": 1.0})
	carrier.control("people", {"*": {"behaviour": "no answer"}})
	doc, numbers = emergency()
	dispatcher.run(True)
	carrier.wait_until_idle()
	four_seconds_ago(doc)
	assert statuses(doc) == {"queued"}
	look()
	assert health(first_account).state == account_breaker.CLOSED and not called(second, numbers)


def test_the_only_account_that_is_well_stays_in_use(silent_emergency, first_account):
	doc, _numbers = silent_emergency
	four_seconds_ago(doc)
	open_account(PROJECT)
	look()
	assert health(first_account).state == account_breaker.CLOSED


def dial_both_without_waiting(second) -> None:
	dispatcher.run(True)
	second.wait_until_idle()
	frappe.db.rollback()


def test_an_account_whose_calls_ring_again_is_well(carrier, second, first_account):
	open_account(first_account, account_breaker.SILENT)
	rested(first_account)
	slow_second()
	_doc, numbers = emergency(20)
	dial_both(carrier, second)
	look()
	assert called(carrier, numbers) and health(first_account).state == account_breaker.CLOSED


def test_when_no_account_is_well_an_emergency_tries_them_all(carrier, second, first_is_dead, first_account):
	doc, numbers = emergency(3)
	first_is_dead()
	second.control("account", {"status": "suspended"})
	dial_until("The failure", lambda: health(first_account).state != account_breaker.CLOSED, emergency=True)
	assert frappe.db.get_value("Dialer Campaign", doc.name, "status") == states.RUNNING
	first_is_dead(False)
	account_health.forget(first_account)
	frappe.db.sql(
		"update `tabDialer Recipient` set not_before = %s where campaign = %s", (clock.db_now(), doc.name)
	)
	frappe.db.commit()
	dial_both(carrier, second)
	assert sorted(called(carrier, numbers)) == sorted(numbers)


def test_the_live_view_and_the_health_page_show_the_states(carrier, second, first_account):
	doc, _numbers = emergency(3)
	open_account(first_account, account_breaker.REFUSED)
	frappe.db.rollback()
	shown = live.carriers(frappe.get_doc("Dialer Campaign", doc.name))
	assert [(one["title"], one["state"]) for one in shown] == [
		("Twilio", "open"),
		("Second carrier", "closed"),
	]
	assert shown[0]["words"] and shown[0]["since"] and shown[0]["told_again"] == 0
	from school_dialer.health import accounts

	finding = accounts.carrier_accounts()
	assert finding.state == "warn" and "Twilio" in finding.text
	open_account(PROJECT)
	assert accounts.carrier_accounts().state == "fail", "both are open"


def test_one_account_behaves_as_ever(carrier, first_account):
	account_health.forget(first_account)
	doc, numbers = ordinary(3)
	assert not carrier_accounts.several() and live.carriers(frappe.get_doc("Dialer Campaign", doc.name)) == []
	watch = account_health.Watch()
	watch.returned(first_account, watch.leaves(first_account), ConnectionFailed("x"))
	from tests.integration.with_carrier.running import dial

	dial(carrier)
	assert sorted(called(carrier, numbers)) == sorted(numbers)
	account_health.forget(first_account)
