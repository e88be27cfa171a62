"""The scheduler's tick does all of its work, even if one step fails."""

import threading

import frappe
import pytest

from dev.patience import PATIENCE, eventually
from school_dialer import scheduler
from school_dialer.base import clock
from school_dialer.base.database import transactions
from school_dialer.base.database.db_thread import DbThread
from school_dialer.base.jobs import JobFailed
from school_dialer.outbound.attempts import callback_queue
from school_dialer.settings import carrier_accounts, carrier_settings
from tests.integration import errors
from tests.integration import factories as make
from tests.integration.with_carrier.running import prepare

CHANGE = "update `tabDialer Recipient` set outcome = 'x' where name in %s"


@pytest.fixture
def late(school):
	"""Return a campaign past its deadline with recipients that still wait."""
	doc = planned(3)
	frappe.db.set_value("Dialer Campaign", doc.name, "deadline", clock.db_now())
	frappe.db.commit()
	return doc


def planned(people: int):
	numbers = make.many_phones(people)
	for number in numbers:
		make.consent(number)
	doc = make.campaign(numbers)
	frappe.db.commit()
	prepare(doc)
	return doc


def statuses(doc) -> set[str]:
	frappe.db.rollback()
	return {row.status for row in make.recipients(doc.name)}


def test_a_tick_that_meets_a_deadlock_begins_again(late):
	"""Check a tick that takes rows in order while another transaction locks the last row, then the first.

	The database rolls back the transaction that has changed less, which is the tick's.
	"""
	many = make.recipients(planned(20).name, "name")
	first, *_between, last = frappe.db.sql(
		"select name from `tabDialer Recipient` where campaign = %s and status in ('Pending', 'Retry')",
		late.name,
	)
	held = threading.Event()

	def other() -> None:
		frappe.db.sql(CHANGE, (tuple(row.name for row in many),))
		frappe.db.sql(CHANGE, (last,))
		held.set()
		eventually("The tick's wait for a row", a_row_is_waited_for)
		frappe.db.sql(CHANGE, (first,))
		frappe.db.commit()

	with DbThread() as another:
		done = another.submit(other)
		assert held.wait(PATIENCE)
		scheduler.tick()
		done.result()
	assert statuses(late) == {"Not Reached"}


def a_row_is_waited_for() -> bool:
	return bool(
		frappe.db.sql(
			"""select 1 from information_schema.processlist
			where id != connection_id() and info like '%%update%%tabDialer Recipient%%' and time_ms > 200"""
		)
	)


def test_a_step_that_waits_in_vain_does_not_wait_again(late, monkeypatch):
	"""Check that a step that timed out on a lock is not retried.

	Six times the database's lock timeout would be longer than the job may take, and the later steps would not
	run.
	"""
	monkeypatch.setattr(transactions.time, "sleep", lambda _seconds: pytest.fail("tried again"))
	held = make.recipients(late.name, "name")[0].name
	with DbThread() as another:
		another.submit(lambda: frappe.db.sql(CHANGE, ((held,),))).result()
		frappe.db.sql("set session innodb_lock_wait_timeout = 1")
		try:
			with pytest.raises(JobFailed, match=r"^scheduler\.expire_past_deadline$"):
				scheduler.tick()
		finally:
			frappe.db.sql("set session innodb_lock_wait_timeout = default")
		another.submit(lambda: frappe.db.rollback()).result()


def test_a_step_that_fails_keeps_no_other_from_its_turn(late):
	"""Check that the failed step is logged, that the other steps run, and that the job fails."""
	reports = errors.about("apply_waiting")
	key = frappe.cache().make_key(callback_queue.LIST)
	frappe.cache().set(key, "no list")
	try:
		with pytest.raises(JobFailed, match="apply_waiting"):
			scheduler.tick()
	finally:
		frappe.cache().delete(key)
	assert statuses(late) == {"Not Reached"}
	assert len(errors.about("apply_waiting") - reports) == 1


@pytest.fixture
def renamed(school):
	"""Rename the school while another process keeps the settings of before in the cache."""
	kept = frappe.get_cached_doc("Dialer Settings")
	frappe.db.set_single_value("Dialer Settings", "school_name", "Hill School")
	frappe.db.commit()
	frappe.cache().set_value("document_cache::Dialer Settings::Dialer Settings", kept)
	yield "Hill School"
	frappe.db.rollback()
	frappe.db.set_single_value("Dialer Settings", "school_name", kept.school_name)
	frappe.db.commit()


@pytest.mark.parametrize("doctype", carrier_accounts.DECIDING)
def test_an_old_document_that_a_reader_put_into_the_cache_is_dropped(site_connection, doctype):
	key = f"document_cache::{doctype}::Old"
	frappe.cache().set_value(key, frappe._dict(name="Old"))
	carrier_accounts.read_again()
	frappe.local.cache.clear()
	assert frappe.cache().get_value(key) is None


def test_old_settings_that_a_reader_put_into_the_cache_are_dropped(renamed):
	assert carrier_settings.settings().school_name != renamed
	scheduler.tick()
	assert carrier_settings.settings().school_name == renamed
