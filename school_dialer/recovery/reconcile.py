"""The reconcile: one background job in stages. Each stage may be repeated, so a killed job is begun again.

Journal of opt-outs -> calls and texts that were placed -> texts that were received -> campaigns -> the
report. A stage that meets another process at the same rows is repeated. Safe mode stays on at the end: a
person reads the report and ends it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import frappe
from frappe import _

from school_dialer.base import clock, states
from school_dialer.base.database.transactions import retried
from school_dialer.base.jobs import PLAN_QUEUE, alone, is_held, job
from school_dialer.base.refusal import throw
from school_dialer.campaigns.transitions import try_move
from school_dialer.carriers.base import CarrierError
from school_dialer.consent import journal
from school_dialer.continuity import safe_mode
from school_dialer.continuity.safe_mode import DOCTYPE
from school_dialer.recovery import accounts, opt_outs, report
from school_dialer.recovery.adoption import CHUNK, Adoption
from school_dialer.settings import carrier_settings

SAFE, RECONCILING, RECONCILED, ENDED = safe_mode.SAFE, "Reconciling", "Reconciled", "Ended"
OVERLAP = timedelta(minutes=30)
"""So much is listed again: clocks differ, and what was on its way at the backup is not on record."""
UNKNOWN_AGE = timedelta(days=7)
"""How far back is listed if the database has no call at all."""
LOCK = "restore"
TIMEOUT = 4 * 3600


def ask(name: str) -> None:
	"""Begin a reconcile, or begin it again, and queue its job. The caller commits."""
	begin(name)
	frappe.enqueue(
		"school_dialer.recovery.reconcile.run",
		queue=PLAN_QUEUE,
		timeout=TIMEOUT,
		enqueue_after_commit=True,
		name=name,
	)


def begin(name: str) -> None:
	# Locked against a person who ends Safe mode at this moment.
	state = frappe.db.get_value(DOCTYPE, name, "state", for_update=True)
	if state == ENDED:
		throw(_("Safe mode of this restore has ended."))
	if is_running():
		throw(_("The reconcile is running."))
	write(
		name,
		state=RECONCILING,
		message=None,
		stage=0,
		done=0,
		started_by=frappe.session.user,
		started_at=clock.db_now(),
	)


def is_running() -> bool:
	return is_held(LOCK)


def failed(name: str) -> None:
	"""Say that the job failed (the job's `report_to`)."""
	stop(name, _("An error of the program. The Error Log says where. Press Reconcile to go on."))


def stop(name: str, message: str) -> None:
	"""Leave a reconcile that could not be completed, with the reason. Safe mode stays on. Commits."""
	# A stage that is undone in part is made again from its beginning.
	frappe.db.rollback()
	write(name, state=SAFE, message=message)
	frappe.db.commit()


@job(report_to=failed)
def run(name: str, more_journals: Sequence[str] = ()) -> None:
	"""Reconcile (background job). If two run at once, one exits.

	`more_journals` are paths of copies of the journal that were kept elsewhere.
	"""
	# A new transaction sees that the reconcile has begun.
	frappe.db.commit()
	with alone(LOCK) as mine:
		if not mine or frappe.db.get_value(DOCTYPE, name, "state") != RECONCILING:
			return
		try:
			for number, stage in enumerate(STAGES):
				write(name, stage=number)
				# The form shows the stage, and a stage that is tried again rolls back.
				frappe.db.commit()
				retried(partial(stage, name, more_journals), also=(opt_outs.Unreadable,))
		except carrier_settings.NotReady as error:
			stop(name, str(error))
		except CarrierError as error:
			stop(
				name, _("The carrier does not answer: {0} Press Reconcile again later.").format(_(str(error)))
			)
		except opt_outs.Unreadable:
			stop(name, _("Some received texts could not be read now. Press Reconcile again."))


def since_of(name: str) -> datetime:
	"""Return from when on the carrier is asked, aware."""
	until = clock.from_db(frappe.db.get_value(DOCTYPE, name, "known_until"))
	return (until or clock.now() - UNKNOWN_AGE) - OVERLAP


def replay_journal(name: str, more: Sequence[str]) -> None:
	reading = opt_outs.replay(name, [*journal.files(), *map(Path, more), *opt_outs.attached(name)])
	write(name, journal_refused=reading.refused + reading.cut, journal_gaps=reading.gaps)
	frappe.db.commit()


def adopt_placed(name: str, more: Sequence[str]) -> None:
	since = since_of(name)
	adoption, done = Adoption(name, since), 0
	for listed in list(accounts.placed(since)):
		for start in range(0, len(listed.placed), CHUNK):
			chunk = list(listed.placed[start : start + CHUNK])
			adoption.adopt(listed.account, listed.channel, listed.sender, chunk)
			done += len(chunk)
			write(name, done=done)
			# The form shows how far it is; the carrier's list may take hours.
			frappe.db.commit()


def read_received(name: str, more: Sequence[str]) -> None:
	opt_outs.read_texts(since_of(name))
	opt_outs.drop_answered(name)
	frappe.db.commit()


def set_back_campaigns(name: str, more: Sequence[str]) -> None:
	"""Have a person start what the backup has as about to begin: it may have begun in the lost time."""
	why = _("The site was restored from an older state. This may have been sent already: see {0}.").format(
		name
	)
	for campaign, status, purpose in frappe.db.sql(
		"""select name, status, purpose from `tabDialer Campaign`
		where status in ('Preparing', 'Running') or (status = 'Scheduled' and scheduled_at <= %s)
		order by name""",
		clock.db_now(),
	):
		mode = safe_mode.current()
		if mode and mode.emergencies and purpose == "Emergency":
			continue
		if status == states.SCHEDULED:
			try_move(campaign, states.DRAFT, (status,), status_message=why, scheduled_at=None)
		else:
			try_move(campaign, states.PAUSED, (status,), status_message=why)
	frappe.db.commit()


def write_report(name: str, more: Sequence[str]) -> None:
	write(name, **report.counts(name), state=RECONCILED, reconciled_at=clock.db_now(), message=None)
	write(name, unknown="\n".join(report.unknown(frappe.get_doc(DOCTYPE, name))))
	frappe.db.commit()


Stage = Callable[[str, Sequence[str]], None]
STAGES: tuple[Stage, ...] = (
	replay_journal,
	adopt_placed,
	read_received,
	set_back_campaigns,
	write_report,
)


def write(name: str, **values) -> None:
	frappe.db.set_value(DOCTYPE, name, values)
