"""Which data is read for which person, in how many queries, and on which sites."""

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.base.database import doctypes
from school_dialer.messages import catalogue, context
from school_dialer.messages.field import PERSONAL, Field, PerStudent, Subject, provides
from school_dialer.messages.providers import education

pytestmark = pytest.mark.dates


def subject(person, students, doctype="Guardian", **more):
	return Subject(f"{doctype} {person}", doctype, person, "A Name", tuple(students), **more)


def read(one, *names):
	"""Return the values of `context.read_values`. Data per student become the list of existing values."""
	values = context.read_values([one], names or None)[one.key]
	return {name: said(value) for name, value in values.items()}


def said(value):
	if not isinstance(value, PerStudent):
		return value
	return [each for _student, _called, each in value.items if each is not None]


def test_a_mother_hears_of_her_own_children_in_their_records_words(family):
	values = read(subject(family.mother, [family.ana, family.luis]))
	assert values["student_names"] == ["Ana", "Luis"]
	assert values["student_full_names"][0].startswith("Ana ")
	assert values["guardian_name"] == f"Maria {family.tag}"
	assert values["recipient_name"] == "A Name"
	assert values["attendance_date"] is None
	assert set(values) == set(catalogue.fields())


def test_no_one_hears_of_a_student_whose_form_does_not_name_them(family):
	values = read(subject(family.mother, [family.stranger, family.luis]))
	assert values["student_names"] == ["Luis"]
	assert read(subject(family.mother, [family.stranger]))["student_names"] == []


def test_a_court_order_holds_for_its_student_only(family, absent):
	absent(family.ana)
	absent(family.luis)
	values = read(subject(family.father, [family.ana, family.luis]))
	assert (values["student_names"], values["absent_names"]) == (["Luis"], ["Luis"])


def test_records_are_not_for_those_who_may_not_have_them(family, absent):
	absent(family.ana)
	values = read(subject(family.grandmother, [family.ana]))
	assert values["student_names"] == ["Ana"]
	assert values["absent_names"] == [] and values["attendance_date"] is None


def test_todays_absence_and_its_correction(family, absent):
	absence = absent(family.ana)
	absent(family.luis, "Present")
	mother = subject(family.mother, [family.ana, family.luis])
	values = read(mother, "attendance_date", "absent_names")
	assert values == {"attendance_date": clock.db_now().date(), "absent_names": ["Ana"]}
	absence.cancel()
	assert read(mother, "attendance_date", "absent_names") == {"attendance_date": None, "absent_names": []}


def test_a_student_hears_of_themselves_only(family):
	values = read(subject(family.ana, [family.luis], "Student"))
	assert values["student_names"] == ["Ana"]


@pytest.mark.parametrize("doctype", ["Employee", "Contact", "Instructor", "", "Nonsense"])
def test_others_hear_of_no_student(family, doctype):
	values = read(subject("somebody", [family.ana], doctype))
	assert values.get("student_names") in ([], None)


def test_only_named_fields_are_read(family):
	assert read(subject(family.mother, [family.ana]), "guardian_name", "no_such_field") == {
		"guardian_name": f"Maria {family.tag}"
	}


def test_queries_do_not_grow_with_the_number_of_people(family, queries):
	few = [subject(family.mother, [family.ana])]
	many = [
		Subject(f"k{number}", "Guardian", person, "N", (family.ana, family.luis))
		for number in range(100)
		for person in (family.mother, family.father)
	]
	context.read_values(few)
	once = queries(context.read_values, few)
	print("QUERIES", once)
	assert queries(context.read_values, many) == once <= 36


def test_chunks_are_of_five_hundred(family, queries):
	many = [Subject(f"k{number}", "Guardian", family.mother, "N", (family.ana,)) for number in range(1001)]
	context.read_values(many[:1], ("student_names",))
	once = queries(context.read_values, many[:500], ("student_names",))
	assert queries(context.read_values, many, ("student_names",)) == 3 * once
	values = context.read_values(many, ("student_names",))
	assert len(values) == 1001 and all(said(value["student_names"]) == ["Ana"] for value in values.values())


def test_a_site_without_education_has_a_smaller_catalogue_and_no_error(family, monkeypatch):
	exists = frappe.db.exists
	hidden = ("Student", "Guardian", "Program", "Instructor")

	def without_education(doctype, name=None, **options):
		if doctype == "DocType" and str(name).startswith(hidden):
			return None
		return exists(doctype, name, **options)

	monkeypatch.setattr(frappe.db, "exists", without_education)
	monkeypatch.setitem(frappe.db.value_cache, doctypes.KEPT, frozenset())
	monkeypatch.delattr(frappe.local, catalogue.CACHE, raising=False)
	fields = catalogue.fields()
	assert "student_names" not in fields and "guardian_name" not in fields
	assert {"school_name", "recipient_name", "contact_name", "employee_name"} <= set(fields)
	values = context.read_values([subject("somebody", [family.ana], "Contact")])
	assert values["Contact somebody"]["recipient_name"] == "A Name"
	mother = subject(family.mother, [family.ana])
	assert said(education.provide_names([mother])[mother.key]["student_names"]) == []
	delattr(frappe.local, catalogue.CACHE)


def test_another_apps_provider_adds_fields_and_nothing_else(family, monkeypatch):
	line = Field("bus_line", "Bus", "text", PERSONAL, "Student.first_name", "7")
	gone = Field("gone_field", "Gone", "text", PERSONAL, "No Such DocType.field", "7")
	impostor = Field("guardian_name", "Guardian", "text", PERSONAL, "Student.first_name", "x")

	@provides(line, gone, impostor)
	def provide(subjects):
		return {one.key: {"bus_line": "7 North", "guardian_name": "Impostor", "stray": 1} for one in subjects}

	listed = [*catalogue.providers(), provide]
	monkeypatch.setattr(catalogue, "providers", lambda: listed)
	monkeypatch.delattr(frappe.local, catalogue.CACHE, raising=False)
	values = read(subject(family.mother, [family.ana]))
	assert values["bus_line"] == "7 North"
	assert values["guardian_name"] == f"Maria {family.tag}"
	assert "stray" not in values and "gone_field" not in values
	delattr(frappe.local, catalogue.CACHE)
