"""The time zones of the site and its schools, and which days it is there now."""

from collections.abc import Callable, Collection
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from school_dialer.base import clock
from school_dialer.schools import belonging, registry, users


def of_schools() -> dict[str, ZoneInfo]:
	"""Return the time zone of each school, and under "" of what has no school. Reads the schools once."""
	schools = registry.schools()
	several = len(schools) > 1
	return {"": clock.system_zone()} | {
		name: of_school(school if several else None) for name, school in schools.items()
	}


def of_students(students: Collection[str]) -> Callable[[str], ZoneInfo]:
	"""Return a function that says the time zone of each of these students' school. One query at most."""
	schools, of_each = belonging.of_students(students), of_schools()
	return lambda student: of_each.get(schools.get(student, ""), of_each[""])


def grouped(students: Collection[str]) -> dict[ZoneInfo, list[str]]:
	"""Return these students by the time zone of their school."""
	zone_of, of_zone = of_students(students), {}
	for student in students:
		of_zone.setdefault(zone_of(student), []).append(student)
	return of_zone


def day_of(students: Collection[str]) -> Callable[[str, datetime], date]:
	"""Return a function that says which day an aware moment is at a student's school, like `of_students`."""
	zone_of = of_students(students)
	return lambda student, moment: moment.astimezone(zone_of(student)).date()


def today_of(students: Collection[str]) -> Callable[[str], date]:
	"""Return a function that says which day it is at each of these students' school, like `of_students`."""
	there, now = day_of(students), clock.now()
	return lambda student: there(student, now)


def of_school(school: registry.School | None) -> ZoneInfo:
	"""Return the school's own time zone, or the site's if it has none that exists."""
	try:
		return ZoneInfo(school.time_zone) if school and school.time_zone else clock.system_zone()
	except (KeyError, ValueError, OSError):
		return clock.system_zone()


def today(school: str | None = None) -> date:
	"""Return the day that it is now at this school, or on the site for none."""
	return clock.now().astimezone(of_school(registry.find(school))).date()


def of_user() -> ZoneInfo:
	"""Return the time zone of the schools that the session's user works for.

	It is the site's for a user of the whole district, and for one of schools in several zones.
	"""
	of_each, schools = of_schools(), users.of_user()
	zones = {of_each[school] for school in schools or () if school in of_each}
	return zones.pop() if len(zones) == 1 else of_each[""]


def today_of_user() -> date:
	"""Return the day that it is now where the session's user works, like `of_user`."""
	return clock.now().astimezone(of_user()).date()


def local(moment: datetime, school: str | None) -> datetime:
	"""Return an aware moment as the clock of this school shows it, or that of the site for none (naive)."""
	return moment.astimezone(of_school(registry.find(school))).replace(tzinfo=None)


def begins(day: date, school: str | None) -> datetime:
	"""Return when a day begins at this school (aware)."""
	return datetime.combine(day, time(), of_school(registry.find(school)))


def end_of_day(moment: datetime, school: str | None) -> datetime:
	"""Return when the last second of an aware moment's day begins at this school (aware)."""
	there = moment.astimezone(of_school(registry.find(school)))
	return there.replace(hour=23, minute=59, second=59, microsecond=0, fold=1)


def ends_of_day(moment: datetime, schools: Collection[str]) -> list[datetime]:
	"""Return when an aware moment's day ends (aware) at each of these schools, "" for the site's clock."""
	of_each = of_schools()
	there = [moment.astimezone(of_each[school]) for school in schools if school in of_each]
	return [at_school.replace(hour=23, minute=59, second=59, microsecond=0, fold=1) for at_school in there]


def days_at(moment: datetime) -> dict[str, date]:
	"""Return which day an aware moment is at each school, and under "" on the site."""
	return {school: moment.astimezone(zone).date() for school, zone in of_schools().items()}


def days_now() -> tuple[date, date]:
	"""Return the earliest and the latest day that it is now, on the site and at its schools.

	A school in another time zone than the site's has another day for some hours.
	"""
	days = all_days_now()
	return days[0], days[-1]


def all_days_now() -> list[date]:
	"""Return the days that it is now, on the site and at its schools, the earliest first."""
	now = clock.now()
	return sorted({now.astimezone(zone).date() for zone in set(of_schools().values())})


def include_today(first: date, last: date) -> bool:
	"""Return whether today is one of these days, on the site or at any of its schools."""
	earliest, latest = days_now()
	return first <= latest and last >= earliest
