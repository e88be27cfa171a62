"""The pictures of a bad day: the emergency kit, a carrier that is not well, and the day after a restore.

Everything goes through the site as staff do it. What was started is canceled and taken out again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import frappe
from playwright.sync_api import Page

from dev.demo.consent_answers import code_of
from dev.demo.people import APPROVER, MANAGER, Person, wait_for
from dev.demo.stage import Stage
from dev.school import users
from dev.screenshots.camera import Shot
from dev.screenshots.scene import AGENT, OFFICER, forget_tours, set_pace
from dev.screenshots.shots import form, to_field, to_part, unfold
from school_dialer.base.roles import APPROVER as APPROVES
from school_dialer.calls.own_number import owner, record
from school_dialer.campaigns import actions
from school_dialer.continuity import decision, marks, safe_mode, watch
from school_dialer.emergency_kit import item_seal, starting
from school_dialer.emergency_kit.second_person import asks, links, on_call
from school_dialer.outbound.pace import account_breaker, account_health
from school_dialer.settings import carrier_accounts

NAMES = (
	"kit-phone",
	"kit-confirm-phone",
	"kit-received-phone",
	"kit-own-phone",
	"kit-item",
	"kit-approve-phone",
	"kit-safety-phone",
	"kit-on-call",
	"carrier-accounts",
	"carrier-not-well",
	"carrier-health",
	"restore",
	"restore-phone",
	"restore-report",
	"restore-report-phone",
)
PAGE, SETTINGS = "/app/dialer-emergency", "/app/dialer-settings"
API = "/api/method/school_dialer.desk."
SECOND, NAME_OF_SECOND = "assistant@riverside.example", "Jordan Blake"
PHONES = [f"+131255501{last}" for last in range(90, 100)]
"""One of them is on no one's record, and becomes the approver's."""
PROJECT = "0d3f5a52-7e19-4c5e-9c0d-2b7f5f3f9b11"
NEED_HELP, ANSWERING = 2, 0.7
SLOW = 0.2
CLUB = {"audience_source": "Guardians of a Student Group", "audience_name": "Chess Club"}
ITEMS = (
	{"title": "Fire: the school is closed", "emergency_type": "Fire", **CLUB},
	{"title": "Snow: the school is closed", "emergency_type": "Weather closure", **CLUB},
	{
		"title": "Staff: are you safe?",
		"emergency_type": "Threat to safety",
		"kind": "Staff safety",
		"channel": "Text",
		"audience_source": "All employees",
		"template": "Staff safety check",
	},
)


@contextmanager
def laid(stage: Stage) -> Iterator[Iterator[Shot]]:
	"""Prepare the kit and yield its shots. Each is to be taken before the next one is drawn. Commits."""
	manager, approver, agent = (Person(stage.url, user) for user in (MANAGER, APPROVER, AGENT))
	users.create_one(SECOND, NAME_OF_SECOND, (APPROVES,))
	forget_tours(SECOND)
	frappe.db.commit()
	own_phone(stage, approver)
	change_settings(on_duty)
	items = [prepare(manager, approver, place, values) for place, values in enumerate(ITEMS)]
	started: list[str] = []
	try:
		yield shots(stage, approver, agent, items, started)
	finally:
		tidy(items, started)


def own_phone(stage: Stage, approver: Person) -> None:
	"""Let the approver verify a phone with the code that the carrier delivered to it."""
	phone = next(one for one in PHONES if not owner.is_anothers(APPROVER, one))
	frappe.db.delete(record.DOCTYPE, {"user": APPROVER})
	frappe.db.commit()
	approver.ask("POST", f"{API}own_number.ask", {"number": phone, "channel": "Text"})
	wait_for("The code of the approver", lambda: bool(code_of(stage, phone)))
	approver.ask("POST", f"{API}own_number.verify", {"code_sent": code_of(stage, phone)})


def change_settings(change: Callable) -> None:
	frappe.db.rollback()
	doc = frappe.get_doc("Dialer Settings")
	change(doc)
	doc.save()
	frappe.db.commit()


def on_duty(doc) -> None:
	doc.on_call = []
	for user in (SECOND, APPROVER):
		doc.append("on_call", {"user": user, "way": on_call.TEXT, "wait_seconds": on_call.LONGEST})


def prepare(manager: Person, approver: Person, place: int, values: dict) -> str:
	"""Prepare an item as the manager, approve it as the approver, and return its name."""
	given = {"channel": "Voice", "template": "Emergency closure", "agents_may_start": 1, **values}
	name = manager.create(item_seal.DOCTYPE, {"position": place, "enabled": 1, **given})
	frappe.db.rollback()
	seen = item_seal.digest_of(frappe.get_doc(item_seal.DOCTYPE, name))
	approver.ask("POST", f"{API}emergency_kit.items.approve", {"item": name, "seen": seen})
	return name


def start(agent: Person, item: str) -> str:
	asked = {"item": item, "key": secrets.token_hex(20)}
	return agent.ask("POST", f"{API}emergency_kit.starts.start", asked)["message"]["name"]


def shots(
	stage: Stage, approver: Person, agent: Person, items: list[str], started: list[str]
) -> Iterator[Shot]:
	fire, _snow, staff = items
	yield Shot("kit-phone", AGENT, PAGE)
	yield Shot("kit-confirm-phone", AGENT, PAGE, (press(f"[data-pick='{fire}']"),))
	yield Shot("kit-own-phone", APPROVER, PAGE, (to_part("own"),))
	yield Shot("kit-item", MANAGER, form("dialer-emergency-kit-item", fire))
	yield Shot("kit-on-call", OFFICER, SETTINGS, (unfold("on_call"), to_field("on_call")))
	started.append(start(agent, fire))
	wait_for("The approver is asked", lambda: bool(asked(started[0])))
	yield Shot("kit-received-phone", AGENT, PAGE, (press(f"[data-follow='{started[0]}']"),))
	yield Shot("kit-approve-phone", None, f"{links.PATH}?t={links.token(asks.locked(asked(started[0])))}")
	started.append(start(agent, staff))
	approver.press("approve", campaign_of(started[1]))
	answer(stage, campaign_of(started[1]))
	yield Shot("kit-safety-phone", AGENT, PAGE, (press(f"[data-follow='{started[1]}']"),))
	yield from carriers(approver, campaign_of(started[0]))
	yield from after_a_restore(Person(stage.url, MANAGER))


def asked(start: str) -> str | None:
	"""Return the try that waits for an answer, if one does."""
	frappe.db.rollback()
	return frappe.db.get_value(asks.DOCTYPE, {"start": start, "outcome": asks.ASKED}, "name")


def campaign_of(start: str) -> str:
	frappe.db.rollback()
	return frappe.db.get_value(starting.DOCTYPE, start, "campaign")


def press(selector: str) -> Callable[[Page], None]:
	return lambda page: page.locator(selector).first.click()


def answer(stage: Stage, campaign: str) -> None:
	"""Let most of the staff answer the text, two of them that they need help."""

	def reached() -> list[str]:
		frappe.db.rollback()
		found = {"campaign": campaign, "status": "Reached"}
		return frappe.get_all("Dialer Recipient", found, pluck="phone", order_by="name")

	def settled() -> bool:
		open_ones = {"campaign": campaign, "status": ("in", ("Pending", "Dialing", "Retry"))}
		return bool(reached()) and not frappe.db.count("Dialer Recipient", open_ones)

	wait_for("The texts to the staff", settled)
	phones = reached()
	for place, phone in enumerate(phones[: round(len(phones) * ANSWERING)]):
		body = "2" if place < NEED_HELP else "1"
		text = {"from": phone, "to": sender(), "body": body}
		stage.carrier.control("inbound_text", text)
	stage.carrier.wait_until_idle()


def sender() -> str:
	return frappe.get_cached_doc("Dialer Settings").sending_numbers[0].phone_number


def carriers(approver: Person, campaign: str) -> Iterator[Shot]:
	"""Let the first of two accounts fail while a campaign is calling."""
	change_settings(add_account)
	set_pace(SLOW)
	approver.press("approve", campaign)
	try:
		yield Shot(
			"carrier-accounts", OFFICER, SETTINGS, (unfold("carrier_accounts"), to_field("carrier_accounts"))
		)
		path = form("dialer-campaign", campaign)
		yield Shot("carrier-not-well", MANAGER, path, (not_well, listed), size=(1400, 1000))
		yield Shot("carrier-health", MANAGER, "/app/dialer-health", (not_well, reload))
	finally:
		account_health.forget(carrier_accounts.first().id)
		change_settings(take_account_out)


def add_account(doc) -> None:
	values = {
		"carrier": "signalwire",
		"account_sid": PROJECT,
		"auth_token": "made-up",
		"signing_key": "PSK_x",
	}
	more = {
		"title": "Second carrier",
		"space": "riverside.signalwire.com",
		"calls_per_second": 2,
		"enabled": 1,
	}
	doc.append("carrier_accounts", {**values, **more})


def take_account_out(doc) -> None:
	doc.carrier_accounts = []


def not_well(page: Page) -> None:
	"""Let the first account fail."""
	watch_of_it = account_health.Watch()
	for _failure in range(account_breaker.IN_A_ROW):
		watch_of_it.record(carrier_accounts.first().id, account_breaker.NO_ANSWER, "503")


def listed(page: Page) -> None:
	page.locator("[data-part=carriers]:visible").wait_for()


def reload(page: Page) -> None:
	page.reload()


def after_a_restore(manager: Person) -> Iterator[Shot]:
	"""Let the site notice a restore, and have the manager reconcile it."""
	name = safe_mode.enter(decision.RESTORED, marks.seen(simulated=True))
	path = form("dialer-restore", name)
	try:
		yield Shot("restore", MANAGER, path)
		yield Shot("restore-phone", MANAGER, path)
		manager.ask("POST", f"{API}district.recovery.start_reconcile", {"restore": name})
		wait_for("The reconcile", lambda: state(name) == "Reconciled")
		yield Shot("restore-report", MANAGER, path, size=(1400, 1200))
		yield Shot("restore-report-phone", MANAGER, path)
	finally:
		frappe.db.rollback()
		frappe.db.set_value(safe_mode.DOCTYPE, name, {"safe": 0, "state": "Ended"})
		watch.go_on()
		frappe.db.commit()


def state(name: str) -> str:
	frappe.db.rollback()
	return frappe.db.get_value(safe_mode.DOCTYPE, name, "state")


def tidy(items: list[str], started: list[str]) -> None:
	"""Cancel what is open, and take the kit and the list of who is on call out again. Commits."""
	frappe.db.rollback()
	for name in started:
		campaign = campaign_of(name)
		if frappe.db.get_value("Dialer Campaign", campaign, "status") not in (
			"Completed",
			"Cancelled",
			"Failed",
		):
			actions.cancel(campaign)
		frappe.db.set_value("Dialer Campaign", campaign, "kit_start", None)
		frappe.db.delete(asks.DOCTYPE, {"start": name})
		frappe.db.delete(starting.DOCTYPE, {"name": name})
	for item in items:
		frappe.delete_doc(item_seal.DOCTYPE, item, force=True)
	frappe.db.delete(record.DOCTYPE, {"user": APPROVER})
	frappe.delete_doc("User", SECOND, force=True)
	frappe.db.commit()
	change_settings(lambda doc: doc.set("on_call", []))
