"""On which days a rule runs, which days each run covers, and when a cron expression fires.

Pure Python, no Frappe.

Times are naive, as wall clocks show them: an hour that occurs twice counts once, and a skipped hour counts at
its end.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from croniter import croniter

SKIP, BEFORE, AFTER = "Skip", "School day before", "Next school day"
LONGEST = 100
"""The longest holidays, in days, that a run is moved over."""

IsOpen = Callable[[date], bool]


def covered(day: date, is_open: IsOpen, when_closed: str) -> list[date]:
	"""Return the days a run on this day covers, starting with the day itself. Empty if nothing runs on it."""
	if not is_open(day):
		return []
	step = {BEFORE: 1, AFTER: -1}.get(when_closed)
	if not step:
		return [day]
	closed = []
	for distance in range(1, LONGEST):
		other = day + timedelta(days=step * distance)
		if is_open(other):
			return [day, *closed]
		closed.append(other)
	return [day]


def latest_before(day: date, is_open: IsOpen) -> date:
	"""Return the last open day before this one, or the day before if none is open for long."""
	days = (day - timedelta(days=distance) for distance in range(1, LONGEST))
	return next(filter(is_open, days), day - timedelta(days=1))


def fires(expression: str, day: date) -> list[datetime]:
	"""Return the times at which the expression fires on this day (naive)."""
	start = datetime.combine(day, time.min)
	times = croniter(expression, start - timedelta(seconds=1))
	fired = []
	while (at := times.get_next(datetime)) < start + timedelta(days=1):
		fired.append(at)
	return fired
