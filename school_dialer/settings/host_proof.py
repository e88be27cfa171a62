"""Have a host prove, in Live mode, that the carrier reaches this very site.

A copy of the site has the same keys, words, and families. What it has not is the public address: a question
that was noted in its database is not in the one that the address leads to.
"""

import frappe
from redis.exceptions import RedisError

from school_dialer.continuity import decision, hosts, marks, safe_mode, watch
from school_dialer.settings import webhook_probe

TRIED_SECONDS = 30
"""A proof that failed is not tried again before, however many jobs ask for it: a deployment takes a while."""
MOST_FAILURES = 10
COUNTED_SECONDS = 60 * 60
AGAIN_SECONDS = 10 * 60


def settle(host: str = "") -> bool:
	"""Return whether this host may call, and prove it if it is not known. Commits.

	`host` is another host that works on this database and asks to be taken in, such as a web server's. Begins
	Safe mode if the address leads to another copy, or is a new one too: on a host that has proven itself it
	can be changed. An address that cannot be reached shows no copy: emergencies leave, and the rest waits.
	After some minutes that is a Safe mode too, which a person ends.
	"""
	host = host or hosts.this()
	if watch.is_simulated() or hosts.is_known(host):
		return True
	if not first_in(TRIED_SECONDS, "tried", host):
		return False
	if error := what_is_wrong():
		frappe.logger("school_dialer").warning("a host is not proven: %s", error)
		if isinstance(error, webhook_probe.AnotherCopy):
			safe_mode.enter(decision.COPY, marks.seen(simulated=False))
		elif failures(host) >= MOST_FAILURES:
			safe_mode.enter(decision.UNPROVEN, marks.seen(simulated=False))
		return False
	if hosts.has_moved():
		safe_mode.enter(decision.COPY, marks.seen(simulated=False))
		return False
	hosts.add(host)
	frappe.db.commit()
	return True


def leads_elsewhere(at_once: bool = False) -> bool:
	"""Return whether the address leads to another copy, and begin Safe mode then. Asks every ten minutes.

	A copy of the whole machine has the same name. It was silent for a while, and so asks `at_once`. An
	address that cannot be reached says nothing.
	"""
	if watch.is_simulated() or not (first_in(AGAIN_SECONDS, "asked", hosts.this()) or at_once):
		return False
	if not isinstance(what_is_wrong(), webhook_probe.AnotherCopy):
		return False
	safe_mode.enter(decision.COPY, marks.seen(simulated=False))
	return True


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


def first_in(seconds: int, *about: str) -> bool:
	try:
		return bool(frappe.cache().set(key(*about), 1, nx=True, ex=seconds))
	except RedisError:
		return False


def failures(host: str) -> int:
	"""Count one more failure of this host, and return how many there were lately. Redis answers just now."""
	count = int(frappe.cache().execute_command("INCR", key("failed", host)))
	frappe.cache().execute_command("EXPIRE", key("failed", host), COUNTED_SECONDS)
	return count


def key(*about: str) -> bytes:
	return frappe.cache().make_key(":".join(("school_dialer:host", *about)))
