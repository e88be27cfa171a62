"""Short transactions that many processes run at once on neighboring rows."""

import random
import select
import time
from collections.abc import Callable
from typing import TypeVar

import frappe

RETRIED = (frappe.QueryDeadlockError, frappe.QueryTimeoutError)
TRIES = 6

T = TypeVar("T")


def changed() -> int:
	"""Return how many rows the last statement changed, as the database driver reports it."""
	return frappe.db._cursor.rowcount


def connection_lost() -> bool:
	"""Return whether the database server has closed this connection and so released its locks.

	Polls the socket and sends nothing to the server, so it may be called between any two requests to the
	carrier.
	"""
	connection = frappe.db._conn
	socket = select.poll()
	socket.register(connection if hasattr(connection, "fileno") else connection._sock, select.POLLIN)
	return bool(socket.poll(0))


def begin_read_committed() -> None:
	"""Start a new transaction without gap locks.

	A claim or a webhook then locks the rows it takes and not the gaps next to them. The open transaction is
	rolled back. The isolation level stays for this connection, which ends with its request or job.
	"""
	if not getattr(frappe.db._conn, "reads_committed", False):
		frappe.db.sql("set session transaction isolation level read committed")
		frappe.db._conn.reads_committed = True
	frappe.db.rollback()


def retried(
	work: Callable[[], T],
	also: tuple[type[Exception], ...] = (),
	after: tuple[type[Exception], ...] = RETRIED,
) -> T:
	"""Run a whole transaction, and run it again after one of the errors in ``after`` or ``also``.

	``work`` starts from an empty transaction and may run several times. It commits, or it is the last part of
	a request that does. Makes up to TRIES attempts with a random, growing delay between them, then raises the
	last error.
	"""
	for attempt in range(TRIES):
		begin_read_committed()
		try:
			return work()
		except (*after, *also):
			frappe.db.rollback()
			if attempt == TRIES - 1:
				raise
			time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
	raise AssertionError("unreachable")
