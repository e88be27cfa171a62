"""A second carrier account beside the first: SignalWire's API, in a process of its own."""

from collections.abc import Callable, Iterator

import frappe
import pytest

from dev.carrier import server as carrier_server
from dev.demo import stage
from dev.site.layout import current
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.outbound.pace import account_health
from school_dialer.settings import carrier_accounts, carrier_settings
from tests.integration.with_carrier.accounts.second import KEY, NUMBER, PROJECT, SID, TOKEN, SecondHooks
from tests.integration.with_carrier.emergency_kit.conftest import duty, kit
from tests.integration.with_carrier.lost import end_all

__all__ = ["duty", "kit"]


@pytest.fixture(scope="session")
def second_process(school_day: float, web: str) -> Iterator[carrier_server.Handle]:
	with carrier_server.start(
		seed=12, clock_offset=school_day, dialect="signalwire", account=PROJECT, token=TOKEN, signing_key=KEY
	) as handle:
		urls = {PROJECT: handle.url}
		with stage.site_config(current(), {carrier_settings.OTHER_URLS_KEY: urls}):
			frappe.conf[carrier_settings.OTHER_URLS_KEY] = urls
			yield handle
			frappe.conf.pop(carrier_settings.OTHER_URLS_KEY, None)


@pytest.fixture
def second(carrier, second_process, web: str) -> Iterator[carrier_server.Handle]:
	"""Yield the second carrier, with an account and a number in Dialer Settings. Both go at the end."""
	hooks = f"{web}/api/method/school_dialer.webhooks.twilio"
	second_process.control("faults", {})
	second_process.control("people", {"*": {"behaviour": "answers"}})
	second_process.control(
		"numbers", {NUMBER: {"sms_url": f"{hooks}.inbound_text", "voice_url": f"{hooks}.inbound_call"}}
	)
	second_process.control(
		"account",
		{
			"opt_out_handling": False,
			"calls_per_second": 100,
			"calls_at_once": 0,
			"refuse": {},
			"status": "active",
		},
	)
	add_account()
	forget_health()
	yield second_process
	frappe.db.rollback()
	second_process.control("faults", {})
	second_process.wait_until_idle()
	assert second_process.control("stats")["violations"] == []
	remove_account()
	forget_health()


def add_account() -> None:
	frappe.db.rollback()
	doc = frappe.get_doc("Dialer Settings")
	doc.append(
		"carrier_accounts",
		{
			"title": "Second carrier",
			"carrier": "signalwire",
			"account_sid": PROJECT,
			"auth_token": TOKEN,
			"signing_key": KEY,
			"space": "test.signalwire.com",
			"calls_per_second": 100,
			"price_per_minute": 0.5,
			"price_per_segment": 0.25,
			"enabled": 1,
		},
	)
	doc.append(
		"sending_numbers",
		{
			"phone_number": NUMBER,
			"channel": "Voice and Text",
			"calls_per_second": 40,
			"segments_per_second": 80,
			"enabled": 1,
			"carrier_account": PROJECT,
		},
	)
	doc.save()
	frappe.db.commit()


def remove_account() -> None:
	end_all(PROJECT)
	doc = frappe.get_doc("Dialer Settings")
	doc.carrier_accounts = []
	doc.sending_numbers = [row for row in doc.sending_numbers if row.phone_number != NUMBER]
	doc.when_carrier_fails = carrier_accounts.WAIT
	doc.save()
	frappe.db.commit()


def forget_health() -> None:
	account_health.forget(PROJECT, carrier_accounts.first().id)


@pytest.fixture
def second_hooks(second, web) -> SecondHooks:
	"""Return the second carrier's side, which signs with the key of its account."""
	return SecondHooks(web, PROJECT, KEY)


@pytest.fixture
def second_log(second, log) -> str:
	"""Return a call log of the second account, at the carrier."""
	frappe.db.set_value(
		"Dialer Call Log",
		log,
		{
			"carrier": "signalwire",
			"carrier_account": PROJECT,
			"sender": NUMBER,
			"status": "queued",
			"status_rank": 10,
			"carrier_sid": SID,
		},
	)
	frappe.db.commit()
	return log


@pytest.fixture
def first_log(second, log) -> str:
	frappe.db.set_value("Dialer Call Log", log, {"status": "queued", "status_rank": 10, "carrier_sid": "CA1"})
	frappe.db.commit()
	return log


@pytest.fixture
def first_is_dead(second) -> Iterator[Callable[[bool], None]]:
	"""Yield a function that makes the first account unreachable, or reachable again."""
	url = frappe.conf[carrier_settings.CARRIER_URL_KEY]

	def set_to(dead: bool = True) -> None:
		frappe.conf[carrier_settings.CARRIER_URL_KEY] = "http://127.0.0.1:9" if dead else url

	yield set_to
	set_to(False)


@pytest.fixture(autouse=True)
def bounded(monkeypatch) -> None:
	"""End a dispatcher that finds no account to go on from; it would come back as a job."""
	monkeypatch.setattr(dispatcher, "RUN_SECONDS", 25)
