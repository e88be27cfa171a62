"""Look-ups with several carrier accounts: the one that can is asked, and the evidence names it."""

import frappe
import pytest

from school_dialer.lines import record
from school_dialer.lookups import provider, runs
from school_dialer.lookups.runs import DONE, ENDED
from school_dialer.outbound.pace import account_breaker, account_health
from school_dialer.settings import carrier_accounts
from tests.integration.with_carrier.lookups.other_account import OTHER


def first() -> str:
	return carrier_accounts.first().id


def evidence(number: str) -> list[tuple[str, str]]:
	"""Return the account and the answer of each look-up of this number, in order."""
	frappe.db.rollback()
	rows = frappe.get_all(
		record.DOCTYPE,
		{"phone": number},
		["carrier_account", "reassigned", "provider"],
		order_by="asked_at, name",
	)
	assert {row.provider for row in rows} == {"twilio"}
	return [(row.carrier_account, row.reassigned) for row in rows]


def asked(carrier, numbers: list[str]) -> list[str]:
	return [one["to"] for one in carrier.log("lookup") if one["to"] in numbers]


def test_the_first_account_is_asked_and_named(carrier, other, numbers, look_up):
	assert look_up().state == DONE
	assert [evidence(one) for one in numbers] == [[(first(), "No")]] * 3
	assert asked(carrier, numbers) == numbers and not asked(other, numbers)


def test_an_account_that_cannot_look_up_is_not_asked(carrier, other, numbers, look_up, settings):
	settings(carrier="signalwire")
	other.control("lines", {numbers[1]: {"says": "yes"}})
	try:
		assert look_up().reassigned == 1
		assert [evidence(one) for one in numbers] == [[(OTHER, "No")], [(OTHER, "Yes")], [(OTHER, "No")]]
		assert not asked(carrier, numbers)
	finally:
		settings(carrier="twilio")


def test_without_an_account_that_can_nothing_starts(numbers, settings):
	settings(carrier="signalwire")
	doc = frappe.get_doc({"doctype": runs.DOCTYPE}).insert()
	try:
		with pytest.raises(frappe.ValidationError, match="SignalWire does not look up numbers"):
			runs.start(doc.name, queue=False)
	finally:
		frappe.db.rollback()
		settings(carrier="twilio")


def test_an_account_that_fails_is_passed_over(carrier, other, numbers, look_up):
	watch = account_health.Watch()
	for _time in range(account_breaker.IN_A_ROW):
		watch.record(first(), account_breaker.REFUSED)
	assert watch.room(first()) == 0
	assert look_up().state == DONE
	assert [evidence(one) for one in numbers] == [[(OTHER, "No")]] * 3 and not asked(carrier, numbers)


def test_a_refused_number_is_asked_of_the_other_account(carrier, other, numbers, look_up):
	carrier.control("lines", {numbers[1]: {"refuse": 20429}})
	other.control("lines", {numbers[1]: {"says": "yes"}, numbers[2]: {"line_type": "landline"}})
	run = look_up()
	assert (run.state, run.done, run.errors, run.reassigned, run.without_texts) == (DONE, 4, 1, 1, 1)
	assert [evidence(one) for one in numbers] == [
		[(first(), "No")],
		[(first(), "No answer"), (OTHER, "Yes")],
		[(OTHER, "No")],
	]
	assert run.cost == pytest.approx(3 * 0.028)


def test_answers_that_come_too_late_or_cannot_be_read_lead_to_the_other_account(
	carrier, other, numbers, look_up, monkeypatch
):
	monkeypatch.setattr(runs, "MOST_FAILURES", 2)
	carrier.control("lines", {numbers[0]: {"malformed": "wrong types"}, numbers[1]: {"late": 60}})
	run = look_up()
	assert (run.state, run.done, run.errors) == (DONE, 4, 2)
	assert [evidence(one) for one in numbers] == [
		[(first(), "No answer")],
		[(first(), "No answer"), (OTHER, "No")],
		[(OTHER, "No")],
	]


def test_no_account_that_answers_ends_the_run(carrier, other, numbers, look_up):
	for one in (carrier, other):
		one.control("lines", {numbers[0]: {"refuse": 20429}})
	run = look_up()
	assert (run.state, run.done, run.cost) == (ENDED, 2, 0) and "429" in run.message
	assert [account for account, _answer in evidence(numbers[0])] == [first(), OTHER]


def test_asking_again_stays_within_the_limit(carrier, other, numbers, look_up, settings, monkeypatch):
	monkeypatch.setattr(runs, "MOST_FAILURES", 1)
	carrier.control("lines", {numbers[0]: {"malformed": "empty"}})
	spent = runs.config.budget().spent_today
	settings(lookup_most_per_day=float(spent) + 0.03)
	run = look_up()
	assert (run.state, run.done) == (ENDED, 1) and evidence(numbers[0]) == [(first(), "No answer")]
	assert not asked(other, numbers)


def test_an_account_that_is_off_is_not_asked(other, settings):
	doc = frappe.get_doc("Dialer Settings")
	doc.carrier_accounts[0].enabled = 0
	doc.save()
	settings(carrier="signalwire")
	try:
		with pytest.raises(frappe.ValidationError, match="does not look up numbers"):
			provider.provider()
	finally:
		settings(carrier="twilio")
