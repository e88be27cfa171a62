"""Requests for consent: made many at once, opened by their secret or their typed code, and ended."""

from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.consent import keys
from school_dialer.consent_form import requests
from school_dialer.consent_form.requests import NewRequest
from school_dialer.privacy import person
from school_dialer.website.consent import consent_form
from tests.integration.statements import collected

pytestmark = pytest.mark.dates

PERSON = ("Guardian", "G-1")


def test_many_are_made_with_one_statement():
	with collected() as statements:
		names = requests.create(
			[NewRequest([PERSON], [f"S-{number}"], language="es") for number in range(50)]
		)
	assert len(set(names)) == 50 and len([one for one in statements if "insert" in one.lower()]) == 1
	found = requests.open_request(requests.token(names[7]))
	assert (found.name, found.people, found.students, found.language) == (names[7], (PERSON,), ("S-7",), "es")


def test_the_link_and_the_typed_code_open_the_same():
	(name,) = requests.create([NewRequest([PERSON])])
	assert requests.link(name).endswith(f"{requests.PATH}?t={requests.token(name)}")
	code = requests.typed_code(name)
	assert len(code) == 14
	for typed in (code, code.lower(), code.replace("-", " "), code.replace("1", "l").replace("0", "o")):
		assert requests.by_code(typed).name == name


def test_nothing_in_the_database_opens_it(monkeypatch):
	(name,) = requests.create([NewRequest([PERSON])])
	token, code = requests.token(name), requests.typed_code(name)
	row = frappe.get_all(requests.DOCTYPE, {"name": name}, ["*"])[0]
	stored = " ".join(map(str, row.values()))
	assert token not in stored and code not in stored and code.replace("-", "") not in stored
	monkeypatch.setattr(keys, "derive", lambda label: b"another key")
	assert requests.open_request(token) is None and requests.by_code(code) is None


@pytest.mark.parametrize("status", [requests.EXPIRED, requests.WITHDRAWN])
def test_one_that_ended_opens_nothing(status):
	(name,) = requests.create([NewRequest([PERSON])])
	frappe.db.set_value(requests.DOCTYPE, name, "status", status)
	assert requests.open_request(requests.token(name)) is None
	assert requests.by_code(requests.typed_code(name)) is None


def test_a_withdrawn_one_and_one_past_its_last_day_end(monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	today = clock.db_now().date()
	last, past, taken = requests.create(
		[NewRequest([PERSON], expires_on=day) for day in (today, today - timedelta(days=1), today)]
	)
	assert requests.open_request(requests.token(last)) and not requests.open_request(requests.token(past))
	requests.withdraw([taken])
	requests.daily()
	found = [frappe.db.get_value(requests.DOCTYPE, name, "status") for name in (last, past, taken)]
	assert found == [requests.WAITING, requests.EXPIRED, requests.WITHDRAWN]


def test_no_one_makes_one_by_hand():
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc(
			{"doctype": requests.DOCTYPE, "status": "Waiting", "expires_on": "2099-01-01"}
		).insert()


@pytest.mark.parametrize("merge", [False, True])
def test_a_letter_names_the_family_as_it_is_called_now(merge):
	tag = frappe.generate_hash(length=8)
	doc = {"doctype": "Student", "first_name": "Ana", "student_email_id": f"{tag}@school.example"}
	student = frappe.get_doc(doc).insert().name
	guardian = frappe.get_doc({"doctype": "Guardian", "guardian_name": "Rosa"}).insert().name
	asked = [("Student", student), ("Guardian", guardian)]
	(name,) = requests.create([NewRequest(asked, [student])])
	new = [(doctype, f"{tag}-{doctype}") for doctype, _name in asked]
	for (doctype, old), (_doctype, later) in zip(asked, new, strict=True):
		if merge:
			other = frappe.get_doc(doctype, old).as_dict()
			frappe.get_doc(
				{**other, "name": later, "student_email_id": f"{later}@school.example"}
			).db_insert()
		frappe.rename_doc(doctype, old, later, force=True, merge=merge)
	found = requests.open_request(requests.token(name))
	assert (list(found.people), found.students) == (new, (new[0][1],))
	assert [one.record for one in consent_form.people(found)] == new
	assert consent_form.children(found) == ("Ana",)
	assert [row.name for row in person.rows_about(person.of_record(*new[1]), requests.DOCTYPE, "name")] == [
		name
	]
