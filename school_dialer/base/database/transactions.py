"""Short transactions that many processes run at once on neighboring rows."""

import random
import select
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ALL_COMPLETED, FIRST_EXCEPTION, Future, wait
from contextlib import contextmanager, suppress
from typing import TypeVar

import frappe

from school_dialer.base.database.errors import ConnectionErrors
from school_dialer.base.jobs import noted

RETRIED = (frappe.QueryDeadlockError, frappe.QueryTimeoutError)
TRIES = 6
ENDS = frozenset({"commit", "rollback"})
"""Statements after which a connection has no open transaction, as Frappe writes them."""
RELEASE = "do "
"""How a statement begins that releases named locks right after such an end. It begins no transaction."""
HEARTBEAT = 5
"""Seconds between two statements of a thread that waits for others and keeps its connection."""
OWN_METHODS, OWN_PAGES = "school_dialer.", "/dialer-"
"""How the methods of this app begin, and the paths of its pages."""
LOST = frozenset({0, 1040, 1053, 1927, 2002, 2003, 2006, 2013, 2055})
"""Error codes of a connection that ended or could not be made: killed, the server restarts or is full."""

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


@contextmanager
def ended_if_silent(seconds: int, writing: int | None = None) -> Iterator[None]:
	"""Within the block, have the server end this connection after so many seconds without a statement.

	A process that is killed closes its connections, and its named locks end with them. A host that loses its
	power or its network closes nothing: without this, its locks stay for the server's `wait_timeout`, by
	default eight hours (https://mariadb.com/kb/en/server-system-variables/#wait_timeout).

	`writing` is how many seconds a transaction that has changed rows may be silent, if that is less: a
	webhook may wait for these rows while a person is on the line
	(https://mariadb.com/kb/en/server-system-variables/#idle_write_transaction_timeout).
	"""
	frappe.db.sql(
		"set session wait_timeout = %s, session idle_write_transaction_timeout = %s", (seconds, writing or 0)
	)
	try:
		yield
	finally:
		with suppress(*ConnectionErrors):
			frappe.db.sql(
				"set session wait_timeout = @@global.wait_timeout,"
				" session idle_write_transaction_timeout = @@global.idle_write_transaction_timeout"
			)


def wait_holding(futures: Collection[Future], until: str = ALL_COMPLETED) -> bool:
	"""Wait for futures, and send a statement every HEARTBEAT seconds, so that the connection's locks stay.

	`until` is ALL_COMPLETED or FIRST_EXCEPTION of `concurrent.futures`. Return False, before the futures have
	ended, if the connection is lost.
	"""
	while True:
		ended, going = wait(futures, HEARTBEAT, return_when=until)
		if not going or (until == FIRST_EXCEPTION and any(future.exception() for future in ended)):
			return True
		try:
			frappe.db.sql("select 1")
		except ConnectionErrors:
			return False


def is_idle() -> bool:
	"""Return whether this connection has no open transaction, because its last statement ended one.

	The server reports it too, but PyMySQL does not read that from the answer to a SELECT, which begins a
	transaction. Frappe's own connections are never idle, because Frappe opens a transaction explicitly after
	each one that ends.
	"""
	last = getattr(frappe.db._cursor, "_executed", None) or ""
	last = last.decode(errors="replace") if isinstance(last, bytes) else last
	return last in ENDS or last.startswith(RELEASE)


def is_lost(error: Exception) -> bool:
	"""Return whether this error of the database's client library says that the connection is gone.

	Whether a commit that was under way took place is then unknown.
	"""
	return isinstance(error, ConnectionErrors) and bool(error.args) and error.args[0] in LOST


def reconnect() -> None:
	"""Leave a lost connection, with what was to happen at the end of its transaction, for a new one.

	The named locks of the old connection are gone with it.
	"""
	with suppress(Exception):
		frappe.db.close()
	frappe.db._conn = frappe.db._cursor = None
	forget_callbacks()
	frappe.db.transaction_writes = 0
	with suppress(*ConnectionErrors):
		frappe.db.connect()


def forget_callbacks() -> None:
	"""Forget what was to happen at the end of a transaction that is over or lost."""
	for callbacks in ("before_commit", "after_commit", "before_rollback", "after_rollback"):
		getattr(frappe.db, callbacks).reset()


def begin_read_committed() -> None:
	"""Start a new transaction without gap locks.

	A claim or a webhook then locks the rows it takes and not the gaps next to them. The open transaction is
	rolled back. The isolation level stays for this connection, which ends with its request or job.
	The server must not write statements to its binary log (`health.site.logs_statements`).
	"""
	if not getattr(frappe.db._conn, "reads_committed", False):
		frappe.db.sql("set session transaction isolation level read committed")
		frappe.db._conn.reads_committed = True
	if is_idle():
		forget_callbacks()
	else:
		frappe.db.rollback()


def begin_request() -> None:
	"""Start the transaction of a POST to a method or page of this app without gap locks (hook).

	A search by name for the first row of a page of the index goes over the gap before it, and REPEATABLE READ
	locks that gap until the commit: one family's opt-out would wait for what another does. Requests to other
	apps keep their isolation level.
	"""
	request = frappe.local.request
	method = frappe.form_dict.get("cmd") or request.path.rpartition("/")[2]
	is_own = method.startswith(OWN_METHODS) or request.path.startswith(OWN_PAGES)
	if is_own and request.method == "POST" and not frappe.db.transaction_writes:
		begin_read_committed()


def retried(
	work: Callable[[], T],
	also: tuple[type[Exception], ...] = (),
	after: tuple[type[Exception], ...] = RETRIED,
) -> T:
	"""Run a whole transaction, and run it again after one of the errors in ``after`` or ``also``.

	``work`` starts from an empty transaction and may run several times. It commits, or it is the last part of
	a request that does. Makes up to TRIES attempts with a random, growing delay between them, then raises the
	last error. What an attempt noted in the Error Log is deleted when it is repeated: on Frappe 15 a rollback
	leaves it there.
	"""
	for attempt in range(TRIES):
		begin_read_committed()
		noted()
		try:
			return work()
		except (*after, *also):
			frappe.db.rollback()
			if attempt == TRIES - 1:
				raise
			if entries := noted():
				frappe.db.delete("Error Log", {"name": ("in", entries)})
			pause_after(attempt)
	raise AssertionError("unreachable")


def pause_after(attempt: int) -> None:
	"""Wait before a transaction is tried again: longer each time, and not as long as those it met."""
	time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
