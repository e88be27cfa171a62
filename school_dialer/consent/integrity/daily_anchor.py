"""The daily anchor: a signature over the ledger, made with a key that is not in the database."""

from datetime import datetime, timedelta, timezone

import frappe
from frappe import _

from school_dialer.base import roles
from school_dialer.base.jobs import job
from school_dialer.base.refusal import throw
from school_dialer.consent import chain
from school_dialer.consent.events import iso
from school_dialer.consent.integrity import anchors, rebuild, signed_anchor, verify
from school_dialer.consent.lock import number_lock
from school_dialer.schools import staff

# Events this recent are left to the next anchor: their transaction may still be open.
SETTLING = timedelta(hours=1)
TURN = "consent anchor"


@job
def daily() -> None:
	"""Scheduler job: verify the ledger and sign the settled events. Commits.

	It also corrects the projection where it differs from the events, and alerts the Compliance Officers to
	any problem.
	"""
	if anchors.load() or frappe.db.count("Consent Event"):
		report, _signed = anchor_now(datetime.now(timezone.utc) - SETTLING)
	else:
		# An empty ledger is not signed: one restored from a file brings its own anchors.
		report = verify.verify_ledger()
	frappe.db.commit()
	differing = rebuild.rebuild().count
	if report.problems or report.findings or differing:
		_alert(report, differing)
		frappe.db.commit()


def anchor_now(cutoff: datetime) -> tuple[verify.Report, signed_anchor.Anchor]:
	"""Verify the ledger and sign it up to `cutoff` (aware). Returns (report, anchor). The caller commits.

	Raises a ValidationError unless `cutoff` is later than that of the last anchor.
	"""
	with number_lock([TURN]):
		earlier = anchors.load()
		keys = anchors.keys()
		cutoff_utc = iso(cutoff)
		if earlier and earlier[-1].cutoff_utc >= cutoff_utc:
			throw(_("The last anchor already covers events up to {0}.").format(earlier[-1].cutoff_utc))
		report = verify.verify_ledger(cutoff_utc)
		anchor = signed_anchor.sign(
			signed_anchor.Anchor(
				seq=earlier[-1].seq + 1 if earlier else 1,
				cutoff_utc=cutoff_utc,
				events=report.sums.events,
				phones=report.sums.phones,
				problems=len(report.problems) + len(report.findings),
				digests=report.sums.digests,
				prev_signature=earlier[-1].signature if earlier else chain.GENESIS,
				key_id=keys.id,
			),
			keys,
		)
		anchors.add_anchor(anchor)
	return report, anchor


def _alert(report: verify.Report, differing: int) -> None:
	"""Notify every Compliance Officer, without any number in the notice."""
	subject = _(
		"Consent ledger: {0} problems in the chains, {1} with anchors, {2} rows of Contact Consent put right"
	).format(len(report.problems), len(report.findings), differing)
	staff.alarm(roles.OFFICER, subject)
	frappe.log_error(title="Consent ledger", message=f"{subject}\nRun: bench dialer verify-ledger")
