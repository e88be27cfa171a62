"""A webhook whose connection to the database is killed does its work on another one."""

import threading
from concurrent.futures import ThreadPoolExecutor

import frappe
import pytest

from school_dialer.base import site_values
from school_dialer.base.database import transactions
from school_dialer.base.database.db_thread import DbThread
from school_dialer.consent.lock import number_lock
from school_dialer.webhooks import signature
from tests.integration import factories as make


def kill_own_connection() -> None:
	number = frappe.db.sql("select connection_id()")[0][0]
	with DbThread() as beside:
		beside.submit(lambda: frappe.db.sql(f"kill {number}")).result()


def test_it_is_done_once_on_a_new_connection(carrier):
	number, left = make.unlisted_phone(), []

	@signature.transaction
	def webhook() -> str:
		with number_lock([number]):
			site_values.write("dialer_test_lost", str(len(left)))
			frappe.db.after_commit.add(lambda: left.append("committed"))
			if not left:
				left.append("killed")
				kill_own_connection()
			value = site_values.read("dialer_test_lost")
			frappe.db.commit()
		return value

	assert webhook() == "1"
	assert left == ["killed", "committed"]
	site_values.forget("dialer_test_lost")
	frappe.db.commit()
	with DbThread() as beside:
		assert beside.submit(frappe.db.sql, "select 1").result()
	with number_lock([number], timeout=0):
		pass


def test_other_errors_are_not_repeated(carrier):
	calls = []

	@signature.transaction
	def webhook() -> None:
		calls.append(1)
		frappe.db.sql("select * from `tabNo Such Table`")

	with pytest.raises(Exception, match="doesn't exist"):
		webhook()
	assert len(calls) == 1


def test_a_database_that_stays_away_is_an_error_in_time(carrier, monkeypatch):
	monkeypatch.setattr(signature, "RECONNECT_SECONDS", 0.3)

	@signature.transaction
	def webhook() -> None:
		kill_own_connection()
		frappe.db.sql("select 1")

	with pytest.raises(Exception, match=r"2006|2013|Lost|gone"):
		webhook()
	signature.transactions.reconnect()


def test_a_thread_that_waits_keeps_its_connection(carrier, monkeypatch):
	monkeypatch.setattr(transactions, "HEARTBEAT", 0.01)
	enough, said, sql = threading.Event(), [], frappe.db.sql

	def noted(statement: str, *values, **more):
		said.append(statement)
		if len(said) == 3:
			enough.set()
		return sql(statement, *values, **more)

	monkeypatch.setattr(frappe.local.db, "sql", noted)
	with ThreadPoolExecutor(1) as pool:
		assert transactions.wait_holding([pool.submit(enough.wait, 60)])
	assert said[:3] == ["select 1"] * 3


def test_a_thread_that_waits_learns_that_its_connection_is_lost(carrier, monkeypatch):
	monkeypatch.setattr(transactions, "HEARTBEAT", 0.01)
	kill_own_connection()
	noticed = threading.Event()
	with ThreadPoolExecutor(1) as pool:
		waiting = pool.submit(noticed.wait, 60)
		assert not transactions.wait_holding([waiting])
		noticed.set()
	transactions.reconnect()
	assert frappe.db.sql("select 1")
