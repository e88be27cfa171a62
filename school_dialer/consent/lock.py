"""One writer or dialer per number at a time, across all processes and machines on the same database.

MariaDB's named locks belong to a connection. They are released when it ends, however it ends, and a
connection may take a lock again that it already holds. Their names are keyed digests, because anyone who may
list processes sees them.
"""

import hmac
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256

import frappe
from frappe import _

from school_dialer.base.database.transactions import RELEASE, is_idle
from school_dialer.base.refusal import throw
from school_dialer.consent import keys

PER_STATEMENT = 500


class NumberBusy(frappe.ValidationError):
	"""Another process held a number's lock for longer than the timeout.

	Retrying is safe: nothing was done.
	"""

	http_status_code = 503


@contextmanager
def number_lock(phones: Iterable[str], timeout: float = 10) -> Iterator[None]:
	"""Hold the locks of `phones` (E.164) during the block, and until its writes are committed or rolled back.

	Raises `NumberBusy` when a lock is not available within `timeout` seconds. A block that commits keeps the
	locks until the block ends, so a dialer can commit its call log and begin the request to the carrier
	before another process gets the number. Facts read inside the block are current only if no older snapshot
	is open: commit or roll back before you enter.
	"""
	names = lock_names(phones)
	_acquire(names, timeout)
	try:
		yield
	finally:
		# Until the commit, the next holder would read what was true before these writes.
		if frappe.db.transaction_writes:
			_release_at_end(names)
		else:
			_release(names)


def lock_names(phones: Iterable[str]) -> list[str]:
	"""Return the names of the locks, in the one order in which every process takes them."""
	key = keys.derive("number lock")
	site = frappe.conf.db_name or ""
	return sorted(hmac.digest(key, (site + phone).encode(), sha256).hex()[:48] for phone in set(phones))


def _acquire(names: list[str], timeout: float) -> None:
	held: list[str] = []
	for start in range(0, len(names), PER_STATEMENT):
		batch = names[start : start + PER_STATEMENT]
		query = "select " + ", ".join(["get_lock(%s, %s)"] * len(batch))
		got = frappe.db.sql(query, tuple(value for name in batch for value in (name, timeout)))[0]
		held.extend(name for name, result in zip(batch, got, strict=True) if result)
		if not all(got):
			# All or none: the caller tries again, and others need those it got.
			_release(held)
			throw(
				_("Another process is working on this number. Please try again."),
				NumberBusy,
				title=_("Number busy"),
			)


def _release(names: list[str]) -> None:
	for start in range(0, len(names), PER_STATEMENT):
		batch = names[start : start + PER_STATEMENT]
		frappe.db.sql("select " + ", ".join(["release_lock(%s)"] * len(batch)), tuple(batch))


def _release_at_end(names: list[str]) -> None:
	frappe.db.after_commit.add(lambda: _release_after(names))
	frappe.db.after_rollback.add(lambda: _release_after(names))


def _release_after(names: list[str]) -> None:
	"""Release locks when the transaction has ended, without beginning one, if none has begun by itself."""
	if not is_idle():
		_release(names)
		return
	for start in range(0, len(names), PER_STATEMENT):
		batch = names[start : start + PER_STATEMENT]
		frappe.db.sql(RELEASE + ", ".join(["release_lock(%s)"] * len(batch)), tuple(batch))
