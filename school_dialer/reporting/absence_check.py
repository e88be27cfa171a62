"""What does not fit together on one day: what guardians reported, what was marked, and whom calls reached.

Everything is read at once, for all students; who may see which one is decided by the caller.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import frappe
from frappe import _

from school_dialer.audience.columns import existing
from school_dialer.base import clock, states
from school_dialer.inbound.absences import reports, standing
from school_dialer.inbound.absences.kinds import ABSENCE, LATE, STANDING
from school_dialer.messages.model import KNEW as ASKS_WHETHER_THEY_KNEW
from school_dialer.messages.spoken.question import UNAWARE as DID_NOT_KNOW
from school_dialer.schools import zones

ONE_DAY = timedelta(days=1)
ATTENDANCE, LEAVE = "Student Attendance", "Student Leave Application"
UNAWARE, PRESENT, SEEN, LATE_ABSENT, UNREACHED, KNEW = KINDS = (
	"Did not know",
	"Reported absent, marked present",
	"Marked absent, seen at school",
	"Marked absent, reported late",
	"No one reached",
	"Knew, but no report",
)
"""In the order in which staff have to look at them."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
	"""One thing to check about a student. `at` is naive site time; the others name records, or are None."""

	kind: str
	student: str
	detail: str
	at: datetime | None = None
	report: str | None = None
	attendance: str | None = None
	campaign: str | None = None


@dataclass
class Day:
	"""What is on record about a day, by student."""

	day: date
	marked: dict[str, list[frappe._dict]]
	reports: dict[str, list[frappe._dict]]
	excused: set[str]
	answers: dict[str, frappe._dict]
	called: dict[str, list[frappe._dict]]

	def with_status(self, student: str, status: str) -> frappe._dict | None:
		return next((row for row in self.marked.get(student, ()) if row.status == status), None)

	def standing(self, student: str, kind: str) -> frappe._dict | None:
		rows = (row for row in self.reports.get(student, ()) if row.status in STANDING)
		return next((row for row in rows if row.kind == kind), None)


def discrepancies_on(day: date) -> list[Discrepancy]:
	"""Return what there is to check on this day, the most urgent first. Runs a fixed number of queries."""
	read = read_day(day)
	students = sorted({*read.marked, *read.reports, *read.answers})
	discrepancies = [
		discrepancy for student in students for discrepancy in discrepancies_about(read, student)
	]
	return sorted(discrepancies, key=lambda discrepancy: (KINDS.index(discrepancy.kind), discrepancy.student))


def discrepancies_about(read: Day, student: str) -> Iterator[Discrepancy]:
	absent, present = (read.with_status(student, status) for status in ("Absent", "Present"))
	reported, late = (read.standing(student, kind) for kind in (ABSENCE, LATE))
	yield from of_answers(read, student, reported or late)
	if reported and present and not by_leave(present, reported):
		yield Discrepancy(
			PRESENT, student, said_by(reported), reported.reported_at, reported.name, present.name
		)
	if absent and present:
		detail = _("Present in another lesson or group.")
		yield Discrepancy(SEEN, student, detail, absent.modified, attendance=absent.name)
	if absent and late:
		yield Discrepancy(LATE_ABSENT, student, said_by(late), late.reported_at, late.name, absent.name)
	if absent and not (present or reported or late or student in read.excused):
		yield from of_calls(read, student, absent)


def by_leave(present: frappe._dict, report: frappe._dict) -> bool:
	"""Return whether the leave of a report marked the student as present: away, with the school's consent."""
	return bool(report.leave_application) and present.leave_application == report.leave_application


def of_answers(read: Day, student: str, report: frappe._dict | None) -> Iterator[Discrepancy]:
	if not (answer := read.answers.get(student)):
		return
	more = {"at": answer.answered_at, "campaign": answer.campaign, "report": report and report.name}
	if answer.answer == DID_NOT_KNOW:
		yield Discrepancy(UNAWARE, student, _("{0} answered in a call.").format(caller(answer)), **more)
	elif not report:
		detail = _("{0} knew of it when called. That is no report.").format(caller(answer))
		yield Discrepancy(KNEW, student, detail, **more)


def of_calls(read: Day, student: str, absent: frappe._dict) -> Iterator[Discrepancy]:
	"""Yield that no one was reached, once no call is under way any more."""
	rows = read.called.get(student, [])
	if any(row.status == states.REACHED or row.status in states.OPEN for row in rows):
		return
	called = [row for row in rows if row.status not in (states.BLOCKED, states.DEFERRED)]
	if called:
		detail = _("Called, and no one was reached.")
	else:
		detail = _("No one may be called about it.") if rows else _("No one was called.")
	campaign = rows[-1].campaign if rows else None
	yield Discrepancy(UNREACHED, student, detail, absent.modified, attendance=absent.name, campaign=campaign)


def said_by(report: frappe._dict) -> str:
	return _("{0} reported it: {1}.").format(report.person_name or _("The office"), _(report.reason or ""))


def caller(answer: frappe._dict) -> str:
	return answer.person_name or _("A guardian")


def read_day(day: date) -> Day:
	marked = read_marked(day)
	answers = read_answers(day)
	reported = frappe.get_all(
		reports.DOCTYPE, {"from_day": ("<=", day), "to_day": (">=", day)}, pluck="student", distinct=True
	)
	absent = [name for name, rows in marked.items() if any(row.status == "Absent" for row in rows)]
	return Day(
		day,
		marked,
		standing.reports_covering([day], set(filter(None, reported))),
		read_excused(day, absent),
		answers,
		read_called(day),
	)


def read_marked(day: date) -> dict[str, list[frappe._dict]]:
	by_student = defaultdict(list)
	if not frappe.db.exists("DocType", ATTENDANCE, cache=True):
		return by_student
	further = existing(("leave_application",), ATTENDANCE)
	rows = frappe.get_all(
		ATTENDANCE,
		{"date": day, "docstatus": 1},
		["name", "student", "status", "modified", *further],
		order_by="modified",
	)
	for row in rows:
		by_student[row.student].append(row)
	return by_student


def read_excused(day: date, students: list[str]) -> set[str]:
	if not students or not frappe.db.exists("DocType", LEAVE, cache=True):
		return set()
	of_day = {"docstatus": 1, "from_date": ("<=", day), "to_date": (">=", day), "student": ("in", students)}
	return set(frappe.get_all(LEAVE, of_day, pluck="student"))


def read_answers(day: date) -> dict[str, frappe._dict]:
	"""Return the day's last answer about each student to whether they knew.

	That someone did not know counts more than that someone else did: the two may live apart.
	"""
	rows = frappe.get_all(
		"Dialer Answer",
		{
			"kind": ASKS_WHETHER_THEY_KNEW,
			"answered_at": (
				"between",
				(datetime.combine(day - ONE_DAY, time.min), datetime.combine(day + ONE_DAY, time.max)),
			),
		},
		["students", "answer", "person_name", "campaign", "answered_at"],
		order_by="answered_at",
	)
	rows.sort(key=lambda row: row.answer == DID_NOT_KNOW)
	pairs = [(student, row) for row in rows for student in json.loads(row.students or "[]")]
	day_of = zones.day_of({student for student, _row in pairs})
	return {student: row for student, row in pairs if day_of(student, clock.from_db(row.answered_at)) == day}


STATUS_OF_PARTY = """case
	when party.state = 'Informed' then 'Reached'
	when party.state = 'Withheld' then 'Blocked'
	when party.state = 'Withdrawn' then 'Cancelled'
	when recipient.status = 'Reached' then 'Not Reached'
	else recipient.status end"""
"""What came of the calls to a recipient for one student: about one whom none named, no one was informed."""
OF_DAY = """from `tabDialer Recipient` recipient
	join `tabDialer Campaign` campaign on campaign.name = recipient.campaign
	left join `tabDialer Rule Run` run on run.name = campaign.rule_run
	left join `tabDialer Party` party on party.parent = recipient.name
	where campaign.purpose in ('Attendance', 'Emergency')
		and campaign.started_at >= %(day)s - interval 1 day
		and campaign.started_at < %(day)s + interval 2 day
		and (run.day is null or run.day = %(day)s)"""
"""A rule's calls are about the day of its run: a school in another time zone has it earlier or later.

Other calls are about the day on which the campaign began, at the student's school.
"""


def read_called(day: date) -> dict[str, list[frappe._dict]]:
	"""Return {student: rows with status and campaign}: the attendance calls and emergencies of this day.

	A recipient that came without parties, as by REST, counts for all students that it names.
	"""
	rows = frappe.db.sql(
		f"""select party.student, recipient.students, recipient.campaign, run.day, campaign.started_at,
			if(party.name is null, recipient.status, {STATUS_OF_PARTY}) status
		{OF_DAY} order by recipient.creation, recipient.name, party.idx""",
		{"day": day},
		as_dict=True,
	)
	about = [
		(student, row)
		for row in rows
		for student in ([row.student] if row.student else json.loads(row.students or "[]"))
	]
	day_of, by_student = zones.day_of({student for student, _row in about}), defaultdict(list)
	for student, row in about:
		if row.day or day_of(student, clock.from_db(row.started_at)) == day:
			by_student[student].append(row)
	return by_student
