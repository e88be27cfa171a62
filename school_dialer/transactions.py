"""Short transactions that many processes run at once on neighbouring rows."""

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
	"""How many rows the last statement changed, as the driver was told with it."""
	return frappe.db._cursor.rowcount


def connection_lost() -> bool:
	"""Whether the server has hung up, and has let go of the locks of this connection. Asks the socket and not the server, so it
	may be asked between any two requests to the carrier."""
	connection = frappe.db._conn
	socket = select.poll()
	socket.register(connection if hasattr(connection, "fileno") else connection._sock, select.POLLIN)
	return bool(socket.poll(0))


def begin_read_committed() -> None:
	"""Begin anew, without gap locks: a claim or a webhook locks the rows it takes and not their neighbours' places.

	What is open is rolled back. The isolation holds from now on for this connection, which ends with its request or job.
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
	"""Run a whole transaction, again after one of the errors in ``after`` or ``also``. ``work`` begins from nothing and may run several times; it commits, or the
	request that it is the last part of."""
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
