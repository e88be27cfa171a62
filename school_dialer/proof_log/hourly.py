"""The hourly job: append what is settled, sign a checkpoint, have it stamped, and mail it to the witness."""

from datetime import datetime, timedelta, timezone

import frappe

from school_dialer.base.jobs import alone, job, report
from school_dialer.consent.integrity.daily_anchor import SETTLING
from school_dialer.continuity import safe_mode
from school_dialer.proof_log import checkpoints, keys, log, sources, store, timestamps, witness

BACK = timedelta(days=2)
"""How far each run looks back. The first run of a day looks through everything."""
TURN = "proof log"


@job
def hourly() -> None:
	"""Scheduler job. Commits each set.

	In Safe mode nothing is signed: a copy of the site must not go on under the log's name.
	"""
	if safe_mode.current():
		return
	with alone(TURN) as mine:
		if mine:
			append_settled(SETTLING)
			sign_and_show()


def append_settled(settling: timedelta) -> int:
	"""Append every record older than `settling` that has no leaf. Commits each set. Returns how many."""
	today = f"{datetime.now(timezone.utc):%Y-%m-%d}"
	head = store.current()
	whole = head is None or head.swept != today
	frappe.db.commit()
	count = 0
	for kind, names in sources.pending(settling, None if whole else BACK):
		# What is appended is read in a transaction that begins with the log's lock.
		frappe.db.commit()
		count += log.append(kind, names)
		frappe.db.commit()
	if whole:
		head = store.lock_head()
		head.swept = today
		store.save(head)
		frappe.db.commit()
	return count


def sign_and_show() -> None:
	"""Sign a checkpoint, have it stamped and mail it. Commits.

	A stamp or a mail that fails never stops the log.
	"""
	try:
		checkpoints.make()
	except keys.NoKey as error:
		frappe.db.rollback()
		frappe.log_error(title="School Dialer: proof log", message=str(error))
		frappe.db.commit()
		return
	# On record before a stamp or a mail shows it to others.
	frappe.db.commit()
	for step in (timestamps.stamp_newest, witness.mail_newest):
		try:
			step()
			frappe.db.commit()
		except Exception as error:
			report(f"proof log, {step.__name__}", error)
