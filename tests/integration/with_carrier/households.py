"""Households of a class with their guardians' numbers, on a site that has Education."""

import secrets
from typing import ClassVar

import frappe

from dev.school.bulk import Bulk
from school_dialer.base import clock
from tests.integration import factories as make


def set_settings(values: dict) -> None:
	for field, value in values.items():
		frappe.db.set_single_value("Dialer Settings", field, value)
	frappe.db.commit()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


class SchoolClass:
	"""A class: for each student, in order, the guardians by name with their numbers."""

	tags: ClassVar[list[str]] = []

	def __init__(self, students: list[dict[str, list[str]]], consented: bool = True):
		self.tag = secrets.token_hex(3)
		self.tags.append(self.tag)
		self.group = f"{self.tag}-group"
		self.numbers = {
			name: numbers for guardians in students for name, numbers in guardians.items() if numbers
		}
		for numbers in self.numbers.values() if consented else ():
			for number in numbers:
				make.consent(number)
		bulk = Bulk()
		bulk.insert(
			"Guardian",
			[
				{
					"name": f"{self.tag}-{name}",
					"guardian_name": name,
					"mobile_number": numbers[0],
					"alternate_number": numbers[1] if len(numbers) > 1 else None,
				}
				for name, numbers in self.numbers.items()
			],
		)
		rows = [
			{
				"name": self.student(index),
				"first_name": "S",
				"student_name": f"Student {index}",
				"enabled": 1,
				"guardians": [{"guardian": f"{self.tag}-{name}", "relation": "Mother"} for name in guardians],
			}
			for index, guardians in enumerate(students)
		]
		bulk.insert("Student", rows)
		members = [{"student": row["name"], "active": 1} for row in rows]
		bulk.insert(
			"Student Group", [{"name": self.group, "student_group_name": self.group, "students": members}]
		)
		frappe.db.commit()

	def student(self, index: int) -> str:
		return f"{self.tag}-S{index}"

	def campaign(self, **values):
		return make.campaign(
			audience_source="Guardians of a Student Group",
			audience_name=self.group,
			audience_file=None,
			**{"max_attempts": 2, **values},
		)


def only(doc):
	(row,) = make.recipients(
		doc.name, "name", "status", "phone", "person_name", "students", "attempts", "not_before", "outcome"
	)
	return row


def make_due(row) -> None:
	frappe.db.set_value("Dialer Recipient", row.name, "not_before", clock.db_now(), update_modified=False)
	frappe.db.commit()
