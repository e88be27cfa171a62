"""A dispatcher that falls silent in a transaction: a person who picks up still hears the words."""

import math

import frappe

from dev.patience import eventually
from school_dialer.base.database.db_thread import DbThread
from school_dialer.base.database.transactions import ended_if_silent

LONG, SOON = 600, 1


def silent_after(held, statement: str, *values) -> int:
	"""Run a statement as a dispatcher does and say no more. Return the connection's number."""
	held.__enter__()
	frappe.db.sql(statement, values)
	return frappe.db.sql("select connection_id()")[0][0]


def silence_of(connection: int) -> float:
	"""Return for how many seconds a connection has said nothing: infinite if the server has ended it."""
	frappe.db.rollback()
	rows = frappe.db.sql("select time from information_schema.processlist where id = %s", connection)
	return rows[0][0] if rows else math.inf


def test_the_row_of_a_call_is_not_kept_from_its_words(hooks, log):
	held = ended_if_silent(LONG, SOON)
	with DbThread() as beside:
		beside.submit(
			silent_after, held, "update `tabDialer Call Log` set status_rank = 2 where name = %s", log
		).result()
		answer = hooks.post("voice", {"log": log}, {"CallSid": "CA41", "AnsweredBy": "human"})
	assert answer.status_code == 200 and "<Say" in answer.text
	frappe.db.rollback()
	assert frappe.db.get_value("Dialer Call Log", log, "status") == "in-progress"


def test_one_that_has_only_read_keeps_what_it_holds(log):
	held = ended_if_silent(LONG, SOON)
	with DbThread() as beside:
		number = beside.submit(
			silent_after, held, "select 1 from `tabDialer Call Log` where name = %s lock in share mode", log
		).result()
		eventually("Silence", lambda: silence_of(number) > 3 * SOON)
		assert silence_of(number) < math.inf
