"""Whose number a conversation is with, as far as the school's records say, and what was last said to it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import frappe

from school_dialer.audience import whose_number
from school_dialer.audience.columns import existing
from school_dialer.audience.student_access import STUDENT
from school_dialer.base import clock
from school_dialer.base.database import aliases

ONE, SHARED, UNKNOWN = "One person", "Shared", "Unknown"
ANSWERS_WITHIN = timedelta(days=14)
"""How long after a campaign's call or text a person's message counts as an answer to it."""


@dataclass(frozen=True, slots=True)
class Belonging:
	"""Who may write from a number.

	`belongs_to` is ONE, SHARED or UNKNOWN; the person is named only if exactly one is on record. `students`
	are the children of everyone on record with the number: who may not read all of them may not read the
	conversation.
	"""

	belongs_to: str = UNKNOWN
	person_doctype: str | None = None
	person: str | None = None
	person_name: str = ""
	language: str = ""
	students: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LastMessage:
	"""The campaign that called or texted a number last, and the students it was about."""

	campaign: str | None = None
	students: tuple[str, ...] = ()


def owner_of(phone: str) -> Belonging:
	"""Return whose number (E.164) this is."""
	people = whose_number.people(phone)
	students = tuple(children_of(people))
	if len(people) != 1:
		return Belonging(SHARED if people else UNKNOWN, students=students)
	((doctype, name),) = people
	return Belonging(
		ONE,
		doctype,
		name,
		field_of(doctype, name, title_field(doctype)),
		language_of(doctype, name),
		students,
	)


def title_field(doctype: str) -> str:
	return frappe.get_meta(doctype).get_title_field()


def language_of(doctype: str, name: str) -> str:
	fields = existing(["dialer_language"], doctype)
	return field_of(doctype, name, fields[0]) if fields else ""


def field_of(doctype: str, name: str, fieldname: str) -> str:
	return str(frappe.db.get_value(doctype, name, fieldname) or "")


def children_of(people: Iterable[tuple[str, str]]) -> list[str]:
	"""Return the students among these people, and those whose guardians they are."""
	people = list(people)
	children = {name for doctype, name in people if doctype == STUDENT}
	guardians = [name for doctype, name in people if doctype == "Guardian"]
	if guardians and frappe.db.exists("DocType", "Student Guardian", cache=True):
		of_guardians = {"guardian": ("in", guardians), "parenttype": STUDENT}
		children.update(frappe.get_all("Student Guardian", of_guardians, pluck="parent", order_by="parent"))
	return sorted(children)


def answered_by(phone: str) -> LastMessage:
	"""Return what a message from this number (E.164) answers now: nothing, after ANSWERS_WITHIN."""
	rows = frappe.get_all(
		"Dialer Call Log",
		{
			"phone": phone,
			"direction": "Outbound",
			"campaign": ("is", "set"),
			"placed_at": (">", clock.to_db(clock.now() - ANSWERS_WITHIN)),
		},
		["campaign", "students"],
		order_by="placed_at desc",
		limit=1,
	)
	if not rows:
		return LastMessage()
	return LastMessage(rows[0].campaign, tuple(aliases.students_now(json.loads(rows[0].students or "[]"))))
