"""What people said while this site did not answer is read before anything is dialed again.

An opt-out that no webhook delivered would be passed by the calls that leave first after an outage. An outage
shows by a maintenance in which something stood still (`continuity.maintenance`), and by the carrier's list,
which the scheduler reads every few minutes and has not.
"""

from datetime import datetime, timedelta

import frappe
from frappe import _

from school_dialer.base import clock, jobs, roles, site_values
from school_dialer.calls import missed_texts
from school_dialer.continuity import maintenance
from school_dialer.schools import staff
from school_dialer.settings import carrier_accounts

EVERY = timedelta(minutes=5)
"""How often the scheduler's own job reads the list, as `hooks.py` says."""
LONGEST = timedelta(minutes=15)
"""So long campaigns wait for a list that cannot be read, or for a text in it that cannot be handled."""


def hear() -> bool:
	"""Read what people said in an outage (hook `dialer_before_dialing`). Commits.

	Returns whether campaigns may be dialed. They wait a while for what cannot be read; then staff is alarmed,
	and they go on, since without calls other families hear nothing either.
	"""
	if not is_due():
		return True
	with jobs.alone(missed_texts.LOCK) as mine:
		if not mine:
			return False
		until = clock.now() + missed_texts.ON_ITS_WAY
		done = all([missed_texts.fetch(account, until) for account in carrier_accounts.in_use()])
	if not done:
		return note_wait()
	maintenance.heard()
	frappe.db.commit()
	missed_texts.end_wait()
	return True


def is_due() -> bool:
	"""Return whether the carrier's list has not been read for longer than the scheduler takes."""
	if maintenance.is_unheard():
		return True
	oldest = clock.now() - missed_texts.ON_ITS_WAY - EVERY - timedelta(seconds=jobs.tick_seconds())
	read_until = [missed_texts.read_until(account) for account in carrier_accounts.in_use()]
	return any(until and until < oldest for until in read_until)


def note_wait() -> bool:
	"""Note since when campaigns wait, and return whether that is long enough. Alarms staff once. Commits.

	An account that stays unreadable makes campaigns wait once, and not each of them.
	"""
	began, _between, alarmed = (site_values.read(missed_texts.WAITED_FOR) or "").partition(" ")
	if not began:
		site_values.write(missed_texts.WAITED_FOR, clock.now().isoformat())
		frappe.db.commit()
		return False
	since = datetime.fromisoformat(began)
	long = clock.now() - since > LONGEST
	if long and not alarmed:
		staff.alarm(roles.MANAGER, sentence(since))
		site_values.write(missed_texts.WAITED_FOR, f"{began} alarmed")
		frappe.db.commit()
	return long


def sentence(since: datetime) -> str:
	return _(
		"Since {0}, what families said while the site did not answer cannot be read from the carrier. Calls "
		"go on without it: look at the carrier's list of texts for opt-outs, and at the Error Log."
	).format(frappe.format(clock.to_db(since), "Datetime"))
