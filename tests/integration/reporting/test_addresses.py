"""Addresses to Correct: people whose address does not show where they live, and the record to correct."""

import frappe
import pytest

from dev.school.bulk import Bulk
from school_dialer.audience.base import FactsQuery
from school_dialer.audience.core import Contacts
from school_dialer.school_dialer.report.addresses_to_correct import addresses_to_correct as report


def contact(state: str | None, postal_code: str | None, country: str = "United States") -> str:
	address = frappe.get_doc(
		{
			"doctype": "Address",
			"address_title": frappe.generate_hash(length=8),
			"address_type": "Personal",
			"address_line1": "1 Test Street",
			"city": "Test",
			"country": country,
			"state": state,
			"pincode": postal_code,
		}
	).insert()
	made = frappe.get_doc({"doctype": "Contact", "first_name": frappe.generate_hash(length=8)}).insert()
	made.db_set("address", address.name)
	return made.name


def rows(**filters) -> dict[str, dict]:
	_columns, found, *_more = report.execute(filters)
	return {row["person"]: row for row in found if row["person_doctype"] == "Contact"}


@pytest.mark.parametrize(
	("state", "postal_code", "problem"),
	[
		("Florda", None, "State cannot be read"),
		("Florda", "33101", "State cannot be read"),
		("AE", "09012", "Military or diplomatic post office"),
		(None, "96201-0001", "Military or diplomatic post office"),
		("IL", "10001", "State and postal code disagree"),
		("'; drop table x; --", "\\", "State cannot be read"),
		("ÿ" * 100, "🦊", "State cannot be read"),
	],
)
def test_what_is_listed(state, postal_code, problem):
	name = contact(state, postal_code)
	row = rows()[name]
	assert (row["problem"], row["state"], row["postal_code"]) == (problem, state or "", postal_code or "")
	assert row["effect"]
	assert name in rows(problem=problem)
	assert name not in rows(problem="none of them")


def test_behind_a_military_post_office_only_the_time_zone_on_record_counts():
	name = contact("AE", "09012")
	assert "time zone on record" in rows()[name]["effect"] and "emergency" in rows()[name]["effect"]
	frappe.db.set_value("Contact", name, "dialer_time_zone", "Europe/Berlin")
	asked = FactsQuery("one", name, (), "")
	person = Contacts.standings([asked], False)["one"].person
	assert (person.state, person.postal_code, person.time_zone) == ("AE", "09012", "Europe/Berlin")


@pytest.mark.parametrize(
	("state", "postal_code", "country"),
	[
		("Fla.", "33101", "United States"),
		("illinois", None, "United States"),
		(None, None, "United States"),
		(None, "60601", "United States"),
		("Kent", "TN1", "United Kingdom"),
		("Québec", "H2X 1Y4", "Canada"),
	],
)
def test_what_is_not_listed(state, postal_code, country):
	assert contact(state, postal_code, country) not in rows()


def test_students_and_guardians_are_looked_at():
	guardian, student = frappe.generate_hash(length=8), frappe.generate_hash(length=8)
	bulk = Bulk()
	bulk.insert("Guardian", [{"name": guardian, "guardian_name": guardian, "dialer_state": "Xx"}])
	nowhere = {"state": "Nowhere", "country": "United States"}
	bulk.insert(
		"Student", [{"name": student, "first_name": "S", "student_name": "S", "enabled": 1, **nowhere}]
	)
	_columns, found, *_more = report.execute({})
	assert {("Guardian", guardian), ("Student", student)} <= {
		(row["person_doctype"], row["person"]) for row in found
	}


def test_the_queries_do_not_grow_with_the_people(queries):
	report.execute({})
	for _ in range(3):
		contact("Florda", None)
	before = queries(report.execute, {})
	for _ in range(20):
		contact("Florda", None)
	assert queries(report.execute, {}) == before
