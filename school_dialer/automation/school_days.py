"""On which days a rule runs, for which days each of them stands, and when a cron expression fires. Pure: no Frappe here.

Times are naive, as clocks on the wall show them: an hour that comes twice counts once, one that is left out counts at its end.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from croniter import croniter

SKIP, BEFORE, AFTER = "Skip", "School day before", "Next school day"
LONGEST = 100
"""Days of the longest holidays that a run is moved over."""

IsOpen = Callable[[date], bool]


def covered(day: date, is_open: IsOpen, when_closed: str) -> list[date]:
	"""The days for which this one stands, itself first; none when nothing runs on it."""
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


def fires(expression: str, day: date) -> list[datetime]:
	"""When the expression fires on this day."""
	start = datetime.combine(day, time.min)
	times = croniter(expression, start - timedelta(seconds=1))
	found = []
	while (at := times.get_next(datetime)) < start + timedelta(days=1):
		found.append(at)
	return found
