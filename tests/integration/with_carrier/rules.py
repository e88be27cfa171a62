"""A class with its families, its attendance, and rules about it, for the tests of rules."""

import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta

import frappe
from frappe.utils import nowtime

from dev.school.bulk import Bulk
from school_dialer.automation import rule as actions
from school_dialer.automation import run
from school_dialer.automation.kind import kind_of
from school_dialer.base import clock
from tests.integration import attendance
from tests.integration import factories as make
from tests.integration.factories import OURS


@dataclass
class School:
	"""A class that does not commit: the caller commits if needed. `remove` deletes it."""

	tag: str = field(default_factory=lambda: secrets.token_hex(4))
	phones: dict[str, str] = field(default_factory=dict)
	students: list[str] = field(default_factory=list)

	@property
	def group(self) -> str:
		return f"{self.tag}-class"

	def guardian(self, language: str) -> tuple[str, str]:
		"""Insert a guardian. Return their record's name and their number."""
		guardian, number = f"{self.tag}-G{len(self.phones)}", make.unlisted_phone()
		row = {
			"name": guardian,
			"guardian_name": f"Guardian {len(self.phones)}",
			"mobile_number": number,
			"dialer_state": "IL",
			"dialer_language": language,
		}
		Bulk().insert("Guardian", [row])
		return guardian, number

	def family(self, *children: str, permission: str = "All", language: str = "en") -> str:
		"""Insert a guardian of these children with consent, and return the number."""
		guardian, number = self.guardian(language)
		for child in children:
			link = {
				"guardian": guardian,
				"dialer_contact_permission": permission,
				"dialer_may_receive_records": 1,
			}
			name = f"{self.tag}-{child}"
			if name in self.students:
				frappe.get_doc(
					{
						"doctype": "Student Guardian",
						"parent": name,
						"parenttype": "Student",
						"parentfield": "guardians",
						"idx": 2,
						"guardian_name": guardian,
						**link,
					}
				).db_insert()
				continue
			Bulk().insert(
				"Student",
				[
					{
						"name": name,
						"first_name": child,
						"student_name": f"{child} {self.tag}",
						"enabled": 1,
						"date_of_birth": date(2016, 5, 1),
						"guardians": [link],
					}
				],
			)
			self.students.append(name)
		make.consent(number)
		self.phones[guardian] = number
		return number

	def opens(self) -> None:
		"""Make the student group, whose members are the children of the families so far."""
		members = [{"student": name, "active": 1} for name in self.students]
		Bulk().insert(
			"Student Group",
			[
				{
					"name": self.group,
					"student_group_name": self.group,
					"group_based_on": "Activity",
					"students": members,
				}
			],
		)

	def mark(self, child: str, status: str = "Absent", day: date | None = None, **more) -> str:
		doc = frappe.get_doc(
			{
				"doctype": "Student Attendance",
				"student": f"{self.tag}-{child}",
				"date": day or today(),
				"status": status,
				"student_group": self.group,
				**more,
			}
		)
		doc.insert()
		doc.submit()
		return doc.name

	def leave(self, child: str) -> str:
		return attendance.leave(f"{self.tag}-{child}", self.group)

	def remove(self) -> None:
		frappe.db.rollback()
		for doctype in ("Student Attendance", "Student Leave Application"):
			frappe.db.sql(f"delete from `tab{doctype}` where student like %s", f"{self.tag}-%")
		for rule in frappe.get_all(
			"Dialer Rule", {"title": ("like", f"{OURS}%")}, pluck="name", order_by="name"
		):
			frappe.db.sql("delete from `tabDialer Rule Case` where rule = %s", rule)
			frappe.db.sql("delete from `tabDialer Rule Run` where rule = %s", rule)
			frappe.db.sql("delete from `tabDialer Rule` where name = %s", rule)
		for doctype, key in (
			("Student Group Student", "parent"),
			("Student Group", "name"),
			("Student Guardian", "parent"),
			("Student", "name"),
			("Guardian", "name"),
		):
			frappe.db.sql(f"delete from `tab{doctype}` where {key} like %s", f"{self.tag}-%")
		frappe.db.commit()


def today() -> date:
	return clock.db_now().date()


def rule(school: School, /, on: bool = True, **values):
	doc = frappe.get_doc(
		{
			"doctype": "Dialer Rule",
			"title": f"{OURS}{secrets.token_hex(4)}",
			"kind": "Absence",
			"purpose": "Attendance",
			"channel": "Voice",
			"template": "Attendance notice",
			"grace_minutes": 0,
			"only_of_doctype": "Student Group",
			"only_of": school.group,
			"most_percent": 50,
			"most_number": 50,
			"latest_minutes": 600,
			"max_attempts": 1,
			# Frappe 15 fills an empty time with the current one, Frappe 16 leaves it empty.
			"run_at": nowtime(),
			**values,
		}
	).insert()
	if on:
		actions.switch_on(doc)
		doc.reload()
	return doc


def serve(doc) -> str:
	"""Do what the scheduler does each minute for this rule, without its commits. Return the run's name."""
	doc = frappe.get_doc("Dialer Rule", doc.name)
	name = run.open_run(doc, run.Due(today(), [today()]))
	run.find_triggers(doc, kind_of(doc), name)
	run.advance(doc, name)
	return name


def cases_of(doc) -> dict[str, str]:
	"""Return `{child: status}`."""
	rows = frappe.db.sql("select student, status from `tabDialer Rule Case` where rule = %s", doc.name)
	return {student.split("-", 1)[1]: status for student, status in rows}


def campaigns_of(doc) -> list[str]:
	return frappe.get_all("Dialer Campaign", {"rule": doc.name}, pluck="name", order_by="creation")


def later(minutes: int) -> timedelta:
	return timedelta(minutes=minutes)
