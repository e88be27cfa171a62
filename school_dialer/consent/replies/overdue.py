"""Alert the Compliance Officers to overdue opt-outs.

The alert comes long before the ten business days of 47 CFR 64.1200(a)(10) are over. Four things can be
overdue: a request to stop without a known number, an opt-out that was recorded late, a confirmation that did
not reach the person, and words that wait for a review. Notices hold counts and no numbers.
"""

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta

import frappe
from frappe import _

from school_dialer.base import clock, roles
from school_dialer.base.counted import counted
from school_dialer.base.jobs import job
from school_dialer.consent.replies import opt_out_timing, reviews
from school_dialer.schools import staff

ALLOWED = timedelta(days=1)
ALLOWED_KEY = "school_dialer_opt_out_alert_hours"
LOOK_BACK = timedelta(days=14)
NOT_SENT = "Not Sent"


@dataclass(frozen=True)
class OverdueOptOuts:
	"""Counts of overdue opt-outs.

	- `not_recorded`: a message says stop, and the sender's number is not identified yet.
	- `late`: recording took longer than allowed.
	- `not_confirmed`: the person has no answer.
	- `not_reviewed`: messages and unclear words that wait for a review.
	"""

	not_recorded: int
	late: int
	not_confirmed: int
	not_reviewed: int

	def __bool__(self) -> bool:
		return any(asdict(self).values())


@job
def daily() -> None:
	"""Scheduler job: send one notice to each Compliance Officer when anything is overdue. Commits."""
	hanging = find_overdue(clock.now())
	if hanging:
		alert(hanging)
	frappe.db.commit()


def allowed() -> timedelta:
	"""Return the time allowed: one day, or the hours set in the site's configuration file."""
	hours = frappe.conf.get(ALLOWED_KEY)
	return timedelta(hours=float(hours)) if hours else ALLOWED


def find_overdue(at: datetime) -> OverdueOptOuts:
	"""Return what is overdue at `at` (aware).

	What can no longer be fixed counts on one day only. What is unsettled counts every day.
	"""
	limit, now = allowed(), clock.to_db(at)
	late = not_confirmed = 0
	for stop in opt_out_timing.stops(now - LOOK_BACK, now):
		if stop.effective_at - stop.received_at > limit and stop.effective_at >= now - timedelta(days=1):
			late += 1
		not_confirmed += _hangs_unconfirmed(stop, now - stop.effective_at, limit)
	review = frappe.qb.DocType("Dialer Review")
	open_ones = (
		frappe.qb.from_(review)
		.select(review.reason)
		.where(
			(review.status == "Open") & (review.creation < now - limit) & (review.reason != reviews.CONFIRM)
		)
		.run()
	)
	without = sum(1 for (reason,) in open_ones if reason in (reviews.NOT_KNOWN, reviews.SEVERAL))
	return OverdueOptOuts(without, late, not_confirmed, len(open_ones) - without)


def _hangs_unconfirmed(stop: opt_out_timing.OptOutTiming, age: timedelta, limit: timedelta) -> bool:
	"""Return whether the text that should confirm the opt-out is overdue.

	An opt-out that needs no text, such as a landline's, never is.
	"""
	if stop.confirmed_at is not None or not stop.text_status or age <= limit:
		return False
	return stop.text_status != NOT_SENT or age <= limit + timedelta(days=1)


def alert(hanging: OverdueOptOuts) -> None:
	"""Notify the Compliance Officers."""
	labels = {
		"not_recorded": (
			_("one request to stop without a known number"),
			_("{0} requests to stop without a known number"),
		),
		"late": (_("one opt-out recorded late"), _("{0} opt-outs recorded late")),
		"not_confirmed": (
			_("one opt-out not confirmed to the person"),
			_("{0} opt-outs not confirmed to the person"),
		),
		"not_reviewed": (_("one message to be looked at"), _("{0} messages to be looked at")),
	}
	counts = asdict(hanging)
	parts = [
		counted(counts[field.name], *labels[field.name])
		for field in fields(OverdueOptOuts)
		if counts[field.name]
	]
	subject = _("Opt-outs that need you: {0}").format(", ".join(parts))
	staff.alarm(roles.OFFICER, subject)
