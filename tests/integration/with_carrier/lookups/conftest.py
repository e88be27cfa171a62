"""Numbers with a consent, look-ups switched on, what the carrier says of each, and a second account."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import frappe
import pytest

from dev.carrier import server as carrier_server
from school_dialer.base import clock
from school_dialer.lines import record
from school_dialer.lookups import runs, waiting
from school_dialer.outbound.pace import account_health
from school_dialer.settings import carrier_accounts, carrier_settings
from tests.integration import factories as make
from tests.integration.with_carrier.lookups.other_account import OTHER, OTHER_TOKEN

SETTINGS = {
	"lookup_line_type": 1,
	"lookup_line_type_price": 0.008,
	"lookup_reassigned": 1,
	"lookup_reassigned_price": 0.02,
	"lookup_most_per_day": 1000,
	"lookup_most_per_month": 10000,
	"lookup_fresh_days": 30,
	"lookup_monthly": 0,
	"lookup_monthly_days": 0,
}


@pytest.fixture
def settings(carrier) -> Iterator[Callable[..., None]]:
	"""Switch look-ups on, and yield a function that changes their settings."""
	before = {name: frappe.db.get_single_value("Dialer Settings", name) for name in SETTINGS}

	def write(**values) -> None:
		for name, value in values.items():
			frappe.db.set_single_value("Dialer Settings", name, value)
		frappe.db.commit()
		frappe.clear_document_cache("Dialer Settings", "Dialer Settings")

	write(**SETTINGS)
	yield write
	frappe.db.rollback()
	write(**before)


@pytest.fixture
def only_ours(monkeypatch) -> Callable[[list[str]], None]:
	"""Let a run see these numbers alone: the site holds other tests' consents."""

	def narrow(numbers: list[str]) -> None:
		read, count = waiting.read, waiting.count
		monkeypatch.setattr(
			waiting,
			"read",
			lambda days, after, most, began: [
				one for one in read(days, after, 100_000, began) if one.phone in numbers
			][:most],
		)
		monkeypatch.setattr(
			waiting,
			"count",
			lambda days: (
				len([one for one in read(days, "", 100_000, clock.db_now()) if one.phone in numbers])
				if count(days) >= 0
				else 0
			),
		)

	return narrow


@pytest.fixture
def numbers(settings, only_ours) -> Iterator[list[str]]:
	"""Yield three numbers with a consent of two hundred days ago. Their look-ups are deleted at the end."""
	some = sorted(make.phone() for _ in range(3))
	for number in some:
		make.consent(number, at=clock.now() - timedelta(days=200))
	frappe.db.commit()
	only_ours(some)
	yield some
	frappe.db.rollback()
	frappe.db.delete(record.DOCTYPE, {"phone": ("in", some)})
	frappe.db.commit()


@pytest.fixture
def look_up(settings) -> Iterator[Callable[..., object]]:
	"""Yield a function that runs the look-ups and returns the run. The runs are deleted at the end."""
	made = []

	def run(days: int = 0):
		doc = frappe.get_doc({"doctype": runs.DOCTYPE, "older_than_days": days}).insert()
		made.append(doc.name)
		frappe.db.commit()
		runs.start(doc.name, queue=False)
		frappe.db.commit()
		runs.run(doc.name)
		return frappe.get_doc(runs.DOCTYPE, doc.name)

	yield run
	frappe.db.rollback()
	frappe.db.delete(runs.DOCTYPE, {"name": ("in", made)})
	frappe.db.commit()


@pytest.fixture(scope="session")
def other_process(school_day: float) -> Iterator[carrier_server.Handle]:
	with carrier_server.start(seed=13, clock_offset=school_day, account=OTHER, token=OTHER_TOKEN) as handle:
		yield handle


@pytest.fixture
def other(settings, other_process, monkeypatch) -> Iterator[carrier_server.Handle]:
	"""Yield the second account's carrier, with the account in Dialer Settings. It goes at the end."""
	monkeypatch.setitem(frappe.conf, carrier_settings.OTHER_URLS_KEY, {OTHER: other_process.url})
	row = {
		"title": "Other account",
		"carrier": "twilio",
		"account_sid": OTHER,
		"auth_token": OTHER_TOKEN,
		"calls_per_second": 100,
		"price_per_minute": 0.5,
		"price_per_segment": 0.25,
		"enabled": 1,
	}
	write_accounts([row])
	yield other_process
	frappe.db.rollback()
	write_accounts([])


def write_accounts(rows: list[dict]) -> None:
	doc = frappe.get_doc("Dialer Settings")
	doc.set("carrier_accounts", rows)
	doc.save()
	frappe.db.commit()
	account_health.forget(OTHER, carrier_accounts.first().id)
