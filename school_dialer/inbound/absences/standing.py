"""Do reports excuse a student on a day, and until when? Read by the absence rule and by the morning list."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import frappe

from school_dialer.base import clock
from school_dialer.inbound.absences.kinds import APPROVED, LATE, STANDING
from school_dialer.inbound.absences.reports import DOCTYPE

COLUMNS = (
	*("name", "student", "kind", "from_day", "to_day", "expected_at", "status", "ended_at"),
	*("leave_application", "person_name", "reported_at", "channel", "reason"),
)


@dataclass(frozen=True, slots=True)
class Excuse:
	"""What the reports about one student say of one day.

	`holds`: a report stands now. `since` is when the last one stopped to excuse (naive site time), None if
	none did.
	"""

	holds: bool = False
	since: datetime | None = None


def reports_covering(days: Sequence[date], students: Collection[str]) -> dict[str, list[frappe._dict]]:
	"""Return the reports that cover one of these days, whatever their status, by student."""
	by_student = defaultdict(list)
	if not (days and students):
		return by_student
	rows = frappe.get_all(
		DOCTYPE,
		{
			"student": ("in", list(students)),
			"from_day": ("<=", max(days)),
			"to_day": (">=", min(days)),
		},
		[*COLUMNS],
		order_by="reported_at, name",
	)
	for row in rows:
		by_student[row.student].append(row)
	return by_student


def excuse(reports: Sequence, day: date, now: datetime, zone: ZoneInfo, *, unapproved: bool = True) -> Excuse:
	"""Return what these reports about one student say of a day, at the naive site time `now`.

	A late arrival excuses until the time at which the student is expected, by the clock of their school in
	this `zone`. Reports that the office has not approved count if `unapproved`.
	"""
	ended = []
	for report in reports:
		if not report.from_day <= day <= report.to_day:
			continue
		if report.status not in STANDING:
			ended.append(report.ended_at)
		elif unapproved or report.status == APPROVED:
			until = over_at(report, day, zone)
			if until is None or now < until:
				return Excuse(holds=True)
			ended.append(until)
	return Excuse(since=max(filter(None, ended), default=None))


def over_at(report, day: date, zone: ZoneInfo) -> datetime | None:
	"""Return when a standing report stops to excuse on this day (naive site time), or None if at no time."""
	if report.kind != LATE:
		return None
	expected = (datetime.min + (report.expected_at or timedelta())).time()
	return clock.to_db(datetime.combine(day, expected, zone))


def of_ended(reports: Collection[Sequence]) -> set[str]:
	"""Return the leaves that were made from reports which no longer stand, and from no other."""
	leaves = defaultdict(set)
	for report in (report for reports_of_day in reports for report in reports_of_day):
		leaves[report.leave_application].add(report.status in STANDING)
	return {leave for leave, stand in leaves.items() if leave and stand == {False}}
