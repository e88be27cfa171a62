"""What a district says and asks of its schools goes by the day that it is at each student's school."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import frappe
import pytest

from school_dialer.audience.base import source_of
from school_dialer.base import clock
from school_dialer.campaigns import actions
from school_dialer.campaigns.plausibility import absence, hours
from school_dialer.campaigns.plausibility.facts import Facts
from school_dialer.campaigns.plausibility.finding import LATER_DAY
from school_dialer.messages.model import KNEW
from school_dialer.messages.spoken.question import UNAWARE
from school_dialer.reporting import absence_check
from tests.integration import districts
from tests.integration import factories as make
from tests.integration.with_carrier import rules
from tests.integration.with_carrier.running import prepare

ONE = timedelta(days=1)
EAST, WEST = "Pacific/Kiritimati", "Pacific/Honolulu"
"""Where it is tomorrow while the site is at school, and where it is yesterday for hours after midnight."""
ABSENT_TODAY = '{"only": [{"kind": "Attendance", "status": "Absent", "at_least": 1, "days": 1}]}'
NOT_ABSENT_TODAY = ABSENT_TODAY.replace("only", "except")
TODAY = "School ends at noon today."


@pytest.fixture
def district():
	with districts.district("There", "Here", committed=True) as names:
		yield names


@pytest.fixture
def away(district, school_with):
	"""Return a function that puts the first of two students into a school in another time zone."""

	def in_zone(zone: str) -> rules.School:
		there, here = district
		districts.change(there, time_zone=zone)
		school = school_with(2)
		for child, name in (("C0", there), ("C1", here)):
			frappe.db.set_value("Student", f"{school.tag}-{child}", "dialer_school", name)
		frappe.db.commit()
		return school

	return in_zone


def mark(school: rules.School, child: str, day) -> None:
	"""Mark a student absent on a day. Education refuses one that has not begun on the site."""
	marked = {"date": day, "modified": clock.db_now() - clock.offset()}
	frappe.db.set_value("Student Attendance", school.mark(child), marked, update_modified=False)
	frappe.db.commit()


def meant(school: rules.School, filters: str) -> set[str]:
	"""Return the children in the audience of a campaign of the whole district with these conditions."""
	doc = make.campaign(
		audience_source="Guardians of a Student Group",
		audience_name=school.group,
		audience_file=None,
		audience_filters=filters,
	)
	people, _cursor = source_of(doc).chunk("", 10)
	return {student.split("-", 1)[1] for person in people for student in person.students}


def said(words: str) -> str:
	return make.template("Event", said={"voice": words, "voicemail": words, "text": words})


def ends(**values) -> datetime | None:
	"""Return when a campaign with the word "today" stops trying, once it has started."""
	doc = make.campaign(template=said(TODAY), **values)
	actions.start(doc.name)
	return frappe.db.get_value("Dialer Campaign", doc.name, "deadline")


def end_in(day, zone: str) -> datetime:
	return clock.to_db(datetime.combine(day, time(23, 59, 59), ZoneInfo(zone)))


@pytest.mark.parametrize("filters", [ABSENT_TODAY, NOT_ABSENT_TODAY], ids=["only", "except"])
def test_absent_today_means_the_day_of_each_students_school(away, filters):
	school = away(EAST)
	mark(school, "C0", rules.today() + ONE)
	mark(school, "C1", rules.today())
	assert meant(school, filters) == ({"C0", "C1"} if filters == ABSENT_TODAY else set())


@pytest.mark.parametrize("filters", [ABSENT_TODAY, NOT_ABSENT_TODAY], ids=["only", "except"])
def test_an_absence_of_another_day_there_is_not_todays(away, filters):
	school = away(EAST)
	mark(school, "C0", rules.today())
	mark(school, "C1", rules.today() + ONE)
	assert meant(school, filters) == (set() if filters == ABSENT_TODAY else {"C0", "C1"})


def test_a_student_without_a_school_goes_by_the_sites_day(away):
	school = away(EAST)
	frappe.db.set_value("Student", f"{school.tag}-C1", "dialer_school", None)
	mark(school, "C1", rules.today())
	assert meant(school, ABSENT_TODAY) == {"C1"}


def test_today_is_said_until_the_day_ends_at_the_last_school(district, carrier):
	districts.change(district[0], time_zone=WEST)
	assert ends() == end_in(rules.today(), WEST)


def test_today_is_not_said_on_the_next_morning_of_any_school(district, carrier):
	"""Where the day ends first, calls may begin again at 6 a.m. at the earliest."""
	districts.change(district[0], time_zone="Pacific/Guam")
	districts.change(district[1], time_zone=WEST)
	first_end = min(end_in(there(zone), zone) for zone in ("Pacific/Guam", WEST, clock.system_zone().key))
	assert ends() <= first_end + timedelta(hours=6)


def there(zone: str):
	return clock.now().astimezone(ZoneInfo(zone)).date()


def test_only_the_schools_that_are_called_count(district, carrier):
	districts.change(district[0], time_zone=WEST)
	districts.change(district[1], time_zone="America/New_York")
	chosen = frappe.as_json([district[1]])
	assert ends(schools=chosen) == end_in(there("America/New_York"), "America/New_York")


def answered(school: rules.School, child: str, at: datetime) -> None:
	"""Let a guardian have answered that they did not know of the child's absence."""
	values = {"kind": KNEW, "answer": UNAWARE, "answered_at": at, "students": f'["{school.tag}-{child}"]'}
	doc = frappe.get_doc({"doctype": "Dialer Answer", "campaign": make.campaign().name, **values})
	doc.flags.ignore_links = True
	doc.name = frappe.generate_hash(length=12)
	doc.db_insert()


def to_check(school: rules.School, day, kind: str) -> set[str]:
	found = {one.student for one in absence_check.discrepancies_on(day) if one.kind == kind}
	return {student.split("-", 1)[1] for student in found if student.startswith(school.tag)}


def test_an_answer_belongs_to_the_day_at_the_students_school(away):
	school = away(EAST)
	for child in ("C0", "C1"):
		answered(school, child, clock.db_now())
	assert to_check(school, rules.today() + ONE, absence_check.UNAWARE) == {"C0"}
	assert to_check(school, rules.today(), absence_check.UNAWARE) == {"C1"}


def test_calls_belong_to_the_day_at_the_students_school(away):
	"""Their absence is not one about which no one was called."""
	school = away(EAST)
	mark(school, "C0", rules.today() + ONE)
	doc = make.campaign(
		audience_source="Guardians of a Student Group",
		audience_name=school.group,
		audience_file=None,
		purpose="Attendance",
		template="Attendance notice",
	)
	prepare(doc)
	assert to_check(school, rules.today() + ONE, absence_check.UNREACHED) == set()


def test_who_is_present_is_asked_about_by_the_day_at_the_school(away, district):
	school = away(EAST)
	present = {"date": rules.today() + ONE, "status": "Present"}
	frappe.db.set_value("Student Attendance", school.mark("C0"), present, update_modified=False)
	doc = make.campaign(
		audience_source="Guardians of a Student Group",
		audience_name=school.group,
		audience_file=None,
		school=district[0],
		purpose="Attendance",
		template="Attendance notice",
	)
	assert absence.present_today(Facts.of(doc)) == (1, 1)


def test_it_is_asked_whether_today_is_over_at_the_school(away, district, set_clock):
	"""The calls wait until after midnight there, when the day on the site is still the same."""
	school = away(EAST)
	evening = datetime.combine(there(EAST), time(23), ZoneInfo(EAST))
	set_clock(evening)
	doc = make.campaign(
		audience_source="Guardians of a Student Group",
		audience_name=school.group,
		audience_file=None,
		school=district[0],
		template=said(TODAY),
	)
	with pytest.MonkeyPatch.context() as patch:
		opens = [clock.to_db(evening + timedelta(hours=2))]
		patch.setattr(hours, "waiting", lambda facts: (1, opens))
		found = [one.code for one in hours.look(Facts.of(doc))]
	assert found == [LATER_DAY]
