"""Finding a family by name: only among the records that the user may read, and without numbers."""

import json

import frappe
import pytest

from school_dialer.base.bounds import plain_text
from school_dialer.desk import numbers as desk
from school_dialer.reporting import people
from tests.integration import factories as make

NAME = "Rosa 100%_Quetzal"


@pytest.fixture
def guardian() -> str:
	"""Return a guardian with a child, both with names that no one else has."""
	guardian = frappe.get_doc(
		{"doctype": "Guardian", "guardian_name": NAME, "mobile_number": make.phone()}
	).insert()
	student = frappe.get_doc(
		{"doctype": "Student", "first_name": "Ximena", "last_name": "Quetzal", "student_email_id": email()}
	)
	student.append("guardians", {"guardian": guardian.name, "relation": "Mother"})
	student.insert()
	return guardian.name


def email() -> str:
	return f"{frappe.generate_hash(length=10)}@school.example"


def found(text: str) -> dict[str, dict]:
	return {one["doctype"]: one for one in desk.find(text)["people"]}


def test_a_family_is_found_by_any_part_of_a_name(guardian, as_role):
	number = frappe.db.get_value("Guardian", guardian, "mobile_number")
	as_role("Dialer Agent", "Academics User")
	for text in ("quetzal", "  Quetzal ", "100%_"):
		assert found(text)["Guardian"]["name"] == guardian
	one = found("Quetzal")
	assert one["Guardian"]["students"] == [one["Student"]["title"]] == ["Ximena Quetzal"]
	assert number not in json.dumps(desk.find("Quetzal"))


def test_only_what_the_user_may_read_is_found(guardian, as_role):
	as_role("Dialer Agent")
	assert "Guardian" not in found("Quetzal") and "Student" not in found("Quetzal")
	as_role("Academics User")
	with pytest.raises(frappe.PermissionError):
		desk.find("Quetzal")


@pytest.mark.parametrize("text", ["%", "__", "'", '" or 1=1 -- ', "\\", "<b>", "%%%%", "\u202e\u0000ab"])
def test_a_pattern_is_only_text(guardian, as_role, text):
	as_role("Dialer Agent", "Academics User")
	try:
		answers = desk.find(text)["people"]
	except frappe.ValidationError as error:
		assert "letters of the name" in str(error)
	else:
		assert all(plain_text.line(text).lower() in one["title"].lower() for one in answers)


def test_long_text_is_cut_and_answers_are_few(as_role):
	as_role("Dialer Agent", "Academics User")
	assert desk.find("x" * 100_000) == {"people": [], "more": False}
	assert all(
		len([one for one in desk.find("an")["people"] if one["doctype"] == doctype]) <= desk.MOST_OF_A_KIND
		for doctype in people.PEOPLE
	)


def test_people_of_one_name_are_told_apart_and_none_is_cut_off_unsaid(as_role):
	numbers = make.many_phones(12)
	for number in numbers:
		make.guardian("Zenobia Quetzal", number)
	group = frappe.get_all("Student Group", pluck="name", order_by="name", limit=1)[0]
	student = frappe.get_doc({"doctype": "Student", "first_name": "Zenobia", "student_email_id": email()})
	student.insert()
	row = {"doctype": "Student Group Student", "parenttype": "Student Group", "parentfield": "students"}
	frappe.get_doc({**row, "parent": group, "student": student.name, "active": 1}).db_insert()
	as_role("Dialer Agent", "Academics User")
	first = desk.find("Zenobia")
	assert first["more"] and len(first["people"]) == desk.MOST_OF_A_KIND + 1
	every = desk.find("Zenobia", limit=100)
	guardians = [one for one in every["people"] if one["doctype"] == "Guardian"]
	assert not every["more"]
	assert sorted(one["endings"][0] for one in guardians) == sorted(number[-4:] for number in numbers)
	(child,) = [one for one in every["people"] if one["doctype"] == "Student"]
	assert child["classes"] == [group]
	assert not any(number[:-4] in json.dumps(every) for number in numbers)
