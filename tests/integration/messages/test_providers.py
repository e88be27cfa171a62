"""The fields of each provider, from records as the Education app and ERPNext write them.

Checked are the student they belong to, their time, and how often they are read.
"""

import secrets
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer import hooks
from school_dialer.base import clock
from school_dialer.base.database import doctypes
from school_dialer.messages import catalogue, context
from school_dialer.messages.field import Money, PerStudent, Subject
from school_dialer.messages.render import render

pytestmark = pytest.mark.dates

TODAY = date(2026, 3, 11)
NOON = datetime(2026, 3, 11, 12)


@pytest.fixture(autouse=True)
def noon(monkeypatch):
	"""Set the clock to a Wednesday noon in the site's time zone."""
	now = clock.from_db(NOON)
	monkeypatch.setattr(clock, "now", lambda: now)


@pytest.fixture
def bulk() -> Bulk:
	return Bulk()


def subject(family, *students, person=None, purpose="", key="k"):
	return Subject(key, "Guardian", person or family.mother, "Maria", students, purpose=purpose)


def of_each(family, name, person=None, purpose=""):
	"""Return the values for Ana and for Luis."""
	one = subject(family, family.ana, family.luis, person=person, purpose=purpose)
	value = context.read_values([one], [name])["k"][name]
	assert isinstance(value, PerStudent)
	return [value.of(family.ana), value.of(family.luis)]


def absence(family, student, day, docstatus=1, **more):
	return {
		"name": secrets.token_hex(5),
		"student": student,
		"date": day,
		"status": "Absent",
		"docstatus": docstatus,
		**more,
	}


def days_ago(count: int) -> date:
	return TODAY - timedelta(days=count)


def test_absences_of_a_week_a_month_and_the_term_count_days(family, bulk):
	bulk.insert(
		"Academic Term",
		[
			{
				"name": f"Term {family.tag}",
				"title": f"Term {family.tag}",
				"term_name": "Spring",
				"term_start_date": days_ago(60),
				"term_end_date": TODAY,
			}
		],
	)
	bulk.insert(
		"Student Attendance",
		[
			absence(family, family.ana, TODAY),
			absence(family, family.ana, TODAY),
			absence(family, family.ana, days_ago(6)),
			absence(family, family.ana, days_ago(7)),
			absence(family, family.ana, days_ago(29)),
			absence(family, family.ana, days_ago(30)),
			absence(family, family.ana, days_ago(61)),
			absence(family, family.ana, days_ago(1), docstatus=0),
			absence(family, family.ana, days_ago(2), docstatus=2),
			absence(family, family.ana, TODAY + timedelta(days=1)),
			absence(family, family.luis, days_ago(40)),
		],
	)
	assert of_each(family, "absence_dates") == [[days_ago(6), TODAY], []]
	assert of_each(family, "absences_in_30_days") == [4, None]
	assert of_each(family, "absences_this_term") == [5, 1]
	one = subject(family, family.ana, family.luis)
	words = (
		"{% each student %}{{ student_names }}: {{ absences_in_30_days }} "
		"{{ absences_in_30_days | plural('day', 'days') }}. {% endeach %}"
	)
	values = context.read_values([one], ("student_names", "absences_in_30_days"))["k"]
	assert render(words, values, catalogue.fields(), "en", "voice").text == "Ana: 4 days."


def test_the_courses_missed_today_in_their_order(family, bulk):
	lessons = [("Music", time(10)), ("Art", time(9))]
	bulk.insert(
		"Course Schedule",
		[
			{"name": f"{course} {family.tag}", "course": course, "schedule_date": TODAY, "from_time": begin}
			for course, begin in lessons
		],
	)
	bulk.insert(
		"Student Attendance",
		[
			absence(family, family.ana, TODAY, course_schedule=f"{course} {family.tag}")
			for course, _begin in lessons
		],
	)
	assert of_each(family, "absent_courses") == [["Art", "Music"], None]


def fee(family, student, outstanding, due, docstatus=1, currency="USD"):
	return {
		"name": secrets.token_hex(5),
		"student": student,
		"outstanding_amount": outstanding,
		"grand_total": 500,
		"due_date": due,
		"docstatus": docstatus,
		"currency": currency,
	}


def test_fees_are_added_up_for_each_student_and_for_all(family, bulk):
	bulk.insert(
		"Fees",
		[
			fee(family, family.ana, 40.1, days_ago(3)),
			fee(family, family.ana, 10.2, TODAY),
			fee(family, family.ana, 99, TODAY, docstatus=0),
			fee(family, family.ana, 0, TODAY),
			fee(family, family.luis, 5, TODAY + timedelta(days=9)),
		],
	)
	assert of_each(family, "fee_due") == [Money(Decimal("50.3"), "USD"), Money(Decimal("5.0"), "USD")]
	assert of_each(family, "fee_due_date") == [days_ago(3), TODAY + timedelta(days=9)]
	assert of_each(family, "fee_overdue") == [Money(Decimal("40.1"), "USD"), None]
	total = context.read_values([subject(family, family.ana, family.luis)], ["fees_total_due"])["k"]
	assert total == {"fees_total_due": Money(Decimal("55.3"), "USD")}
	words = "{{ fee_due }} by {{ fee_due_date }}"
	values = context.read_values([subject(family, family.ana, family.luis)], ("fee_due", "fee_due_date"))["k"]
	assert render(words, values, catalogue.fields(), "en", "voice").text == (
		"50.30 US dollars for Ana and 5.00 US dollars for Luis "
		"by Sunday, March 8 for Ana and Friday, March 20 for Luis"
	)


def test_several_currencies_are_not_added(family, bulk):
	bulk.insert(
		"Fees", [fee(family, family.ana, 1, TODAY), fee(family, family.ana, 1, TODAY, currency="EUR")]
	)
	assert of_each(family, "fee_due") == [None, None]


def test_the_latest_submitted_result(family, bulk):
	def result(grade, made, docstatus=1):
		return {
			"name": secrets.token_hex(5),
			"student": family.ana,
			"course": "Mathematics",
			"grade": grade,
			"total_score": 82.5,
			"maximum_score": 100,
			"docstatus": docstatus,
			"creation": made,
		}

	bulk.insert(
		"Assessment Result",
		[
			result("C", "2026-03-01 10:00:00"),
			result("B", "2026-03-05 10:00:00"),
			result("A", "2026-03-09 10:00:00", docstatus=0),
		],
	)
	frappe.db.sql(
		"update `tabAssessment Result` set creation = '2026-03-01' where student = %s and grade = 'C'",
		family.ana,
	)
	frappe.db.sql(
		"update `tabAssessment Result` set creation = '2026-03-05' where student = %s and grade = 'B'",
		family.ana,
	)
	assert of_each(family, "result_grade") == ["B", None]
	assert of_each(family, "result_course") == ["Mathematics", None]
	assert of_each(family, "result_score") == [82.5, None]


@pytest.fixture
def groups(family, bulk):
	"""Insert three student groups, and return their names by title.

	Ana is in one group and was formerly in another. Luis is in a third.
	"""
	members = {"5A": [(family.ana, 1)], "Chess": [(family.ana, 0)], "3B": [(family.luis, 1)]}
	bulk.insert(
		"Student Group",
		[
			{
				"name": f"{title} {family.tag}",
				"student_group_name": f"{title} {family.tag}",
				"students": [{"student": student, "active": active} for student, active in listed],
				"instructors": [{"instructor": "I", "instructor_name": f"Teacher of {title}"}],
			}
			for title, listed in members.items()
		],
	)
	return {title: f"{title} {family.tag}" for title in members}


def test_groups_and_who_teaches_them(family, groups):
	assert of_each(family, "student_group") == [[groups["5A"]], [groups["3B"]]]
	assert of_each(family, "group_instructors") == [["Teacher of 5A"], ["Teacher of 3B"]]


def test_the_next_lesson_and_examination_of_each_students_groups(family, groups, bulk):
	bulk.insert("Room", [{"name": f"R {family.tag}", "room_name": "Room 12"}])

	def plan(group, course, day, begin, **more):
		return {
			"name": secrets.token_hex(5),
			"student_group": groups[group],
			"course": course,
			"schedule_date": day,
			"from_time": begin,
			"room": f"R {family.tag}",
			**more,
		}

	tomorrow = TODAY + timedelta(days=1)
	bulk.insert(
		"Course Schedule",
		[
			plan("5A", "Over", TODAY, time(9), instructor_name="A"),
			plan("5A", "Later", tomorrow, time(9), instructor_name="B"),
			plan("5A", "Music", TODAY, time(14), instructor_name="Grace Kim"),
			plan("Chess", "Chess", TODAY, time(13), instructor_name="C"),
			plan("3B", "Art", tomorrow, time(8, 30), instructor_name="D"),
		],
	)
	bulk.insert(
		"Assessment Plan",
		[
			plan("5A", "Draft", tomorrow, time(8), docstatus=0),
			plan("5A", "Mathematics", tomorrow, time(10), docstatus=1),
		],
	)
	assert of_each(family, "next_lesson") == ["Music", "Art"]
	assert of_each(family, "next_lesson_date") == [TODAY, tomorrow]
	assert of_each(family, "next_lesson_room") == ["Room 12", "Room 12"]
	assert of_each(family, "next_lesson_instructor") == ["Grace Kim", "D"]
	assert of_each(family, "next_exam") == ["Mathematics", None]
	one = subject(family, family.ana)
	values = context.read_values([one], ("next_exam", "next_exam_date", "next_exam_time"))["k"]
	words = "{{ next_exam }} on {{ next_exam_date }} at {{ next_exam_time }}"
	said = render(words, values, catalogue.fields(), "en", "voice").text
	assert said == "Mathematics on Thursday, March 12 at 10:00 AM"


def test_a_guardian_without_records_hears_no_record_and_in_such_a_message_no_name(family, bulk):
	bulk.insert("Fees", [fee(family, family.ana, 40, TODAY)])
	assert of_each(family, "fee_due", person=family.grandmother) == [None, None]
	named = of_each(family, "student_names", person=family.grandmother)
	assert named == ["Ana", "Luis"]
	one = subject(family, family.ana, family.luis, person=family.grandmother, purpose="Fees")
	assert context.read_values([one], ["student_names"])["k"]["student_names"].items == ()


def test_a_barred_student_is_in_no_field_at_all(family, bulk, groups):
	bulk.insert("Fees", [fee(family, family.ana, 40, TODAY), fee(family, family.luis, 5, TODAY)])
	bulk.insert("Student Attendance", [absence(family, family.ana, TODAY)])
	one = subject(family, family.ana, family.luis, person=family.father)
	values = context.read_values([one])["k"]
	for name, value in values.items():
		if isinstance(value, PerStudent):
			assert [student for student, _called, _value in value.items] == [family.luis], name
	assert "Ana" not in str(values)
	assert values["fees_total_due"] == Money(Decimal("5.0"), "USD")
	fields = catalogue.fields()
	for words, said in (("{{ fee_due }}", "5.00 US dollars"), ("{{ student_names }}", "Luis")):
		assert render(words, values, fields, "en", "voice").text == said


def test_names_are_spoken_as_their_records_say(family):
	frappe.db.set_value("Student", family.ana, "dialer_spoken_name", "Ah-na")
	frappe.db.set_value("Guardian", family.mother, "dialer_spoken_name", "Mah-ria")
	one = subject(family, family.ana, family.luis)
	values = context.read_values(
		[one], ("student_names", "student_full_names", "recipient_name", "guardian_name")
	)["k"]
	words = "{{ recipient_name }}, {{ guardian_name }}: {{ student_names }}; {{ student_full_names }}"
	spoken = render(words, values, catalogue.fields(), "en", "voice").text
	assert spoken == f"Mah-ria, Mah-ria: Ah-na and Luis; Ah-na {family.tag} and Luis {family.tag}"
	written = render(words, values, catalogue.fields(), "en", "text").text
	assert written.startswith("Maria, Maria ") and "Ana and Luis" in written


def test_brothers_and_sisters_of_one_first_name_are_told_apart(family):
	frappe.db.set_value("Student", family.luis, {"first_name": "Ana", "student_name": "Ana Maria"})
	one = subject(family, family.ana, family.luis)
	values = context.read_values([one], ["student_names"])["k"]
	assert render("{{ student_names }}", values, catalogue.fields(), "en", "text").text == (
		f"Ana {family.tag} and Ana Maria"
	)


def test_staff_and_contacts(bulk):
	tag = secrets.token_hex(3)
	bulk.insert("Department", [{"name": f"Science - {tag}", "department_name": "Science"}])
	bulk.insert(
		"Employee",
		[
			{
				"name": f"E{tag}",
				"employee_name": "Grace Kim",
				"department": f"Science - {tag}",
				"designation": "Teacher",
				"dialer_spoken_name": "Grays Kim",
			}
		],
	)
	bulk.insert(
		"Contact",
		[{"name": f"C{tag}", "first_name": "Sam", "full_name": "Sam Reed", "company_name": "Library"}],
	)
	people = [Subject("e", "Employee", f"E{tag}", "Grace Kim"), Subject("c", "Contact", f"C{tag}", "Sam")]
	values = context.read_values(people)
	employee, contact = values["e"], values["c"]
	assert employee["employee_name"] == "Grace Kim" and employee["employee_name"].spoken == "Grays Kim"
	assert (employee["employee_department"], employee["employee_designation"]) == ("Science", "Teacher")
	assert employee["contact_name"] is None and employee["recipient_name"].spoken == "Grays Kim"
	assert (contact["contact_name"], contact["contact_company"]) == ("Sam Reed", "Library")


@pytest.mark.parametrize("path", hooks.dialer_context_providers)
def test_a_fixed_number_of_queries_whatever_the_number_of_people(path, family, groups, queries):
	provider = frappe.get_attr(path)
	few = [subject(family, family.ana)]
	many = [
		subject(family, family.ana, family.luis, person=person, key=f"{person}{number}")
		for number in range(50)
		for person in (family.mother, family.father, family.grandmother)
	]
	provider(few)
	assert queries(provider, many) == queries(provider, few) <= 5


@pytest.mark.parametrize(
	"doctype",
	[
		"Fees",
		"Assessment Result",
		"Course Schedule",
		"Assessment Plan",
		"Academic Term",
		"Student Attendance",
	],
)
def test_a_site_without_a_doctype_offers_none_of_its_fields_and_fails_at_nothing(
	family, doctype, monkeypatch
):
	exists = frappe.db.exists
	monkeypatch.setattr(
		frappe.db,
		"exists",
		lambda dt, name=None, **more: (
			None if (dt, name) == ("DocType", doctype) else exists(dt, name, **more)
		),
	)
	monkeypatch.setitem(frappe.db.value_cache, doctypes.KEPT, frozenset())
	monkeypatch.delattr(frappe.local, catalogue.CACHE, raising=False)
	offered = catalogue.fields()
	assert not [field.name for field in offered.values() if field.source.startswith(f"{doctype}.")]
	one = subject(family, family.ana)
	for provider in catalogue.providers():
		provider([one])
	assert context.read_values([one])["k"]["student_names"].of(family.ana) == "Ana"
	delattr(frappe.local, catalogue.CACHE)
