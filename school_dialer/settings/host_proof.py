"""Have a host prove, in Live mode, that the carrier reaches this very site through it.

A copy of the site has the same keys, words, and families. What it has not is the public address: a question
that was noted in its database is not in the one that the address leads to.
"""

import frappe
from redis.exceptions import RedisError

from school_dialer.continuity import decision, hosts, marks, safe_mode, watch
from school_dialer.settings import webhook_probe

MOST_FAILURES = 5
COUNTED_SECONDS = 30 * 60
EVERY_SECONDS = 60 * 60


def settle() -> bool:
	"""Return whether this host may call, and prove it if it is not known. Commits.

	Begins Safe mode if the address leads to another copy, or was not reached several times.
	"""
	if watch.is_simulated() or hosts.is_known():
		return True
	if error := what_is_wrong():
		frappe.logger("school_dialer").warning("this host is not proven: %s", error)
		if isinstance(error, webhook_probe.AnotherCopy) or failures() >= MOST_FAILURES:
			safe_mode.enter(decision.COPY, marks.seen(simulated=False))
		return False
	hosts.add()
	frappe.db.commit()
	return True


def look_again() -> bool:
	"""Return False if the address leads to another copy, and begin Safe mode then. Asks once an hour.

	A copy of the whole machine has the same name. An address that cannot be reached says nothing.
	"""
	if watch.is_simulated() or not first_in(EVERY_SECONDS):
		return True
	if not isinstance(what_is_wrong(), webhook_probe.AnotherCopy):
		return True
	safe_mode.enter(decision.COPY, marks.seen(simulated=False))
	return False


def what_is_wrong() -> webhook_probe.NotReached | None:
	"""Ask the public address, and once more if that failed: a single answer stops no site. Commits."""
	error = None
	for _try in range(2):
		try:
			webhook_probe.check_webhooks()
			return None
		except webhook_probe.NotReached as failed:
			frappe.clear_messages()
			error = failed
	return error


def first_in(seconds: int) -> bool:
	try:
		return bool(frappe.cache().set(key("asked"), 1, nx=True, ex=seconds))
	except RedisError:
		return False


def failures() -> int:
	"""Count one more failure of this host, and return how many there were lately."""
	try:
		count = int(frappe.cache().execute_command("INCR", key("failed")))
		frappe.cache().execute_command("EXPIRE", key("failed"), COUNTED_SECONDS)
	except RedisError:
		return MOST_FAILURES
	return count


def key(what: str) -> bytes:
	return frappe.cache().make_key(f"school_dialer:host:{hosts.this()}:{what}")
