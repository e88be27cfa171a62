"""Failover: two carrier accounts, and the first one fails in the middle of an emergency, in each of six ways.

The carriers are two processes, one for each API. Both journals together show who was called: no one may be
left out, and no one called twice but those who were called once more on purpose.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import frappe

from dev.carrier import server as carrier_server
from dev.chaos import checks, people
from dev.chaos.office import APPROVER, EMERGENCY, Office, Part, confirmed, draft
from dev.chaos.schedule import MODES
from dev.chaos.stage import CALLS_PER_SECOND, SENDERS, Stage, register
from dev.demo import stage as demo
from dev.patience import PATIENCE
from dev.site.layout import OWN
from dev.site.steps import say
from school_dialer.base.clock import OFFSET_KEY
from school_dialer.desk import campaigns as desk
from school_dialer.outbound.pace import account_health
from school_dialer.settings import carrier_accounts, carrier_settings

PROJECT, TOKEN, KEY = "7d1f0c3a-52b8-4e6f-9a70-1b2c3d4e5f60", "PT-chaos", "PSK_chaos"
NUMBER = "+13125550145"
FAILING = ("dead", "slow", "silent", "refused")
"""Ways to fail after which the other account has to take over. The two others are no reason to."""
BREAKS_AT = 0.2
"""The share of the people who were called when the first account fails."""
SECONDS = 12.0
"""About how long the emergency takes if nothing fails."""
HEALS_AFTER = 75.0
SLOW_SECONDS = 12.0
"""Longer than the client waits for an answer."""


@dataclass(frozen=True)
class Outcome:
	"""What became of one emergency. ``seconds_to_b`` is None if the second account got no call."""

	mode: str
	people: int
	seconds_to_b: float | None
	told_again: int
	lost: int
	duplicates: int


def run(stage: Stage, office: Office, seed: int, count: int, modes: tuple[str, ...] = MODES) -> dict:
	"""Let the first account fail in each of these ways, ``count`` people in all. Return what is reported."""
	outcomes = []
	known = {phone for some in office.invited.values() for phone in some}
	crowd = people.crowd(seed + 1, count, known)
	with second_carrier(stage, seed) as second:
		for index, mode in enumerate(modes):
			invited = crowd[index :: len(modes)]
			outcomes.append(one_emergency(stage, second, office, mode, invited))
			say(f"Failover: {outcomes[-1]}")
	taken = [one.seconds_to_b for one in outcomes if one.mode in FAILING]
	return {
		"seconds_to_b": None if None in taken else max(taken, default=None),
		"told_again": sum(one.told_again for one in outcomes),
		"lost": sum(one.lost for one in outcomes),
		"duplicates": sum(one.duplicates for one in outcomes),
		"people": sum(one.people for one in outcomes),
		"modes": {
			one.mode: {"seconds_to_b": one.seconds_to_b, "told_again": one.told_again} for one in outcomes
		},
	}


@contextmanager
def second_carrier(stage: Stage, seed: int) -> Iterator[carrier_server.Handle]:
	"""Start the second carrier, and give it an account and a number in Dialer Settings while this lasts."""
	with ExitStack() as stack:
		journal = OWN / "chaos-carrier-2.jsonl"
		journal.unlink(missing_ok=True)
		second = carrier_server.start(
			seed=seed,
			dialect="signalwire",
			account=PROJECT,
			token=TOKEN,
			signing_key=KEY,
			clock_offset=float(frappe.conf[OFFSET_KEY]),
			log=journal,
		)
		stack.callback(second.stop)
		second.control("people", {"*": {"behaviour": "answers"}})
		stack.enter_context(
			demo.site_config(stage.bench, {carrier_settings.OTHER_URLS_KEY: {PROJECT: second.url}})
		)
		change_settings(add_account)
		stack.callback(lambda: change_settings(take_account_out))
		yield second


def change_settings(change: Callable) -> None:
	frappe.db.rollback()
	doc = frappe.get_doc("Dialer Settings")
	change(doc)
	doc.save()
	frappe.db.commit()


def add_account(doc) -> None:
	doc.append(
		"carrier_accounts",
		{
			"title": "Second carrier",
			"carrier": "signalwire",
			"account_sid": PROJECT,
			"auth_token": TOKEN,
			"signing_key": KEY,
			"space": "chaos.signalwire.com",
			"calls_per_second": CALLS_PER_SECOND,
			"enabled": 1,
		},
	)
	doc.append(
		"sending_numbers",
		{
			"phone_number": NUMBER,
			"channel": "Voice",
			"calls_per_second": 10,
			"enabled": 1,
			"carrier_account": PROJECT,
		},
	)


def take_account_out(doc) -> None:
	"""Take the account out. What it left open has been judged, and would keep it in."""
	frappe.db.sql(
		"update `tabDialer Call Log` set ended_at = now() where carrier_account = %s and ended_at is null",
		PROJECT,
	)
	doc.carrier_accounts = []
	doc.sending_numbers = [row for row in doc.sending_numbers if row.phone_number != NUMBER]


def one_emergency(
	stage: Stage, second: carrier_server.Handle, office: Office, mode: str, invited: list[people.Person]
) -> Outcome:
	pace = max(1.0, round(len(invited) / SECONDS, 1))

	def set_pace(doc) -> None:
		for row in doc.sending_numbers:
			row.calls_per_second = pace if row.phone_number == NUMBER else max(0.5, pace / len(SENDERS))
		doc.account_calls_per_second = max(pace, doc.account_calls_per_second)

	change_settings(set_pace)
	account_health.forget(PROJECT, carrier_accounts.first().id)
	stage.carrier.control("people", {"*": {"behaviour": "answers"}})
	part = Part(f"Failover: {mode}", "Voice", 0, 0, "Emergency", attempts=1, more=EMERGENCY.more)
	phones = [one.phone for one in invited]
	name = draft(part, invited)
	office.campaigns[part.title] = name
	frappe.db.commit()
	office.press(lambda campaign: desk.start(campaign, 0, confirmed(campaign)), part)
	office.press(desk.approve, part, APPROVER)
	wait(lambda: len(accepted([stage.carrier], phones)) >= BREAKS_AT * len(phones))
	failure = Failure(stage, mode)
	failure.begin()
	broke = time.monotonic()
	seconds = None
	if mode in FAILING and wait(lambda: accepted([second], phones)):
		seconds = round(time.monotonic() - broke, 1)
	if mode in FAILING:
		wait(lambda: settled(name), max(0.0, HEALS_AFTER - (time.monotonic() - broke)))
	else:
		wait(lambda: settled(name), HEALS_AFTER)
	failure.end()
	forward_until_settled(stage, second, name)
	return judged(stage, second, name, mode, phones, seconds)


def forward_until_settled(stage: Stage, second: carrier_server.Handle, name: str) -> None:
	"""Let the site settle by its own means; the clock moves on as often as it takes, as after the storm."""
	for _ in range(6):
		if wait(lambda: settled(name), 20):
			break
		stage.forward(11)
		second.control("time", {"clock_offset": float(frappe.conf[OFFSET_KEY])})
	stage.carrier.wait_until_idle()
	second.wait_until_idle()


def settled(name: str) -> bool:
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Campaign", name, "status") == "Completed"


def wait(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
	end = time.monotonic() + seconds
	while not condition():
		if time.monotonic() > end:
			return False
		time.sleep(0.2)
	return True


class Failure:
	"""One way in which the first account fails, and how it is well again."""

	def __init__(self, stage: Stage, mode: str):
		self.stage, self.mode, self.port = stage, mode, int(stage.carrier.url.rpartition(":")[2])

	def begin(self) -> None:
		carrier = self.stage.carrier
		does: dict[str, Callable[[], object]] = {
			"dead": self.kill,
			"slow": lambda: carrier.control("faults", {"slow": SLOW_SECONDS}),
			"silent": lambda: carrier.control("account", {"begins_calls": False}),
			"twice": lambda: carrier.control("faults", {"double_callback": 1, "double_document": 1}),
			"refused": lambda: carrier.control("account", {"status": "suspended"}),
			"unreported": lambda: carrier.control("faults", {"drop_callback": 1}),
		}
		does[self.mode]()

	def end(self) -> None:
		if self.mode == "dead":
			self.restart()
		self.stage.carrier.control("faults", {})
		self.stage.carrier.control(
			"account", {"status": "active", "calls_per_second": CALLS_PER_SECOND, "begins_calls": True}
		)

	def kill(self) -> None:
		self.stage.carrier.process.kill()
		self.stage.carrier.process.wait()

	def restart(self) -> None:
		"""Start it again at the same address. It knows nothing of the calls it had."""
		old = self.stage.carrier
		again = carrier_server.start(
			port=self.port,
			clock_offset=float(frappe.conf[OFFSET_KEY]),
			log=old.log_path,
			account=old.account,
			token=old.token,
		)
		old.process = again.process
		old.control("people", {"*": {"behaviour": "answers"}})
		register(old, carrier_settings.settings().public_url)


def accepted(handles: list[carrier_server.Handle], phones: list[str]) -> Counter:
	return checks.calls_to([handle.log("call", "outcome") for handle in handles], phones)


def judged(
	stage: Stage,
	second: carrier_server.Handle,
	name: str,
	mode: str,
	phones: list[str],
	seconds: float | None,
) -> Outcome:
	calls = accepted([stage.carrier, second], phones)
	again = set(
		frappe.get_all(
			"Dialer Recipient", {"campaign": name, "told_again": 1}, pluck="phone", order_by="name"
		)
	)
	lost, duplicates = checks.wronged(calls, phones, again)
	return Outcome(mode, len(phones), seconds, len(again), lost, duplicates)
