"""The second morning: families report absences by phone, text and page, and some learn of one from our call.

Twenty reports come in, three of them while the absence rule waits for a person. Then 40 absences are marked,
some of them corrected; the rule calls about the rest, and asks whether the family knew. Who did not is
connected to the office. What happened is read from the carrier's journal.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import frappe

from dev.demo import attendance, reports_by_families
from dev.demo.attendance import OFFICE, Day, press, tick, value
from dev.demo.people import MANAGER, Person, wait_for
from dev.demo.reports_by_families import Family
from dev.demo.stage import Stage
from dev.school.load import anchor
from dev.school.model import COURT_ORDER, Roster
from dev.school.roster import SEED, build
from school_dialer.base import clock
from school_dialer.reporting import absence_check

ABSENT, CORRECTED, REPORTED, WHILE_WAITING, PRESENT = 40, 3, 20, 3, 2
"""How many are marked absent, and corrected; how many reports there are, of which so many come while the rule
waits, and so many are about students who are present."""
MASS = 8
OFFICE_NUMBER = "+13125550147"
TEMPLATE = "Absence question"
UNAWARE = "2"
BEHAVIOURS = (
	{"behaviour": "presses", "digits": ["1", UNAWARE]},
	{"behaviour": "presses", "digits": ["1", "1"]},
	{"behaviour": "presses", "digits": ["1", UNAWARE]},
	{"behaviour": "voicemail"},
	{"behaviour": "presses", "digits": ["1", "1"]},
	{"behaviour": "no answer"},
)
WORDS = {
	"en": "{{ absent_names }} {{ absent_names | plural('was', 'were') }} marked absent today.",
	"es": "Hoy se registró la ausencia de {{ absent_names }}.",
}
VOICEMAIL = {
	"en": "We have a message about school attendance. Please call us back.",
	"es": "Tenemos un mensaje sobre la asistencia escolar. Por favor, devuélvanos la llamada.",
}


@dataclass
class Morning:
	"""Who is absent, and which families report it: before the rule looks, and while it waits."""

	day: Day
	families: list[Family]

	@property
	def reported(self) -> set[str]:
		return {family.student for family in self.families}

	@property
	def present(self) -> list[str]:
		return [family.student for family in self.families[:PRESENT]]


def run(stage: Stage, settle: Callable[..., None], spared: set[str]) -> tuple[str, dict]:
	"""Return the rule's campaign and the report. ``spared`` are students of the first morning."""
	office, manager = Person(stage.url, OFFICE), Person(stage.url, MANAGER)
	today = clock.db_now().date()
	roster = build(SEED, anchor(SEED, today))
	attendance.clear(Day(today, []))
	forget_what_was_said()
	morning = choose(roster, today, spared)
	open_office(stage)
	early, late = morning.families[:-WHILE_WAITING], morning.families[-WHILE_WAITING:]
	reports_by_families.report(stage, early)
	mark(office, roster, morning)
	numbers = attendance.numbers_of(roster, morning.day)
	stage.carrier.control(
		"people", {number: BEHAVIOURS[index % len(BEHAVIOURS)] for index, number in enumerate(numbers)}
	)
	rule = make_rule(manager)
	press(manager, "dry_run", rule=rule, day=str(today))
	press(manager, "switch_on", rule=rule)
	campaign = call_about(stage, morning, late, manager, rule)
	settle("the second morning", campaign, manager)
	press(manager, "switch_off", rule=rule)
	stage.carrier.wait_until_idle()
	unaware = unaware_of(stage, campaign)
	wait_for("The bell in the office", lambda: all(map(alerted_at, unaware)))
	report = report_of(stage, morning, campaign, unaware)
	stage.carrier.control("people", dict.fromkeys([*numbers, OFFICE_NUMBER]))
	return campaign, report


def choose(roster: Roster, today: date, spared: set[str]) -> Morning:
	"""Return students of families that the first morning did not call, those who report theirs first."""
	guardians = {link.guardian for name in spared for link in roster.student(name).links}
	here = [
		student
		for student in roster.students
		if not student.left_on
		and not student.siblings
		and attendance.speaks(roster, student)
		and not any(one.guardian in guardians or one.permission == COURT_ORDER for one in student.links)
	]
	families = reports_by_families.families_of([student.name for student in here], REPORTED)
	by_name = {student.name: student for student in here}
	reported = [by_name.pop(family.student) for family in families]
	others = list(by_name.values())[: ABSENT - (REPORTED - PRESENT)]
	return Morning(Day(today, [*reported, *others]), families)


def open_office(stage: Stage) -> None:
	"""Let families reach the office, which takes calls. Commits."""
	settings = frappe.get_doc("Dialer Settings")
	settings.update({"connect_office": 1, "office_number": OFFICE_NUMBER, "office_calls_at_once": 10})
	settings.update({"office_opens": "08:00:00", "office_closes": "16:00:00"})
	settings.update({"absences_by_text": 1, "absences_by_page": 1, "absences_by_phone": 1})
	settings.save()
	frappe.db.commit()
	stage.carrier.control(
		"people", {OFFICE_NUMBER: {"behaviour": "presses", "digits": ["1"], "talks": 20, "rings": 1}}
	)


def forget_what_was_said() -> None:
	"""Delete what an earlier demo of this day said later than now, since this demo's clock is behind it.

	A text that seems to come afterwards would be what the families answer. Commits.
	"""
	now = clock.db_now()
	frappe.db.sql(
		"""delete message, thread from `tabDialer Conversation Message` message
		join `tabDialer Conversation` thread on thread.name = message.conversation
		where thread.last_at > %s""",
		now,
	)
	frappe.db.delete("Dialer Call Log", {"channel": "Text", "placed_at": (">", now)})
	frappe.db.delete("Dialer Notice", {"creation": (">", now)})
	frappe.db.commit()


def mark(office: Person, roster: Roster, morning: Morning) -> None:
	day = morning.day
	for student in day.students:
		status = "Present" if student.name in morning.present else "Absent"
		day.marks[student.name] = attendance.attendance(office, roster, day, student.name, status)
	for student in day.students[-CORRECTED:]:
		attendance.correct(office, roster, day, student.name)


def make_rule(manager: Person) -> str:
	if not frappe.db.exists("Dialer Message Template", TEMPLATE):
		words = [
			{"language": language, "voice": WORDS[language], "voicemail": VOICEMAIL[language]}
			for language in WORDS
		]
		template = {"template_name": TEMPLATE, "purpose": "Attendance", "voice": 1}
		manager.create(
			"Dialer Message Template", {**template, "asks": "Whether they knew", "translations": words}
		)
	return manager.create(
		"Dialer Rule",
		{
			"title": "Absent, and did they know?",
			"kind": "Absence",
			"purpose": "Attendance",
			"channel": "Voice",
			"template": TEMPLATE,
			"grace_minutes": 0,
			"most_percent": 50,
			"most_number": MASS,
			"again_after_other_rules": 1,
		},
	)


def call_about(stage: Stage, morning: Morning, late: Sequence[Family], manager: Person, rule: str) -> str:
	"""Return the rule's campaign. While the rule waits for a person, the last reports come in."""
	run_name = f"{rule}-{morning.day.day}"
	tick()
	wait_for(
		"The rule's question",
		lambda: value("Dialer Rule Run", run_name, "status") == "Needs Review",
	)
	reports_by_families.report(stage, late)
	tick()
	for family in late:
		case = {"rule": rule, "student": family.student}
		wait_for(
			"The report's effect",
			lambda case=case: value("Dialer Rule Case", case, "status") == "Withdrawn",
		)
	found = manager.ask("GET", f"/api/method/school_dialer.desk.rules.cases?run_name={run_name}")["message"]
	press(manager, "approve", run_name=run_name, count=found["count"])
	wait_for("The rule's campaign", lambda: bool(value("Dialer Campaign", {"rule": rule}, "name")))
	return value("Dialer Campaign", {"rule": rule}, "name")


def report_of(stage: Stage, morning: Morning, campaign: str, unaware: dict[str, datetime]) -> dict:
	"""`unaware` is as `unaware_of` returns it."""
	frappe.db.rollback()
	logs = frappe.get_all(
		"Dialer Call Log",
		{"campaign": campaign, "direction": "Outbound"},
		["carrier_sid", "students", "transfer_state"],
		order_by="name",
	)
	about = {log.carrier_sid: set(json.loads(log.students)) for log in logs}
	placed = {line["sid"] for line in stage.carrier.log("call") if line.get("status") == 201}
	wrong = sorted(sid for sid, students in about.items() if students & morning.reported and sid in placed)
	waited = [(alerted_at(log) - at) / timedelta(seconds=1) for log, at in unaware.items()]
	found = Counter(one.kind for one in absence_check.discrepancies_on(morning.day.day))
	return {
		"absences": ABSENT,
		"reported": standing(morning),
		"reported_by": dict(Counter(family.way for family in morning.families)),
		"corrected": CORRECTED,
		"families_called": len(placed & set(about)),
		"called_although_reported": len(wrong),
		"unaware": len(unaware),
		"unaware_to_office_seconds_max": round(max(waited, default=0.0), 1),
		"unaware_connected": sum(log.transfer_state == "Connected" for log in logs),
		"discrepancies": sum(found.values()),
		"discrepancies_by_kind": dict(found),
		"violations": [f"Call {sid} is about a student whose absence was reported." for sid in wrong],
	}


def standing(morning: Morning) -> int:
	return frappe.db.count(
		"Dialer Absence Report",
		{
			"student": ("in", sorted(morning.reported)),
			"from_day": morning.day.day,
			"status": ("in", ("Reported", "Approved")),
		},
	)


def unaware_of(stage: Stage, campaign: str) -> dict[str, datetime]:
	"""Return {call log: when the carrier saw the key for "I did not know"} of this campaign."""
	frappe.db.rollback()
	logs = frappe.get_all("Dialer Call Log", {"campaign": campaign}, ["name", "carrier_sid"], order_by="name")
	names = {log.carrier_sid: log.name for log in logs}
	return {
		names[line["sid"]]: datetime.fromisoformat(line["at"])
		for line in stage.carrier.log("twiml")
		if line["sid"] in names and line.get("digits") == UNAWARE
	}


def alerted_at(log: str) -> datetime | None:
	"""Return when the office's bell rang for this answer (aware, by the true clock), or None."""
	frappe.db.rollback()
	thread = frappe.db.get_value("Dialer Conversation Message", {"reference_name": log}, "conversation")
	found = thread and frappe.get_all(
		"Notification Log",
		{"document_type": "Dialer Conversation", "document_name": thread},
		pluck="creation",
		order_by="creation",
		limit=1,
	)
	return clock.from_db(found[0]) if found else None


def render(report: dict) -> list[str]:
	by = ", ".join(f"{count} by {way}" for way, count in sorted(report["reported_by"].items()))
	kinds = sorted(report["discrepancies_by_kind"].items(), key=lambda one: -one[1])
	return [
		"",
		f"Second morning: {report['reported']} absences reported by families ({by}), "
		f"{report['absences']} marked, {report['corrected']} corrected.",
		f"  {report['called_although_reported']:>5}  calls about a child whose absence was reported",
		f"  {report['families_called']:>5}  families called about the others",
		f"  {report['unaware']:>5}  did not know, with the office within "
		f"{report['unaware_to_office_seconds_max']} s, {report['unaware_connected']} of them connected to it",
		f"  {report['discrepancies']:>5}  to check this morning: "
		+ ", ".join(f"{count} {kind.lower()}" for kind, count in kinds),
	]
