"""The same message repeatedly, on a cron schedule."""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from croniter import croniter
from frappe import _
from frappe.utils import format_date

from school_dialer.automation.kind import Found, Kind, Trigger
from school_dialer.automation.school_days import fires
from school_dialer.base import clock
from school_dialer.base.refusal import throw

MOST_A_DAY = 4
WEEKLY = re.compile(r"(?P<minute>[0-9]{1,2}) (?P<hour>[0-9]{1,2}) \* \* [0-9,*-]+")
"""A cron expression that is a time on some weekdays."""


class Recurring(Kind):
	"""Its occasions are the times at which the cron expression fires."""

	label = "Recurring"
	purposes = ("General", "Event", "Academic", "Attendance", "Fees", "Fundraising")
	settings = ("cron", "on_holiday", "holiday_list", "weekends", "only_in_term")
	continuous = True
	audience = True

	def check(self) -> None:
		expression = (self.rule.cron or "").strip()
		if len(expression.split()) != 5 or not croniter.is_valid(expression):
			throw(
				_(
					"{0} is not a cron expression: minute, hour, day, month and weekday, as in 0 18 * * 5."
				).format(expression or _("Nothing"))
			)
		day = date(2026, 1, 5)
		if any(len(fires(expression, day + timedelta(days=offset))) > MOST_A_DAY for offset in range(7)):
			throw(_("That would call more than {0} times a day.").format(MOST_A_DAY))

	def opening(self) -> str:
		"""Name the weekdays and the time, or give the cron expression if it says more than that."""
		expression = (self.rule.cron or "").strip()
		weekly = WEEKLY.fullmatch(expression)
		if not weekly or not croniter.is_valid(expression):
			return _("By the schedule {0},").format(expression or "* * * * *")
		monday = date(2026, 1, 5)
		days = [day for offset in range(7) if fires(expression, day := monday + timedelta(days=offset))]
		at = f"{int(weekly['hour']):02}:{int(weekly['minute']):02}"
		if len(days) == 7:
			return _("Each day at {0},").format(at)
		return _("Each {0} at {1},").format(", ".join(format_date(day, "EEEE") for day in days), at)

	def once(self) -> str:
		return _("each time")

	def find(self, days: Sequence[date], students: Collection[str] | None = None) -> Found:
		times = sorted({at.time() for day in days for at in fires(self.rule.cron, day)})
		moments = [datetime.combine(days[0], at) for at in times]
		return Found([Trigger(str(at), since=clock.from_db(at)) for at in moments])
