"""An account whose token cannot be read: no call goes through it, and the other account serves."""

import frappe
import pytest

from school_dialer import states
from school_dialer.dispatch import dispatcher
from school_dialer.pace import account_breaker, account_health
from school_dialer.settings import carrier_accounts, carrier_settings
from tests.integration import factories as make
from tests.integration.with_carrier.accounts.second import PROJECT, accounts_of, dial_both, emergency
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
	(ill,) = [one for one in account_health.shown() if one.state == account_breaker.OPEN]
	assert "token" in ill.words


def test_campaigns_of_the_other_account_are_not_paused(carrier, second, unreadable):
	number = make.unlisted_phone()
	make.consent(number)
	doc = make.campaign([number])
	prepare(doc)
	unreadable(PROJECT)
	dial_both(carrier, second, urgent=False)
	assert state_of(doc) == states.COMPLETED


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
