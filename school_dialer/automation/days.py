"""Which days it is now for a rule: those at the schools of its students, or that of the site.

A rule that looks all day calls about the day that it is at each student's school, so that no family hears
"today" of another one. A district whose schools are in several time zones has two days for some hours.
"""

from collections import defaultdict
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from school_dialer.automation.kind import Kind
from school_dialer.base import clock
from school_dialer.schools import registry, zones


def looks_all_day(kind: Kind) -> bool:
	"""Return whether the kind looks each minute for students of the day that it is at their school.

	All others run at a time, which is the site's.
	"""
	return kind.continuous and not kind.audience


def days_of(rule, kind: Kind) -> list[date]:
	"""Return the rule's days now: the site's, or of a rule that looks all day those at its schools."""
	if not looks_all_day(kind):
		return [clock.db_now().date()]
	school = registry.find(rule.get("school"))
	return [zones.today(school.name)] if school else zones.all_days_now()


def ends_of(run, kind: Kind, rows: list) -> dict[datetime, list]:
	"""Return the cases by when the run's day ends (naive site time): each at the student's school."""
	if not looks_all_day(kind):
		return {end_of(run.day, clock.system_zone()): rows}
	zone_of = zones.of_students({row.student for row in rows})
	ends = defaultdict(list)
	for row in rows:
		ends[end_of(run.day, zone_of(row.student))].append(row)
	return ends


def end_of(day: date, zone: ZoneInfo) -> datetime:
	"""Return when the last second of a day begins (naive site time)."""
	return clock.to_db(datetime.combine(day, time(23, 59, 59), zone))


def of_this_day(run, kind: Kind, occasions: list) -> list:
	"""Return those of students at whose school the run's day is today: no one hears of another day."""
	if not looks_all_day(kind) or zones.all_days_now() == [run.day]:
		return occasions
	today_of = zones.today_of({trigger.student for trigger in occasions})
	return [trigger for trigger in occasions if today_of(trigger.student) == run.day]
