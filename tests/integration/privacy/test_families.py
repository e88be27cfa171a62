"""A parent hears about their own children only.

Random families, permissions, ages and objections are compared with a plain implementation of the rules.
"""

import json
import secrets
from datetime import date

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from school_dialer import gate
from school_dialer.messages import context
from school_dialer.messages.model import Subject
from tests.effort import examples
from tests.integration import factories as make

PERMISSIONS = ("All", "Emergency Only", "None by Court Order", "", None)
PURPOSES = ("Attendance", "Event", "Emergency")
link = st.fixed_dictionaries({"permission": st.sampled_from(PERMISSIONS), "records": st.booleans()})
child = st.fixed_dictionaries(
	{
		"adult": st.booleans(),
		"objects": st.booleans(),
		"held": st.booleans(),
		"enabled": st.just(True),
		"links": st.dictionaries(st.integers(0, 2), link, max_size=3),
	}
)


def rows_of(doctype: str, rows: list[dict]) -> None:
	if rows:
		frappe.db.bulk_insert(doctype, list(rows[0]), [tuple(row.values()) for row in rows])


def settle(children: list[dict]) -> tuple[list[str], list[str], list[str]]:
	"""Write a family to the site, and return `(guardians, phone numbers, students)`.

	It has three guardians with a number each. The lists of guardians and students hold names of records.
	"""
	tag = secrets.token_hex(4)
	guardians = [f"G-{tag}-{index}" for index in range(3)]
	students = [f"S-{tag}-{index}" for index in range(len(children))]
	known = list(zip(students, children, strict=True))
	rows_of("Guardian", [{"name": name, "guardian_name": name} for name in guardians])
	rows_of(
		"Student",
		[
			{
				"name": name,
				"first_name": f"First {name}",
				"student_name": f"Full {name}",
				"enabled": 1,
				"date_of_birth": date(1990, 1, 1) if one["adult"] else date(2018, 1, 1),
			}
			for name, one in zip(students, children, strict=True)
		],
	)
	rows_of(
		"Student Guardian",
		[
			{
				"name": secrets.token_hex(8),
				"parent": name,
				"parenttype": "Student",
				"parentfield": "guardians",
				"guardian": guardians[index],
				"dialer_contact_permission": known["permission"],
				"dialer_may_receive_records": int(known["records"]),
			}
			for name, one in zip(students, children, strict=True)
			for index, known in one["links"].items()
		],
	)
	rows_of(
		"Dialer Privacy Choice", [choice(name, "Student Refusal") for name, one in known if one["objects"]]
	)
	rows_of("Dialer Privacy Choice", [choice(name, "Safety Hold") for name, one in known if one["held"]])
	return guardians, [make.phone("312") for _guardian in guardians], students


def choice(student: str, kind: str) -> dict:
	return {
		"name": secrets.token_hex(8),
		"student": student,
		"kind": kind,
		"status": "In Force",
		"starts_on": date(2020, 1, 1),
	}


def may_hear(one: dict, guardian: int, purpose: str) -> bool:
	"""Return whether the guardian may hear about this child, by a plain implementation of the rules."""
	known = one["links"].get(guardian)
	if known is None or known["permission"] == "None by Court Order":
		return False
	if known["permission"] == "Emergency Only":
		return purpose == "Emergency"
	if purpose == "Emergency":
		return True
	if one["held"] or (one["objects"] and one["adult"]):
		return False
	return purpose == "Event" or (known["records"] and not one["adult"])


@pytest.mark.parametrize("purpose", PURPOSES)
@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(children=st.lists(child, min_size=1, max_size=4))
def test_no_one_hears_of_anybody_elses_child(purpose, children):
	frappe.db.savepoint("family")
	try:
		guardians, numbers, students = settle(children)
		case = gate.CallContext("Voice", purpose)
		questions = [
			gate.EligibilityCheck(name, numbers[index], "Guardian", name, tuple(students))
			for index, name in enumerate(guardians)
		]
		answers = gate.ask(case, questions, make.clock.now())
		for index, guardian in enumerate(guardians):
			expected = {
				name for name, one in zip(students, children, strict=True) if may_hear(one, index, purpose)
			}
			answer = answers[guardian]
			if "RESTRICTED_CONTACT" in answer.decision.codes:
				assert not expected
				continue
			assert set(answer.students) == expected
			told = told_of(guardian, answer.students, students, children, index)
			assert told <= expected
	finally:
		frappe.db.rollback(save_point="family")


def told_of(guardian: str, told: tuple, everybody: list, children: list[dict], index: int) -> set[str]:
	"""Return the students whose names are in the message's fields.

	It also checks that no barred student is named if the call's own list of students is wrong.
	"""
	for about in (told, tuple(everybody)):
		subject = Subject("one", "Guardian", guardian, "Guardian", students=about)
		values = context.read_values([subject], ["student_names", "student_full_names", "absent_names"])[
			"one"
		]
		named = {name.removeprefix("First ") for name in names_in(values)}
		barred = {
			name
			for name, one in zip(everybody, children, strict=True)
			if one["links"].get(index, {"permission": "None by Court Order"})["permission"]
			== "None by Court Order"
		}
		assert not named & barred
		if about == told:
			found = named
	return found


def names_in(values: dict) -> set[str]:
	each = values["student_names"]
	return {str(name) for _student, _called, name in each.items if name} if each else set()


def test_a_barred_guardian_is_not_told_even_that_there_is_a_message():
	"""Check that a guardian barred by court order is not called about that student.

	The guardian's number is not called for it either, even if someone else answers there.
	"""
	frappe.db.savepoint("family")
	guardians, numbers, students = settle(
		[
			{
				"adult": False,
				"objects": False,
				"held": False,
				"enabled": True,
				"links": {
					0: {"permission": "None by Court Order", "records": True},
					1: {"permission": "All", "records": True},
				},
			}
		]
	)
	frappe.db.set_value("Guardian", guardians[0], "mobile_number", numbers[0])
	for purpose in PURPOSES:
		case = gate.CallContext("Voice", purpose)
		asked = [
			gate.EligibilityCheck("barred", numbers[0], "Guardian", guardians[0], tuple(students)),
			gate.EligibilityCheck("shared line", numbers[0], "Guardian", guardians[1], tuple(students)),
		]
		answers = gate.ask(case, asked, make.clock.now())
		for answer in answers.values():
			assert "RESTRICTED_CONTACT" in answer.decision.codes
			assert json.loads(gate.to_json(answer.decision))["request"]["person"]["restricted"]
