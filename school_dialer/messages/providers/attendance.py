"""Absences: today's, and those of a week, a month and the term.

Corrected ones are canceled, so they do not appear.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import frappe

from school_dialer.messages.model import EDUCATIONAL, Field, Name, Subject, provides
from school_dialer.messages.providers.case_records import CaseRecords
from school_dialer.messages.providers.education import about_each, example
from school_dialer.messages.providers.family import Families, has, has_field
from school_dialer.schools import zones
from school_dialer.schools.school_calendar import academic_terms, current

WEEK, MONTH = 7, 30

ATTENDANCE_DATE = Field(
	"attendance_date",
	"Date of the absence (today)",
	"date",
	EDUCATIONAL,
	"Student Attendance.date",
	date(2026, 3, 9),
	about_student=True,
)
ABSENT_NAMES = Field(
	"absent_names",
	"First names of the students absent today",
	"name",
	EDUCATIONAL,
	"Student Attendance.student",
	example(Name("Ana"), None),
	about_student=True,
	per_student=True,
)
ABSENT_COURSES = about_each(
	"absent_courses",
	"Courses missed today",
	"list",
	EDUCATIONAL,
	"Student Attendance.course_schedule",
	("Mathematics", "Music"),
	("Music",),
)
ABSENCE_DATES = about_each(
	"absence_dates",
	"Days absent in the last 7 days",
	"dates",
	EDUCATIONAL,
	"Student Attendance.date",
	(date(2026, 3, 9),),
	(date(2026, 3, 9), date(2026, 3, 10)),
)
ABSENCES_MONTH = about_each(
	"absences_in_30_days",
	"Number of days absent in the last 30 days",
	"number",
	EDUCATIONAL,
	"Student Attendance.date",
	2,
	4,
)
ABSENCES_TERM = about_each(
	"absences_this_term",
	"Number of days absent this term",
	"number",
	EDUCATIONAL,
	"Academic Term.term_start_date",
	5,
	7,
	records="Student Attendance",
)


@provides(ATTENDANCE_DATE, ABSENT_NAMES)
def provide_today(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	families = Families.of(subjects)
	days = read_absences(families.students, zones.days_now()[0])
	today_of = zones.today_of(families.students)
	absent = {student for student, missed in days.items() if today_of(student) in missed}
	values = {}
	for subject in subjects:
		missing = absent & families.may_disclose(subject) & set(families.may_name(subject))
		values[subject.key] = {
			"attendance_date": max(map(today_of, missing), default=None),
			"absent_names": families.names(subject, missing.__contains__),
		}
	return values


@dataclass(frozen=True, slots=True)
class Since:
	"""The first day of the last week, of the last month, and of the term, if there is one."""

	week: date
	month: date
	term: date | None

	@classmethod
	def before(cls, today: date, terms: tuple) -> "Since":
		term = current(terms, today)
		week, month = (today - timedelta(days=count - 1) for count in (WEEK, MONTH))
		return cls(week, month, term.start if term else None)

	@property
	def earliest(self) -> date:
		return min(self.month, self.term or self.month)


@provides(ABSENCE_DATES, ABSENCES_MONTH, ABSENCES_TERM)
def provide_range(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	"""Return absences over several days. A day counts once, no matter how many lessons were missed."""
	families, terms = Families.of(subjects), academic_terms()
	since_of = cache(lambda day: Since.before(day, terms))
	days = read_absences(families.students, since_of(zones.days_now()[0]).earliest)
	today_of = zones.today_of(families.students)
	recent, in_month, in_term = {}, {}, {}
	for student, all_ in days.items():
		since = since_of(today_of(student))
		recent[student] = sorted(day for day in all_ if day >= since.week)
		if in_days := sum(day >= since.month for day in all_):
			in_month[student] = in_days
		if since.term and (in_days := sum(day >= since.term for day in all_)):
			in_term[student] = in_days
	return {
		subject.key: {
			"absence_dates": families.educational(subject, recent),
			"absences_in_30_days": families.educational(subject, in_month),
			"absences_this_term": families.educational(subject, in_term),
		}
		for subject in subjects
	}


@provides(ABSENT_COURSES)
def provide_courses(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	families, noticed = Families.of(subjects), CaseRecords.of(subjects, "Student Attendance")
	of_day = defaultdict(list)
	today_of = zones.today_of(families.students)
	for student in families.students:
		of_day[today_of(student)].append(student)
	missed = {}
	for day, students in of_day.items():
		missed |= read_courses(students, day)
	values = {}
	for subject in subjects:
		chosen = noticed.chosen(subject, missed)
		courses = {student: [row.course for row in rows] for student, rows in chosen.items() if rows}
		values[subject.key] = {"absent_courses": families.educational(subject, courses)}
	return values


def read_absences(students: list[str], since: date) -> dict[str, set[date]]:
	"""Return the days with a submitted absence, from ``since`` to today, by student."""
	if not students or not has("Student Attendance"):
		return {}
	rows = frappe.get_all(
		"Student Attendance",
		filters={
			"student": ("in", students),
			"date": ("between", (since, zones.days_now()[1])),
			"status": "Absent",
			"docstatus": 1,
		},
		fields=["student", "date"],
		order_by="student",
	)
	days = defaultdict(set)
	for row in rows:
		days[row.student].add(row.date)
	return days


def read_courses(students: list[str], day: date) -> dict[str, list[frappe._dict]]:
	"""Return each student's absences from courses: name and course, by the time of the lesson."""
	courses = defaultdict(list)
	if not students or not has("Course Schedule") or not has_field("Student Attendance", "course_schedule"):
		return courses
	attendance, schedule = frappe.qb.DocType("Student Attendance"), frappe.qb.DocType("Course Schedule")
	rows = (
		frappe.qb.from_(attendance)
		.join(schedule)
		.on(schedule.name == attendance.course_schedule)
		.select(attendance.name, attendance.student, schedule.course)
		.where((attendance.date == day) & (attendance.status == "Absent") & (attendance.docstatus == 1))
		.where(attendance.student.isin(students))
		.orderby(schedule.from_time)
		.run(as_dict=True)
	)
	for row in rows:
		courses[row.student].append(row)
	return courses
