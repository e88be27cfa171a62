"""Frappe's context for a request that the fast path answers itself: a site, a guest, and a connection.

Frappe makes all of it again for each request: it reads two files, starts a session, and opens a connection.
Here each thread gets what does not change between requests from `Surroundings`, at most some seconds old, and
an open connection from `Connections`. Values that a request may change are its own. Documents come from
Frappe's cache in Redis for each request (`base/database/read_ahead.py`), so a changed setting or message
holds at once, as with Frappe.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import frappe

from school_dialer.base.database import doctypes, read_ahead, transactions
from school_dialer.messages import catalogue

SHARED = frozenset({"app_modules", "module_app", "qb", "conf"})
"""Values of `frappe.local` that no request changes."""
METADATA = ("app_hooks", "doctype_meta", "table_columns", "time_zone", "document_cache::Country::")
"""How entries of Frappe's cache begin that change with the apps' code, not with what a school enters."""
LOOKED_UP = (catalogue.CACHE, doctypes.KEPT, "dialer_system_zone", "doc_events_hooks")
"""Values that are looked up once per request, from the apps' code and the site's settings of dates."""
MOST_IDLE, IDLE_SECONDS = 16, 30.0
GUEST = "Guest"


class Surroundings:
	"""What the requests to one site have in common, read once by `frappe.init`."""

	def __init__(self, before: "Surroundings | None" = None) -> None:
		"""Keep the values of this thread, which is connected to the site.

		What the requests have looked up `before` about the apps' code is read again, once for all of them.
		"""
		self.values = {name: value for name, value in frappe.local if name not in ("db", "request", "cache")}
		self.language = frappe.db.get_default("lang") or "en"
		self.begin = tuple(map(frappe.cache().make_key, METADATA))
		self.metadata = read_ahead.again(before.metadata) if before else {}
		self.looked_up: dict[str, Any] = {doctypes.KEPT: {}}

	def enter(self, request=None) -> None:
		"""Begin a guest's request, or a guest's work without one."""
		for name, value in self.values.items():
			setattr(frappe.local, name, value if name in SHARED else copied(value))
		frappe.local.lang = self.language
		if request:
			frappe.local.request = request
			sent_by = request.headers.get("X-Forwarded-For", "127.0.0.1")
			frappe.local.request_ip = sent_by.split(",", 1)[0].strip()
		frappe.local.session = frappe._dict(user=GUEST, sid=GUEST, data=frappe._dict())
		frappe.local.form_dict = frappe._dict()
		frappe.local.cache = dict(self.metadata)
		setattr(frappe.local, read_ahead.KEPT, kept)
		for name, value in self.looked_up.items():
			setattr(frappe.local, name, value)

	def leave(self) -> None:
		"""Keep what this request looked up, for the next ones, and empty the thread."""
		for name in LOOKED_UP:
			if name not in self.looked_up and hasattr(frappe.local, name):
				self.looked_up[name] = getattr(frappe.local, name)
		for key, value in frappe.local.cache.items():
			if key not in self.metadata and key.startswith(self.begin) and value:
				self.metadata[key] = value
		frappe.release_local(frappe.local)


def copied(value: Any) -> Any:
	"""Return a copy of a list or dictionary, with those in it; anything else as it is."""
	if type(value) is list:
		return [copied(item) for item in value]
	if isinstance(value, dict):
		return type(value)({name: copied(item) for name, item in value.items()})
	return value


class Connections:
	"""Open connections of one site in this process, which no thread uses. The latest used is taken first."""

	def __init__(self) -> None:
		self.idle: list[tuple[Any, float]] = []
		self.lock = threading.Lock()

	def take(self) -> None:
		"""Set `frappe.db` to a connection that is alive and has no open transaction."""
		while True:
			with self.lock:
				if not self.idle:
					break
				frappe.local.db, used_at = self.idle.pop()
			if time.monotonic() - used_at < IDLE_SECONDS and not transactions.connection_lost():
				return
			close()
		frappe.connect(set_admin_as_user=False)
		frappe.db.begin = begun_by_first_statement(frappe.db)
		frappe.db.connect()

	def give_back(self) -> None:
		"""Keep the connection for the next request. Nothing of the last one is left on it."""
		if not transactions.is_idle():
			# A method that failed, or only read, has left its transaction open.
			frappe.db.rollback()
		transactions.forget_callbacks()
		frappe.db.value_cache.clear()
		frappe.db.transaction_writes = 0
		with self.lock:
			if len(self.idle) < MOST_IDLE:
				self.idle.append((frappe.local.db, time.monotonic()))
				return
		close()

	def close_old(self) -> None:
		"""Close what has been idle for long."""
		with self.lock:
			old = [connection for connection in self.idle if time.monotonic() - connection[1] >= IDLE_SECONDS]
			self.idle = [connection for connection in self.idle if connection not in old]
		for db, _used_at in old:
			with suppress(Exception):
				db.close()


def begun_by_first_statement(db):
	"""Return a `begin` that leaves it to the database to begin the transaction, with the first statement.

	Frappe sends a statement for it after each commit. The connection has no autocommit, so the effect is the
	same.
	"""

	def begin(*, read_only: bool = False) -> None:
		if read_only or frappe.flags.read_only:
			type(db).begin(db, read_only=read_only)

	return begin


def close() -> None:
	with suppress(Exception):
		frappe.db.close()


kept = read_ahead.Kept()
"""The documents that each thread has seen."""


@contextmanager
def entered(surroundings: Surroundings, connections: Connections, request=None) -> Iterator[None]:
	"""Run the block as a guest's request to the site, over a connection of its own.

	The transaction ends with the block: what is not committed is rolled back. After an error the connection
	is closed, because its state is unknown.
	"""
	surroundings.enter(request)
	try:
		connections.take()
		try:
			yield
		except BaseException:
			close()
			raise
		connections.give_back()
	finally:
		surroundings.leave()
