"""Each kind of condition, alone and combined, read as planning reads and counted as the form counts."""

from datetime import timedelta

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.audience.base import Counted, FactsQuery, sources
from school_dialer.base import clock
from tests.integration.audience.conftest import STUDENTS, Place

pytestmark = pytest.mark.dates

EVERYBODY = {"Mother": ("Ana", "Ben"), "Father": ("Ana",), "Aunt": ("Cam",), "Uncle": ("Dan",)}


def groups(place: Place, *names: str) -> dict:
	return {"kind": "Student Group", "names": [place.named(name) for name in names]}


def absent(**more) -> dict:
	return {"kind": "Attendance", "status": "Absent", "at_least": 1, **more}


def test_without_filters_everybody_is_meant(place: Place):
	assert place.eligible() == EVERYBODY
	assert place.count() == Counted(people=4, households=4, students=4)


def test_a_group_narrows_and_is_excepted(place: Place):
	only, exclude = {"only": [groups(place, "A")]}, {"except": [groups(place, "A")]}
	assert place.eligible(only) == {"Mother": ("Ana", "Ben"), "Father": ("Ana",)}
	assert place.eligible(exclude) == {"Aunt": ("Cam",), "Uncle": ("Dan",)}
	assert place.count(only) == Counted(people=2, households=2, students=2)
	assert place.count(exclude) == Counted(people=2, households=2, students=2)


def test_a_guardian_is_called_about_those_students_alone_who_are_meant(place: Place):
	place.mark("Ben")
	assert place.eligible({"only": [absent(days=1)]}) == {"Mother": ("Ben",)}
	assert place.eligible({"except": [absent(days=1)]})["Mother"] == ("Ana",)
	assert place.count({"only": [absent(days=1)]}) == Counted(people=1, households=1, students=1)


def test_a_program(place: Place):
	program = {"kind": "Program", "names": [place.named("P")]}
	assert place.eligible({"only": [program]}) == {"Mother": ("Ana",), "Father": ("Ana",), "Aunt": ("Cam",)}
	assert place.eligible({"only": [program], "except": [groups(place, "A")]}) == {"Aunt": ("Cam",)}


def test_attendance_counts_submitted_days_of_the_period(place: Place):
	for ago in (0, 3, 40):
		place.mark("Ana", ago=ago)
	place.mark("Cam", ago=3)
	place.mark("Cam", ago=3)
	place.mark("Dan", docstatus=0)
	place.mark("Ben", "Present")
	assert set(place.eligible({"only": [absent(days=7)]})) == {"Mother", "Father", "Aunt"}
	assert set(place.eligible({"only": [absent(days=7, at_least=2)]})) == {"Mother", "Father"}
	today = clock.db_now().date()
	between = {"from": str(today - timedelta(days=45)), "to": str(today - timedelta(days=39))}
	assert set(place.eligible({"only": [absent(**between)]})) == {"Mother", "Father"}


def test_fees_outstanding_and_overdue_over_an_amount(place: Place):
	place.bill("Ana", 100, due_in=10)
	place.bill("Cam", 30, due_in=-1)
	place.bill("Cam", 40, due_in=-5)
	place.bill("Dan", 500, due_in=-5, docstatus=0)
	owing = {"kind": "Fees", "overdue": False, "over": 0}
	assert set(place.eligible({"only": [owing]})) == {"Mother", "Father", "Aunt"}
	assert set(place.eligible({"only": [{**owing, "over": 69.5}]})) == {"Mother", "Father", "Aunt"}
	assert set(place.eligible({"only": [{**owing, "over": 70}]})) == {"Mother", "Father"}
	assert set(place.eligible({"only": [{**owing, "overdue": True}]})) == {"Aunt"}


def test_amounts_of_several_currencies_are_not_added(place: Place):
	place.bill("Ana", 60, due_in=-1)
	place.bill("Ana", 60, due_in=-1, currency="EUR")
	assert place.eligible({"only": [{"kind": "Fees", "overdue": False, "over": 100}]}) == {}


def field(doctype: str, fieldname: str, operator: str, **value) -> dict:
	return {
		"kind": "Field",
		"doctype": doctype,
		"fieldname": fieldname,
		"operator": operator,
		**value,
	}


@pytest.mark.parametrize(
	("condition", "people"),
	[
		(field("Guardian", "occupation", "is", value="Baker"), {"Aunt"}),
		(field("Guardian", "occupation", "is not", value="Baker"), {"Mother", "Father", "Uncle"}),
		(field("Guardian", "occupation", "contains", value="ake"), {"Aunt"}),
		(field("Guardian", "occupation", "is set"), {"Aunt"}),
		(field("Guardian", "occupation", "is not set"), {"Mother", "Father", "Uncle"}),
		(field("Student", "city", "is", value="Joliet"), {"Uncle"}),
		(field("Student", "date_of_birth", "at least", value="2012-01-01"), {"Aunt", "Uncle"}),
		(field("Student", "date_of_birth", "at most", value="2010-01-01"), {"Mother", "Father"}),
		(field("Student", "date_of_birth", "is", value="2011-01-01"), {"Mother"}),
	],
)
def test_own_fields(place: Place, condition: dict, people: set[str]):
	assert set(place.eligible({"only": [condition]})) == people
	count = place.count({"only": [condition]})
	assert count.people == len(people)
	others = place.eligible({"except": [condition]})
	whole = {**EVERYBODY}
	for person, students in place.eligible({"only": [condition]}).items():
		whole[person] = tuple(one for one in whole[person] if one not in students)
	assert others == {person: students for person, students in whole.items() if students}


def test_a_percent_sign_is_a_letter(place: Place):
	frappe.db.set_value("Guardian", place.named("Uncle"), "occupation", "100% wool")
	for value in ("100%", "%", "0% w"):
		found = place.eligible({"only": [field("Guardian", "occupation", "contains", value=value)]})
		assert set(found) == {"Uncle"}
	assert place.eligible({"only": [field("Guardian", "occupation", "contains", value="_")]}) == {}


def test_people_and_students_by_name(place: Place):
	mother = {"kind": "People", "doctype": "Guardian", "names": [place.named("Mother")]}
	assert set(place.eligible({"except": [mother]})) == {"Father", "Aunt", "Uncle"}
	ana = {"kind": "People", "doctype": "Student", "names": [place.named("Ana")]}
	assert place.eligible({"except": [ana]})["Mother"] == ("Ben",)


def test_one_guardian_of_each_student(place: Place):
	share = {"reach": "One guardian of each student"}
	assert place.count(**share) == Counted(people=4, households=4, students=4)
	frappe.db.set_value("Student Guardian", {"parent": place.named("Dan")}, "guardian", place.named("Aunt"))
	assert place.count(**share) == Counted(people=3, households=3, students=4)
	mother = {"kind": "People", "doctype": "Guardian", "names": [place.named("Mother")]}
	assert place.eligible({"except": [mother]}, **share) == {"Father": ("Ana",), "Aunt": ("Cam", "Dan")}


def test_students_themselves(place: Place):
	place.mark("Ana")
	found = place.eligible({"only": [absent(days=1)]}, label=STUDENTS)
	assert found == {"Ana": ("Ana",)}
	assert place.count({"except": [absent(days=1)]}, label=STUDENTS) == Counted(3, 3, 3)


@pytest.mark.parametrize("label", ["All employees", "All instructors", "All contacts"])
def test_people_without_students_by_their_own_fields(label: str, place: Place):
	before = place.count(label=label)
	doctype = label.removeprefix("All ").removesuffix("s").capitalize()
	fieldname = {"Employee": "employee_name", "Instructor": "instructor_name", "Contact": "first_name"}[
		doctype
	]
	everybody = {"only": [field(doctype, fieldname, "is set")]}
	nobody = {"except": [field(doctype, fieldname, "is set")]}
	assert place.count(everybody, label=label) == before and before.students is None
	assert place.count(nobody, label=label).people == 0
	assert place.eligible(nobody, label=label) == {}


def test_an_instructor_who_left_as_an_employee_is_called_no_more(place: Place):
	name = place.named("Kim")
	Bulk().insert("Employee", [{"name": name, "employee_name": "Kim", "status": "Active"}])
	teacher = {"name": name, "instructor_name": "Kim", "employee": name, "status": "Active"}
	Bulk().insert("Instructor", [teacher])
	source, asked = sources()["All instructors"], [FactsQuery("one", name, (), "")]
	assert source.standings(asked, emergency=False).keys() == {"one"}
	frappe.db.set_value("Employee", name, "status", "Left")
	assert source.standings(asked, emergency=False) == {}


def test_filters_cost_no_query_of_their_own(place: Place, queries):
	every = {
		"only": [groups(place, "A", "B"), {"kind": "Program", "names": [place.named("P")]}],
		"except": [absent(days=7), {"kind": "Fees", "overdue": True, "over": 5}],
	}
	plain, filtered = place.source(), place.source(every)
	plain.eligible_households("", 100), filtered.eligible_households("", 100)
	assert queries(lambda: filtered.eligible_households("", 100)) == queries(
		lambda: plain.eligible_households("", 100)
	)


def test_words(place: Place):
	place_filters = {
		"only": [groups(place, "A"), absent(days=7, at_least=2)],
		"except": [field("Guardian", "occupation", "is", value="Baker")],
	}
	said = place.source(place_filters).filters.sentence().split("\n")
	assert said == [
		f"Only: students of {place.named('A')}",
		"Only: students marked Absent on 2 days or more in the last 7 days",
		"Not: Guardian whose Occupation is Baker",
	]
