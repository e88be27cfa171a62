"""Look-ups that begin by themselves: off unless switched on, within the limits, and never in Safe mode."""

from collections.abc import Callable, Iterator

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.base.database import rows
from school_dialer.continuity import decision, safe_mode
from school_dialer.lines import record
from school_dialer.lookups import monthly, runs
from school_dialer.lookups.runs import DONE, ENDED, STOPPED

pytestmark = pytest.mark.dates


def this_month() -> list[str]:
	month = f"{clock.db_now():%Y-%m}"
	return frappe.get_all(runs.DOCTYPE, {"month": month}, pluck="name", order_by="creation")


@pytest.fixture
def a_day(numbers, settings, monkeypatch) -> Iterator[Callable[[], list[str]]]:
	"""Yield a function that runs the daily job and what it queued, and returns the names of these runs."""
	queued: list[str] = []
	monkeypatch.setattr(frappe, "enqueue", lambda _method, **given: queued.append(given["name"]))

	def passes() -> list[str]:
		queued.clear()
		monthly.daily()
		for name in queued:
			runs.run(name)
		frappe.db.rollback()
		return list(queued)

	assert this_month() == []
	settings(lookup_monthly=1)
	yield passes
	frappe.db.rollback()
	frappe.db.delete(runs.DOCTYPE, {"month": ("is", "set")})
	frappe.db.commit()


def test_it_is_off(a_day, settings):
	settings(lookup_monthly=0)
	assert a_day() == [] == this_month()


def test_a_month_has_one_run(a_day, numbers):
	(name,) = a_day()
	run = frappe.get_doc(runs.DOCTYPE, name)
	assert (run.state, run.done, run.older_than_days) == (DONE, 3, 0) and this_month() == [name]
	assert frappe.db.count(record.DOCTYPE, {"phone": ("in", numbers), "run": name}) == 3
	assert a_day() == []
	frappe.db.set_value(runs.DOCTYPE, name, "month", "2025-01")
	frappe.db.commit()
	(later,) = a_day()
	assert later != name and frappe.db.get_value(runs.DOCTYPE, later, "done") == 0


def test_it_asks_about_old_consents_only_if_the_school_says_so(a_day, settings):
	settings(lookup_monthly_days=201)
	(name,) = a_day()
	run = frappe.get_doc(runs.DOCTYPE, name)
	assert (run.state, run.done, run.older_than_days) == (DONE, 0, 201)


def test_a_limit_ends_it_until_there_is_money_again(a_day, settings):
	spent = float(runs.config.budget().spent_this_month)
	settings(lookup_most_per_month=spent + 0.06)
	(name,) = a_day()
	run = frappe.get_doc(runs.DOCTYPE, name)
	assert (run.state, run.done) == (ENDED, 2)
	assert a_day() == []
	settings(lookup_most_per_month=spent + 10)
	assert a_day() == [name]
	run.reload()
	assert (run.state, run.done) == (DONE, 3) and this_month() == [name]


def test_a_run_that_a_person_stopped_stays_so(a_day):
	name = monthly.created(f"{clock.db_now():%Y-%m}")
	frappe.db.set_value(runs.DOCTYPE, name, "state", STOPPED)
	frappe.db.commit()
	assert a_day() == []


def test_it_stands_still_in_safe_mode(a_day, numbers):
	values = {"state": safe_mode.SAFE, "safe": 1, "cause": decision.RESTORED, "emergencies_allowed": 1}
	name = f"RESTORE-{frappe.generate_hash(length=8)}"
	rows.insert(safe_mode.DOCTYPE, [{"name": name, **rows.stamp(), **values}])
	frappe.db.commit()
	try:
		assert a_day() == [] == this_month()
		assert not frappe.db.exists(record.DOCTYPE, {"phone": ("in", numbers)})
	finally:
		frappe.db.delete(safe_mode.DOCTYPE, {"name": name})
		frappe.db.commit()
		frappe.local.dialer_safe_mode = None


def test_what_is_missing_stops_it_and_a_provider_that_cannot_is_named(a_day, settings):
	settings(lookup_most_per_month=0)
	assert a_day() == [] == this_month()
	settings(lookup_most_per_month=10000, carrier="signalwire")
	try:
		assert a_day() == []
		(name,) = this_month()
		run = frappe.get_doc(runs.DOCTYPE, name)
		assert run.state == ENDED and "does not look up numbers" in run.message
	finally:
		settings(carrier="twilio")
	assert a_day() == [name] and frappe.db.get_value(runs.DOCTYPE, name, "state") == DONE
