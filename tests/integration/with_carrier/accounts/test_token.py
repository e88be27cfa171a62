"""An account whose token cannot be read: no call goes through it, and the other account serves."""

from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock, states
from school_dialer.consent import ledger
from school_dialer.followup import confirmations
from school_dialer.outbound.attempts import carrier_queue, reconciler
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.outbound.pace import account_breaker, account_health
from school_dialer.settings import carrier_accounts, carrier_settings
from tests.integration import factories as make
from tests.integration.with_carrier.accounts.second import (
	NUMBER,
	PROJECT,
	accounts_of,
	dial_both,
	emergency,
)
from tests.integration.with_carrier.running import prepare, state_of


@pytest.fixture
def unreadable(second, monkeypatch):
	"""Return a function that makes the tokens of accounts unreadable, given by id."""

	def of(*accounts: str) -> None:
		real = carrier_accounts.token
		monkeypatch.setattr(carrier_accounts, "token", lambda one: None if one.id in accounts else real(one))

	return of


@pytest.mark.parametrize("which", ["first", "second"])
def test_an_emergency_goes_through_the_other_account(carrier, second, unreadable, which):
	first = carrier_accounts.first().id
	doc, numbers = emergency()
	unreadable({"first": first, "second": PROJECT}[which])
	dial_both(carrier, second)
	assert state_of(doc) == states.COMPLETED
	assert accounts_of(doc) == {PROJECT if which == "first" else first: len(numbers)}
	(ill,) = [one for one in account_health.accounts_shown() if one.state == account_breaker.OPEN]
	assert "token" in ill.words


def test_campaigns_of_the_other_account_are_not_paused(carrier, second, unreadable):
	number = make.unlisted_phone()
	make.consent(number)
	doc = make.campaign([number])
	prepare(doc)
	unreadable(PROJECT)
	dial_both(carrier, second, urgent=False)
	assert state_of(doc) == states.COMPLETED


def test_lost_calls_of_the_other_account_are_looked_up(carrier, second, unreadable, pass_time):
	doc, _numbers = emergency(3)
	unreadable(carrier_accounts.first().id)
	second.control("faults", {"lose_answer": 1})
	dial_both(carrier, second, rounds=1)
	second.control("faults", {})
	second.wait_until_idle()
	pass_time(seconds=31)
	reconciler.run()
	frappe.db.rollback()
	known = {"campaign": doc.name, "carrier_account": PROJECT, "carrier_sid": ("is", "set")}
	assert frappe.db.count("Dialer Call Log", known)


def test_calls_in_the_queue_of_the_other_account_end_with_their_hours(second_log, unreadable):
	soon = clock.db_now() + timedelta(seconds=1)
	values = {"placed_at": clock.db_now(), "closes_at": soon, "asked_at": None}
	frappe.db.set_value("Dialer Call Log", second_log, values)
	frappe.db.commit()
	unreadable(carrier_accounts.first().id)
	carrier_queue.mind_closings()
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Call Log", second_log, "asked_at")


def test_an_opt_out_is_confirmed_through_the_other_account(second, unreadable):
	number = make.phone()
	make.consent(number)
	frappe.db.commit()
	unreadable(carrier_accounts.first().id)
	second.control("inbound_text", {"from": number, "to": NUMBER, "body": "STOP"})
	frappe.db.rollback()
	assert ledger.read([number])[number].opt_outs
	confirmations.send_due()
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Notice", {"phone": number}, "status") == confirmations.SENT


def test_without_any_token_campaigns_pause_and_say_why(carrier, second, unreadable):
	number = make.unlisted_phone()
	make.consent(number)
	doc = make.campaign([number])
	prepare(doc)
	unreadable(carrier_accounts.first().id, PROJECT)
	dispatcher.run()
	frappe.db.rollback()
	assert state_of(doc) == states.PAUSED
	assert "Auth token" in frappe.db.get_value("Dialer Campaign", doc.name, "status_message")


def test_what_was_encrypted_with_another_key_is_no_token(second, monkeypatch):
	def refuse(*_where, **_more):
		frappe.throw("Encryption key is invalid!")

	carrier_accounts.decrypted.cache_clear()
	monkeypatch.setattr(carrier_accounts, "get_decrypted_password", refuse)
	said = len(frappe.local.message_log)
	assert carrier_accounts.token(carrier_accounts.first()) is None
	assert len(frappe.local.message_log) == said
	assert carrier_settings.Carriers().known(PROJECT) is None
	carrier_accounts.decrypted.cache_clear()
