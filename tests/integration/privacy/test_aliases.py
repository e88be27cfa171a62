"""Renamed and merged people keep their consents, their disclosures, and their legal holds."""

import json
import secrets

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.base.database import aliases
from school_dialer.base.database.rows import insert, stamp
from school_dialer.consent import ledger
from school_dialer.privacy import holds, person
from school_dialer.school_dialer.report.disclosure_log import disclosure_log
from tests.integration import factories as make


def guardian(number: str = "") -> str:
	name = frappe.get_doc({"doctype": "Guardian", "guardian_name": secrets.token_hex(4)}).insert().name
	if number:
		make.consent(number, person_doctype="Guardian", person=name)
	return name


def student() -> str:
	tag = secrets.token_hex(4)
	doc = {"doctype": "Student", "first_name": tag, "student_email_id": f"{tag}@school.example"}
	return frappe.get_doc(doc).insert().name


def consents_of(number: str, name: str) -> int:
	return len(ledger.read([number], "Voice")[number].of("Guardian", name).consents)


@pytest.mark.parametrize("merge", [False, True])
def test_a_consent_follows_the_person_who_gave_it(merge):
	number, stranger = make.phone(), guardian()
	old = guardian(number)
	new = guardian() if merge else f"{old}-2"
	assert (consents_of(number, old), consents_of(number, stranger)) == (1, 0)
	frappe.rename_doc("Guardian", old, new, merge=merge, force=True)
	assert (consents_of(number, new), consents_of(number, stranger)) == (1, 0)
	last = f"{new}-3"
	frappe.rename_doc("Guardian", new, last, force=True)
	assert (consents_of(number, last), consents_of(number, stranger)) == (1, 0)


def test_who_takes_the_name_of_another_later_is_not_that_person():
	number = make.phone()
	old = guardian(number)
	frappe.rename_doc("Guardian", old, f"{old}-2", force=True)
	assert aliases.current([("Guardian", old)]) == {("Guardian", old): f"{old}-2"}
	frappe.get_doc({"doctype": "Guardian", "name": old, "guardian_name": "Another"}).db_insert()
	assert aliases.current([("Guardian", old)]) == {}


def disclosed(name: str, **more) -> str:
	row = {
		"name": secrets.token_hex(10),
		**stamp(),
		"student": name,
		"fields_disclosed": "[]",
		"disclosed_at": clock.db_now(),
		"way": "Spoken",
		"certainty": "Certain",
		**more,
	}
	insert("Dialer Disclosure", [row])
	return row["name"]


def test_a_disclosure_is_found_under_the_students_new_name():
	old = student()
	entry, new = disclosed(old), f"{old}-2"
	frappe.rename_doc("Student", old, new, force=True)
	found = person.rows_about(person.of_record("Student", new), "Dialer Disclosure", "student")
	assert [row.name for row in found] == [entry]
	_columns, rows, _message = disclosure_log.execute({"student": new})
	assert [row["student"] for row in rows] == [old]


def test_a_hold_covers_what_was_written_under_an_earlier_name():
	old, name = student(), secrets.token_hex(10)
	row = {"name": name, **stamp(), "students": json.dumps([old]), "status": "Reached", "phone": make.phone()}
	insert("Dialer Recipient", [row])
	hold = {"doctype": "Dialer Legal Hold", "person_doctype": "Student", "person": old, "reason": "A suit."}
	frappe.get_doc(hold).insert()
	frappe.rename_doc("Student", old, f"{old}-2", force=True)
	where, values = holds.condition(holds.in_force(), "Dialer Recipient")
	spared = frappe.db.sql(
		f"select name from `tabDialer Recipient` where name = %(name)s and {where}", {**values, "name": name}
	)
	assert not spared


def test_a_user_who_recorded_a_disclosure_can_be_renamed(as_role):
	user = as_role("Dialer Compliance Officer")
	frappe.set_user("Administrator")
	entry, new = disclosed("S-1", recorded_by=user), f"new.{user}"
	frappe.rename_doc("User", user, new, force=True)
	assert frappe.db.get_value("Dialer Disclosure", entry, "recorded_by") == user
	assert aliases.earlier("User", [new]) == {user, new}


def test_aliases_are_only_added():
	aliases.after_rename(frappe._dict(doctype="Guardian"), None, "a", "b")
	with pytest.raises(frappe.db.OperationalError, match="append-only"):
		frappe.db.sql("update `tabDialer Alias` set later_name = 'c' where earlier_name = 'a'")
	with pytest.raises(frappe.db.OperationalError, match="append-only"):
		frappe.db.delete("Dialer Alias", {"earlier_name": "a"})
	aliases.after_rename(frappe._dict(doctype="Guardian"), None, "b", "a")
	assert aliases.earlier("Guardian", ["a"]) == {"a", "b"}
	assert set(aliases.current([("Guardian", "a")]).values()) <= {"a", "b"}
