"""Words about an absence that go out about students who are present, or who were not chosen by attendance."""

import re
from collections.abc import Iterator
from functools import cache

import frappe

from school_dialer.audience.base import source_of
from school_dialer.audience.filters.education import Attendance
from school_dialer.campaigns import scale_check
from school_dialer.campaigns.plausibility import dates
from school_dialer.campaigns.plausibility.day_words import LANGUAGES
from school_dialer.campaigns.plausibility.facts import Facts, limited_query
from school_dialer.campaigns.plausibility.finding import NOT_CHOSEN, PRESENT, Finding
from school_dialer.messages.sensitivity.topics import ATTENDANCE

LEAST = 25
"""Fewer people than this on a list are what a secretary calls about on an ordinary morning."""
MANY = 5
"""So many students who are present are no correction of the morning: a second person looks."""
_OTHER_DAYS = re.compile(
	r"\byesterday\b|\b(?:this|last) (?:week|month|term|year)\b|\bdays\b|\bayer\b|\besta semana\b"
	r"|\beste (?:mes|año)\b|\bd[ií]as\b|hôm qua|tuần|tháng này|昨天|昨日|本周|本月|本学期"
	r"|\b[أا]مس\b|\bالأسبوع\b|\bالشهر\b|\bأيام\b",
	re.IGNORECASE,
)


def look(facts: Facts) -> Iterator[Finding]:
	if ATTENDANCE not in facts.topics:
		return
	chosen = chosen_by_attendance(facts)
	if not facts.by_rule and not chosen and not facts.emergency and facts.people >= LEAST:
		if ATTENDANCE not in scale_check.with_a_field(facts.template, facts.variants):
			yield Finding(NOT_CHOSEN, (facts.people,))
	if says_absent_today(facts) and not chosen:
		present, students = present_today(facts)
		if present:
			many = present >= MANY or 2 * present >= students
			yield Finding(PRESENT, (present, students), second_person=many and not facts.emergency)


def chosen_by_attendance(facts: Facts) -> bool:
	"""Return whether a condition on attendance, or a rule, chose these people, or whom is tried again."""
	first = scale_check.first_chosen(facts.campaign)
	conditions = source_of(first).filters.only
	by_rule = first is not facts.campaign and bool(first.get("rule"))
	return by_rule or any(isinstance(condition, Attendance) for condition in conditions)


def says_absent_today(facts: Facts) -> bool:
	"""Return whether the words speak of an absence today: of an absence, and of no other day."""
	absent = [written.text for written in facts.texts if is_absent(written.text)]
	return bool(absent) and not any(
		_OTHER_DAYS.search(text) or dates.mentions(text)
		for text in absent + [detail.text for detail in facts.details]
	)


def is_absent(text: str) -> bool:
	searched = dates.normalized(text).translate(dates.ALIF)
	return any(pattern.search(searched) for pattern in _absent())


@cache
def _absent() -> tuple[re.Pattern[str], ...]:
	return tuple(re.compile(words.absent, re.IGNORECASE) for words in LANGUAGES.values())


def present_today(facts: Facts) -> tuple[int, int]:
	"""Return how many of the sampled students were marked present today and not absent, and of how many."""
	if not frappe.db.exists("DocType", "Student Attendance", cache=True):
		return 0, 0
	students = {student for person in facts.sample for student in person.students}
	if not students:
		return 0, 0
	facts.require_time()
	((present,),) = limited_query(
		"""select count(distinct student) from `tabStudent Attendance` attendance
		where docstatus = 1 and date = %(day)s and status = 'Present' and student in %(students)s
			and not exists (select 1 from `tabStudent Attendance` other
				where other.docstatus = 1 and other.date = %(day)s and other.status = 'Absent'
				and other.student = attendance.student)""",
		{"day": facts.today, "students": tuple(students)},
	)
	return present, len(students)
