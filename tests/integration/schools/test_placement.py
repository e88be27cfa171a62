"""Where a student's school comes from: by hand, a hook, the program, a group, on the day."""

from datetime import date, timedelta

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.base import clock
from school_dialer.school_dialer.report.students_without_a_school import students_without_a_school as report
from school_dialer.schools import candidates, first, placement, registry
from tests.integration.schools.families import District

pytestmark = pytest.mark.dates


def in_days(days: int = 0) -> date:
	"""Return the site's day, or one so many days later."""
	return clock.db_now().date() + timedelta(days=days)


def answer_of_an_app(students: list[str], day: date) -> dict:
	"""Answer for students named "hooked": the first with one school, another with two."""
	assert isinstance(day, date)
	found = {one: "Oak Primary" for one in students if one.endswith("hooked")}
	return found | {one: ["Elm High", "Oak Primary"] for one in students if one.endswith("both")}


@pytest.fixture
def hooked(monkeypatch):
	"""Let another app answer, as its hooks would."""
	hooks = frappe.get_hooks()
	hooks[candidates.HOOK] = ["an_app.answer"]
	monkeypatch.setattr(
		frappe, "get_hooks", lambda name=None, default=None, app_name=None: hooks.get(name, default or [])
	)
	monkeypatch.setattr(candidates, "answer_of", lambda _path, students, day: answer_of_an_app(students, day))


@pytest.fixture
def enrolled(district, three) -> District:
	oak, elm, _river = three
	for child in ("ann", "ben", "cal", "dan"):
		district.family(f"of {child}", {child: (None, "2012-01-01")})
	district.opens()
	bulk = Bulk()
	names = {"oak": oak, "elm": elm}
	bulk.insert(
		"Program",
		[
			{"name": district.name(short), "program_name": district.name(short), "dialer_school": one}
			for short, one in names.items()
		],
	)
	bulk.insert(
		"Program Enrollment",
		[
			enrolment(district, "ann", "oak", in_days(-100)),
			enrolment(district, "ben", "oak", in_days(-465)),
			enrolment(district, "ben", "elm", in_days(-100)),
			enrolment(district, "cal", "elm", in_days(45)),
		],
	)
	return district


def enrolment(district: District, child: str, program: str, on: date) -> dict:
	return {
		"name": district.name(f"{child}-{program}"),
		"student": district.name(child),
		"program": district.name(program),
		"enrollment_date": on,
		"docstatus": 1,
	}


def place(district: District, day: date | None = None) -> dict[str, str]:
	names = [row["name"] for row in district.students]
	return {name.partition("-")[2]: one for name, one in placement.place(names, day or in_days()).items()}


def test_programs_decide_by_the_day(enrolled, three):
	oak, elm, _river = three
	assert place(enrolled) == {"ann": oak, "ben": elm}
	assert place(enrolled) == {}, "nothing is left to change"
	assert place(enrolled, in_days(66)) == {"cal": elm}


def test_the_present_school_stays_while_it_is_one_of_two(enrolled, three):
	oak, elm, _river = three
	name = enrolled.name("ben")
	frappe.db.set_value("Student", name, {"dialer_school": oak, placement.FROM: "Program"})
	assert "ben" not in place(enrolled)
	assert placement.in_question([name], in_days()) == {name: (elm, oak)}


def test_what_is_written_by_hand_stays(enrolled, three):
	name = enrolled.name("ann")
	frappe.db.set_value("Student", name, "dialer_school", three[2])
	assert "ann" not in place(enrolled)
	assert placement.in_question([name], in_days()) == {}


def test_groups_decide_where_no_program_does(enrolled, three):
	frappe.db.set_value("Student Group", enrolled.group, "dialer_school", three[2])
	assert place(enrolled)["dan"] == three[2] and place(enrolled) == {}
	assert frappe.db.get_value("Student", enrolled.name("ann"), "dialer_school") == three[0]
	assert frappe.db.get_value("Student", enrolled.name("dan"), placement.FROM) == "Group"


def test_a_school_not_in_use_is_none(enrolled, three):
	frappe.db.set_value(registry.DOCTYPE, three[1], "enabled", 0)
	registry.forget()
	assert place(enrolled)["ben"] == three[0]


def test_a_hook_decides_before_programs(enrolled, three, hooked):
	oak, elm, _river = three
	frappe.db.sql(
		"update `tabProgram Enrollment` set student = %s where student = %s",
		(enrolled.name("hooked"), enrolled.name("ben")),
	)
	for was, now in (("ben", "hooked"), ("dan", "both")):
		frappe.db.sql(
			"update `tabStudent` set name = %s where name = %s", (enrolled.name(now), enrolled.name(was))
		)
	names = [enrolled.name(one) for one in ("hooked", "both")]
	assert placement.place(names, in_days()) == {names[0]: oak, names[1]: elm}


def test_outside_a_district_nothing_is_read_or_written(enrolled, three):
	for one in three[1:]:
		frappe.db.set_value(registry.DOCTYPE, one, "enabled", 0)
	registry.forget()
	assert place(enrolled) == {} and not placement.ready()


def test_as_many_queries_for_few_as_for_many(enrolled, queries):
	names = [row["name"] for row in enrolled.students]
	few = queries(lambda: placement.place(names[:2], in_days()))
	many = queries(lambda: placement.place(names * 50, in_days()))
	assert few >= many - 1


def test_saving_a_student_says_who_chose(enrolled, three):
	place(enrolled)
	doc = frappe.get_doc("Student", enrolled.name("ann"))
	assert doc.get(placement.FROM) == "Program"
	doc.set(placement.FROM, None)
	placement.on_student(with_before(doc))
	assert doc.get(placement.FROM) == "Program", "the field is not written by hand"
	doc.dialer_school = three[2]
	placement.on_student(with_before(doc))
	assert not doc.get(placement.FROM)


def with_before(doc):
	doc._doc_before_save = frappe.get_doc("Student", doc.name)
	return doc


def test_the_first_school_is_given_what_has_none(three, enrolled):
	frappe.db.set_value("Student", enrolled.name("dan"), "dialer_school", three[1])
	frappe.db.set_value("Program", enrolled.name("elm"), "dialer_school", None)
	assert first.give_some("Program", three[0]) >= 1
	while first.give_some("Student", three[0]):
		pass
	assert frappe.db.get_value("Program", enrolled.name("elm"), "dialer_school") == three[0]
	assert frappe.db.get_value("Student", enrolled.name("dan"), "dialer_school") == three[1]
	ann = frappe.db.get_value("Student", enrolled.name("ann"), ["dialer_school", placement.FROM])
	assert ann == (three[0], "First"), "a program may still decide"
	assert first.give_some("Student", three[0]) == first.give_some("Program", three[0]) == 0


def test_the_report_lists_who_has_none_and_who_two(enrolled, three):
	place(enrolled)
	_columns, rows, _message, _chart, summary = report.execute()
	kinds = {
		row["student"].partition("-")[2]: row["kind"]
		for row in rows
		if row["student"].startswith(enrolled.tag)
	}
	assert kinds == {"ben": "Two schools", "cal": "No school", "dan": "No school"}
	assert [one["value"] > 0 for one in summary[:2]] == [True, True]
	one = next(row for row in rows if row["student"] == enrolled.name("ben"))
	assert one["schools"] == f"{three[1]}, {three[0]}" and one["remedy"]
	assert {row["kind"] for row in report.execute({"problem": "Two schools"})[1]} == {"Two schools"}


def test_the_report_is_empty_on_a_site_with_one_school(three):
	for one in three[1:]:
		frappe.db.set_value(registry.DOCTYPE, one, "enabled", 0)
	registry.forget()
	_columns, rows, message, *_rest = report.execute()
	assert rows == [] and "one school" in message


def test_the_report_lists_only_students_the_user_may_read(enrolled, three, as_role):
	as_role("Dialer Manager")
	_columns, rows, message, *_rest = report.execute()
	assert not [row for row in rows if row["student"].startswith(enrolled.tag)]
	assert "counted and not listed" in message
