"""Families whose children are spread over the schools of a district."""

import secrets

import frappe

from dev.school.bulk import Bulk
from tests.integration import factories as make


class District:
	"""Students and their guardians. Names begin with a tag of their own."""

	def __init__(self):
		self.tag = secrets.token_hex(3)
		self.group = f"{self.tag}-group"
		self.phones: dict[str, str] = {}
		self.students: list[dict] = []

	def name(self, short: str) -> str:
		return f"{self.tag}-{short}"

	def family(self, guardian: str, children: dict[str, tuple[str | None, str | None]]) -> str:
		"""Add a guardian with a number. `children` are {name: (school, date of birth)}. Return the number."""
		self.phones[guardian] = make.phone("312")
		for child, (school_name, born) in children.items():
			self.students.append(
				{
					"name": self.name(child),
					"first_name": child,
					"student_name": child,
					"enabled": 1,
					"date_of_birth": born,
					"dialer_school": school_name,
					"guardians": [{"guardian": self.name(guardian), "relation": "Mother"}],
				}
			)
		return self.phones[guardian]

	def opens(self) -> None:
		"""Write everything, with consents. Does not commit."""
		make.consents(list(self.phones.values()))
		bulk = Bulk()
		bulk.insert(
			"Guardian",
			[
				{
					"name": self.name(guardian),
					"guardian_name": guardian,
					"mobile_number": phone,
					"dialer_state": "IL",
				}
				for guardian, phone in self.phones.items()
			],
		)
		bulk.insert("Student", self.students)
		members = [{"student": row["name"], "active": 1} for row in self.students]
		bulk.insert(
			"Student Group", [{"name": self.group, "student_group_name": self.group, "students": members}]
		)

	def campaign(self, **values):
		return make.campaign(
			audience_source="Guardians of a Student Group",
			audience_name=self.group,
			audience_file=None,
			**values,
		)

	def closes(self) -> None:
		"""Delete the people that were committed."""
		for doctype in ("Student", "Guardian", "Student Group"):
			frappe.db.delete(doctype, {"name": ("like", f"{self.tag}-%")})
		for doctype in ("Student Guardian", "Student Group Student"):
			frappe.db.delete(doctype, {"parent": ("like", f"{self.tag}-%")})
