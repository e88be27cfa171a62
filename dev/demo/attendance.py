"""The attendance day: 40 absences are submitted, some corrected or excused; a rule calls about the rest.

Everything goes through the site as staff do it. The office marks attendance. A rule is tried, switched on,
finds unusually many, asks, and calls after a yes. Each family's behavior is set, so that every kind of
content occurs.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import quote

import frappe

from dev.demo import leaks
from dev.demo.leaks import Family
from dev.demo.people import MANAGER, Person, wait_for
from dev.demo.stage import Stage
from dev.school.load import anchor
from dev.school.model import COURT_ORDER, Roster, Student
from dev.school.roster import SEED, build
from school_dialer.base import clock
from school_dialer.base.phone import mask

OFFICE = "office@riverside.example"
ABSENT, CORRECTED, EXCUSED = 40, 3, 5
MASS = 30
BEHAVIOURS = (
	{"behaviour": "presses", "digits": ["1"]},
	{"behaviour": "voicemail"},
	{"behaviour": "presses", "digits": ["1"]},
	{"behaviour": "answers"},
	{"behaviour": "presses", "digits": ["1"]},
	{"behaviour": "answers", "answered_by": "unknown"},
	{"behaviour": "no answer"},
)


@dataclass
class Day:
	"""Which students are absent, and their attendance records."""

	day: date
	students: list[Student]
	marks: dict[str, str] = field(default_factory=dict)

	@property
	def corrected(self) -> list[str]:
		return [student.name for student in self.students[-CORRECTED:]]

	@property
	def excused(self) -> list[str]:
		return [student.name for student in self.students[-CORRECTED - EXCUSED : -CORRECTED]]


def run(stage: Stage, settle) -> tuple[str, dict]:
	"""Return the name of the rule's campaign, and the report. ``settle`` waits for a campaign's end."""
	office, manager = Person(stage.url, OFFICE), Person(stage.url, MANAGER)
	today = clock.db_now().date()
	roster = build(SEED, anchor(SEED, today))
	day = Day(today, choose(roster))
	clear(day)
	numbers = numbers_of(roster, day)
	stage.carrier.control(
		"people", {number: BEHAVIOURS[index % len(BEHAVIOURS)] for index, number in enumerate(numbers)}
	)
	mark(office, roster, day)
	rule = make_rule(manager)
	tried = press(manager, "dry_run", rule=rule, day=str(today))
	press(manager, "switch_on", rule=rule)
	campaign = call_about(day, office, manager, rule)
	settle("the attendance day", campaign, manager)
	press(manager, "switch_off", rule=rule)
	stage.carrier.wait_until_idle()
	report = report_of(stage, roster, day, rule, campaign, tried)
	stage.carrier.control("people", dict.fromkeys(numbers))
	return campaign, report


def choose(roster: Roster) -> list[Student]:
	"""Return the absent students; the last ones are corrected or excused.

	Siblings, children of a barred parent, Spanish-speaking families and others.
	"""
	here = [student for student in roster.students if not student.left_on and speaks(roster, student)]
	names = {student.name for student in here}
	barred = [one for one in here if any(link.permission == COURT_ORDER for link in one.links)][:2]
	spanish = [one for one in here if one.language == "es"][:10]
	pairs = [
		member
		for one in here
		if one.language == "en" and len(one.siblings) == 1 and one.siblings[0] in names
		for member in (one, roster.student(one.siblings[0]))
	][:12]
	english = [one for one in here if one.language == "en" and not one.siblings]
	chosen = {one.name: one for one in (*barred, *spanish, *pairs, *english)}
	return list(chosen.values())[:ABSENT]


def speaks(roster: Roster, student: Student) -> bool:
	"""Return whether all who would be called speak one of the two languages of the message."""
	return bool(student.links) and all(
		roster.guardian(link.guardian).language in leaks.MONTHS for link in student.links
	)


def clear(day: Day) -> None:
	"""Delete the demo school's own attendance of this day and what an earlier demo left. Commits."""
	frappe.db.sql("delete from `tabStudent Attendance` where date = %s", day.day)
	frappe.db.sql(
		"delete from `tabStudent Leave Application` where from_date <= %(day)s and to_date >= %(day)s",
		{"day": day.day},
	)
	frappe.db.sql("delete from `tabDialer Absence Report` where from_day = %s", day.day)
	frappe.db.sql("update `tabDialer Rule` set enabled = 0")
	frappe.db.commit()


def numbers_of(roster: Roster, day: Day) -> list[str]:
	"""Return the numbers (E.164) of all guardians of these students, without duplicates."""
	students = sorted(day.students, key=lambda one: one.name)
	links = [link for student in students for link in student.links]
	guardians = [roster.guardian(link.guardian) for link in links]
	return list(dict.fromkeys(number for guardian in guardians for number in guardian.numbers()))


def mark(office: Person, roster: Roster, day: Day) -> None:
	for student in day.students:
		day.marks[student.name] = attendance(office, roster, day, student.name, "Absent")
	for student in day.excused:
		leave = {
			"student": student,
			"from_date": str(day.day),
			"to_date": str(day.day),
			"attendance_based_on": "Student Group",
			"student_group": roster.homeroom(student).name,
			"reason": "Doctor's appointment",
			"docstatus": 1,
		}
		office.create("Student Leave Application", leave)
	for student in day.corrected[:-1]:
		correct(office, roster, day, student)


def attendance(office: Person, roster: Roster, day: Day, student: str, status: str) -> str:
	values = {
		"student": student,
		"student_group": roster.homeroom(student).name,
		"date": str(day.day),
		"status": status,
		"docstatus": 1,
	}
	return office.create("Student Attendance", values)


def correct(office: Person, roster: Roster, day: Day, student: str) -> None:
	office.ask("PUT", f"/api/resource/Student Attendance/{quote(day.marks[student])}", {"docstatus": 2})
	attendance(office, roster, day, student, "Present")


def make_rule(manager: Person) -> str:
	return manager.create(
		"Dialer Rule",
		{
			"title": "Absent today",
			"kind": "Absence",
			"purpose": "Attendance",
			"channel": "Voice",
			"template": "Attendance notice",
			"grace_minutes": 0,
			"most_percent": 50,
			"most_number": MASS,
			"again_after_other_rules": 1,
		},
	)


def press(person: Person, button: str, **values: object) -> object:
	return person.ask("POST", f"/api/method/school_dialer.desk.rules.{button}", values).get("message")


def call_about(day: Day, office: Person, manager: Person, rule: str) -> str:
	"""Return the rule's campaign, after a review.

	The rule finds unusually many and waits. The last mistake is corrected meanwhile. Then a person approves
	the rest.
	"""
	run_name = f"{rule}-{day.day}"
	tick()
	wait_for(
		"The rule's question",
		lambda: value("Dialer Rule Run", run_name, "status") == "Needs Review",
	)
	if frappe.db.exists("Dialer Campaign", {"rule": rule}):
		raise SystemExit("The rule called before anybody had said yes.")
	roster = build(SEED, anchor(SEED, day.day))
	correct(office, roster, day, day.corrected[-1])
	tick()
	wait_for(
		"The correction",
		lambda: (
			value("Dialer Rule Case", {"rule": rule, "student": day.corrected[-1]}, "status") == "Withdrawn"
		),
	)
	found = manager.ask("GET", f"/api/method/school_dialer.desk.rules.cases?run_name={run_name}")["message"]
	press(manager, "approve", run_name=run_name, count=found["count"])
	wait_for("The rule's campaign", lambda: bool(value("Dialer Campaign", {"rule": rule}, "name")))
	return value("Dialer Campaign", {"rule": rule}, "name")


def tick() -> None:
	frappe.enqueue("school_dialer.automation.scheduler.run_rules", queue="long")


def value(doctype: str, filters: object, fieldname: str) -> object:
	frappe.db.rollback()
	return frappe.db.get_value(doctype, filters, fieldname)


def report_of(stage: Stage, roster: Roster, day: Day, rule: str, campaign: str, tried: dict) -> dict:
	frappe.db.rollback()
	logs = frappe.get_all(
		"Dialer Call Log",
		{"campaign": campaign, "direction": "Outbound"},
		["carrier_sid", "phone", "person", "person_name", "language", "students", "content"],
		order_by="name",
	)
	families = {log.phone: family_of(roster, log) for log in logs}
	journal = stage.carrier.log("twiml", "message")
	by_sid = defaultdict(list)
	for line in journal:
		by_sid[line.get("sid")].append(line)
	called = [row_of(log, families[log.phone], by_sid[log.carrier_sid], day) for log in logs]
	breaches = list(leaks.leaks(journal, families, day.day.month, day.day.day))
	breaches += wrongly_called(roster, day, logs)
	called_about = {student for log in logs for student in json.loads(log.students)}
	return {
		"absences": len(day.students),
		"students": [student.name for student in day.students],
		"corrected": len(day.corrected),
		"with_leave": len(day.excused),
		"would_have_called": tried["called"],
		"students_called_about": len(called_about),
		"families_called": len(called),
		"languages": dict(Counter(one["language"] for one in called)),
		"siblings_in_one_call": sum(len(one["students"]) > 1 for one in called),
		"content": dict(Counter(one["content"] for one in called)),
		"not_called": not_called(campaign),
		"students_not_called_about": {
			"corrected": len(set(day.corrected) - called_about),
			"leave": len(set(day.excused) - called_about),
			"no guardian may be called": len(
				{one.name for one in day.students} - called_about - set(day.corrected) - set(day.excused)
			),
		},
		"calls": called,
		"no_educational_field_leaked": not breaches,
		"violations": breaches,
	}


def family_of(roster: Roster, log: frappe._dict) -> Family:
	values = []
	for name in json.loads(log.students):
		student = roster.student(name)
		values += [student.first_name, student.full_name, roster.homeroom(name).name]
	return Family(log.person_name or "", tuple(values))


def row_of(log: frappe._dict, family: Family, lines: list[dict], day: Day) -> dict:
	spoken = [line for line in lines if line["kind"] == "twiml"]
	return {
		"guardian": log.person_name,
		"number": mask(log.phone),
		"language": log.language,
		"students": json.loads(log.students),
		"content": leaks.kind_of_content(spoken, family, day.day.month, day.day.day),
	}


def wrongly_called(roster: Roster, day: Day, logs: list[frappe._dict]) -> list[str]:
	"""Return wrong calls: about a child who was present or excused, twice, or to a barred parent."""
	found = []
	spared = {*day.corrected, *day.excused}
	barred = {
		(number, student.name)
		for student in day.students
		for link in student.links
		if link.permission == COURT_ORDER
		for number in roster.guardian(link.guardian).numbers()
	}
	for log in logs:
		students = set(json.loads(log.students))
		if students & spared:
			found.append(f"Call {log.carrier_sid} is about a student who was there or excused.")
		if any((log.phone, student) in barred for student in students):
			found.append(f"Call {log.carrier_sid} tells a parent whom a court order bars.")
	for phone, count in Counter(log.phone for log in logs).items():
		if count > 1:
			found.append(f"{mask(phone)} was called {count} times about one day.")
	return found


def not_called(campaign: str) -> dict[str, int]:
	rows = frappe.get_all(
		"Dialer Recipient",
		{"campaign": campaign, "status": ("in", ("Blocked", "Deferred"))},
		["reasons"],
		order_by="name",
	)
	return dict(Counter(code for row in rows for code in row.reasons.split(", ")))


def render(report: dict, words: dict[str, str]) -> list[str]:
	lines = [
		"",
		f"Attendance day: {report['absences']} absences submitted, {report['corrected']} corrected, "
		f"{report['with_leave']} with leave.",
		f"  {report['families_called']} families called about {report['students_called_about']} students, "
		f"{report['siblings_in_one_call']} of them about several; languages: "
		+ ", ".join(f"{count} {language}" for language, count in sorted(report["languages"].items())),
		"",
		f"  {'guardian':<24}{'number':<18}{'lang':<6}{'about':<10}what they heard",
	]
	lines += [
		f"  {one['guardian'][:23]:<24}{one['number']:<18}{one['language']:<6}"
		f"{len(one['students']):<10}{one['content']}"
		for one in report["calls"]
	]
	lines += ["", "  not called:"]
	lines += [f"  {count:>5}  students: {why}" for why, count in report["students_not_called_about"].items()]
	lines += [
		f"  {count:>5}  guardians: {words.get(code, code)}" for code, count in report["not_called"].items()
	]
	if report["no_educational_field_leaked"]:
		lines.append(
			"  By the carrier's journal nothing of a record reached a voicemail, "
			"a text or anybody who had not confirmed."
		)
	return lines
