"""A class with its teacher, who has a user, an Employee, and an Instructor."""

import secrets
from typing import ClassVar

import frappe

from school_dialer.base.roles import MANAGER, TEACHER
from school_dialer.campaigns import teacher_messages
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.teacher_messages import MessageRequest
from school_dialer.scheduler import start_due
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass, set_settings

SETTINGS = {
	"teachers_need_approval": 0,
	"teachers_messages_per_day": 3,
	"teachers_from": "00:00:00",
	"teachers_until": "23:59:59",
}

USERS: list[str] = []


class Classroom:
	"""Two students, one guardian each, with consent. Commits; `remove_all` deletes everything."""

	made: ClassVar[list["Classroom"]] = []

	def __init__(self, families: int = 2):
		self.teacher = user(TEACHER)
		self.numbers = [make.unlisted_phone() for _ in range(families)]
		self.group_class = SchoolClass([{f"P{place}": [number]} for place, number in enumerate(self.numbers)])
		self.group = self.group_class.group
		self.employee, self.instructor = f"E-{secrets.token_hex(4)}", f"I-{secrets.token_hex(4)}"
		bare("Employee", self.employee, first_name="Kim", user_id=self.teacher, status="Active")
		bare("Instructor", self.instructor, instructor_name="Kim", employee=self.employee, status="Active")
		self.row = bare(
			"Student Group Instructor",
			secrets.token_hex(5),
			parent=self.group,
			parenttype="Student Group",
			parentfield="instructors",
			idx=1,
			instructor=self.instructor,
		)
		self.template = template()
		frappe.db.commit()
		self.made.append(self)

	def asked(self, **values) -> MessageRequest:
		return MessageRequest(**{"group": self.group, "template": self.template, "channel": "Text", **values})

	def send(self, **values) -> str:
		return as_user(self.teacher, lambda: teacher_messages.send(self.asked(**values)))

	def remove(self) -> None:
		for name in frappe.get_all(
			"Dialer Campaign", {"teacher": self.teacher}, pluck="name", order_by="name"
		):
			frappe.db.sql(
				"update `tabDialer Campaign` set status = 'Cancelled', pending_notification = null "
				"where name = %s",
				name,
			)
		for doctype, name in (
			("Employee", self.employee),
			("Instructor", self.instructor),
			("Student Group Instructor", self.row),
		):
			frappe.db.delete(doctype, {"name": name})


def user(*roles: str) -> str:
	"""Make a user with these roles, whom `remove_all` deletes: Frappe limits new users to sixty an hour."""
	doc = frappe.get_doc(
		{
			"doctype": "User",
			"email": f"{secrets.token_hex(5)}@school.example",
			"first_name": "Kim",
			"send_welcome_email": 0,
			"roles": [{"role": role} for role in roles],
		}
	).insert()
	USERS.append(doc.name)
	return doc.name


def manager() -> str:
	name = user(MANAGER)
	frappe.db.commit()
	return name


def bare(doctype: str, name: str, **values) -> str:
	frappe.get_doc({"doctype": doctype, "name": name, **values}).db_insert()
	return name


def template(purpose: str = "Event", marked: int = 1, **words) -> str:
	name = make.template(purpose, **words)
	frappe.db.set_value("Dialer Message Template", name, "teachers_may_use", marked)
	return name


def as_user(name: str, action):
	"""Do it as this user, and commit."""
	frappe.set_user(name)
	try:
		answer = action()
		frappe.db.commit()
		return answer
	finally:
		frappe.set_user("Administrator")


def begin(name: str) -> None:
	"""Let the time to take it back pass, and plan, as the scheduler and the planner do."""
	frappe.db.set_value("Dialer Campaign", name, "scheduled_at", "2020-01-01 10:00:00", update_modified=False)
	start_due()
	frappe.db.commit()
	planner.run(name)


def state(name: str) -> tuple[str, str]:
	found = frappe.db.get_value("Dialer Campaign", name, ["status", "status_message"])
	return found[0], found[1] or ""


def settle(**values) -> None:
	set_settings({**SETTINGS, **values})


def remove_all() -> None:
	frappe.db.rollback()
	frappe.set_user("Administrator")
	while Classroom.made:
		Classroom.made.pop().remove()
	while USERS:
		name = USERS.pop()
		for contact in frappe.get_all("Contact", {"user": name}, pluck="name", order_by=None):
			frappe.delete_doc("Contact", contact, force=True)
		make.remove_user(name)
	frappe.db.commit()
