"""The district's pictures: three schools, their campaigns, and two teachers.

They come after the others, because a district changes every form. Everything goes through the site as staff
do it; `dev.demo.district` lays the schools.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import frappe

from dev.demo.__main__ import settle
from dev.demo.district import ACADEMY, ELEMENTARY, HEAD, HEALTH, MEETING, lay
from dev.demo.people import MANAGER, Person
from dev.demo.stage import Stage
from dev.school import foundation, users
from dev.screenshots.camera import Shot
from dev.screenshots.scene import OFFICER, forget_tours
from dev.screenshots.shots import form, press, to_part
from school_dialer.base.roles import TEACHER as ROLE
from school_dialer.campaigns import actions
from school_dialer.reporting import coverage

NAMES = (
	"district-school",
	"district-campaign",
	"district-campaign-own",
	"district-results",
	"district-report",
	"district-teacher",
	"district-teacher-phone",
	"district-teacher-reach-phone",
	"district-approvals",
	"district-approvals-phone",
)
MESSAGE = "Event reminder"
TEACHERS = {
	"kim@academy.example": (
		"Kim Larsen",
		ACADEMY,
		"Grade 7 A",
		(
			"The trip to the museum is on Friday. Please pack a lunch.",
			"The science fair moved to six in the evening.",
		),
	),
	"lee@riverside.example": (
		"Lee Moreno",
		ELEMENTARY,
		"Grade 3 A",
		("Our class plays its song on Thursday at two.",),
	),
}
TEACHER = next(iter(TEACHERS))
PAGE = "/app/dialer-teacher"


@contextmanager
def laid(stage: Stage) -> Iterator[list[Shot]]:
	"""Make the district and yield its shots. Afterwards one school is left, and no recipient waits."""
	lay(stage)
	manager = Person(stage.url, MANAGER)
	campaigns = [
		manager.create(
			"Dialer Campaign", {"title": "The board's meeting", "said_by": "The district", **MEETING}
		),
		manager.create(
			"Dialer Campaign", {"title": "Day of health", "said_by": "Each family's school", **HEALTH}
		),
	]
	drawn, done = campaigns
	own = Person(stage.url, HEAD).create(
		"Dialer Campaign", {"title": "Open house at the academy", "school": ACADEMY.name, **MEETING}
	)
	manager.press("start", done)
	settle("Day of health", done, manager)
	sent = [name for email in TEACHERS for name in write(stage, email)]
	coverage.daily()
	forget_tours(HEAD, *TEACHERS)
	frappe.db.commit()
	try:
		yield shots(drawn, own, done)
	finally:
		tidy([drawn, own], [done, *sent])


def write(stage: Stage, email: str) -> list[str]:
	"""Let this teacher ask for approval of their messages, and return the campaigns. Commits."""
	full_name, school, group, messages = TEACHERS[email]
	users.create_one(email, full_name, (ROLE,))
	name = frappe.get_all("Student Group", {"name": ("like", f"{group}%")}, pluck="name", order_by="name")[0]
	frappe.db.set_value("Student Group", name, "dialer_school", school.name)
	instructor = frappe.db.get_value("Student Group Instructor", {"parent": name}, "instructor")
	employee = frappe.db.get_value("Instructor", instructor, "employee")
	frappe.db.set_value("Employee", employee, "user_id", email)
	frappe.db.set_value("Dialer Message Template", MESSAGE, "teachers_may_use", 1)
	frappe.db.commit()
	teacher = Person(stage.url, email)
	asked = {"group": name, "template": MESSAGE, "channel": "Voice"}
	method = "/api/method/school_dialer.desk.teachers.messages.send"
	return [teacher.ask("POST", method, asked | {"details": words})["message"] for words in messages]


def shots(drawn: str, own: str, done: str) -> list[Shot]:
	tall = (1400, 1200)
	return [
		Shot("district-school", OFFICER, form("dialer-school", ELEMENTARY.name), size=tall),
		Shot("district-campaign", MANAGER, form("dialer-campaign", drawn)),
		Shot("district-campaign-own", HEAD, form("dialer-campaign", own)),
		Shot("district-results", MANAGER, form("dialer-campaign", done), (to_part("schools"),)),
		Shot("district-report", MANAGER, "/app/query-report/Results by School"),
		Shot("district-teacher", TEACHER, PAGE),
		Shot("district-teacher-phone", TEACHER, PAGE),
		Shot("district-teacher-reach-phone", TEACHER, PAGE, (press("Last Reached"),)),
		Shot("district-approvals", MANAGER, PAGE),
		Shot("district-approvals-phone", MANAGER, PAGE),
	]


def tidy(drafts: list[str], others: list[str]) -> None:
	"""Delete drafts, cancel what is open, and go back to one school without teachers. Commits."""
	frappe.db.rollback()
	for name in others:
		if frappe.db.get_value("Dialer Campaign", name, "status") not in ("Completed", "Cancelled", "Failed"):
			actions.cancel(name)
	for name in drafts:
		frappe.delete_doc("Dialer Campaign", name)
	frappe.db.set_value("Dialer Message Template", MESSAGE, "teachers_may_use", 0)
	for email in TEACHERS:
		frappe.get_doc("User", email).remove_roles(ROLE)
	foundation.one_school()
	frappe.db.commit()
