"""A report's names, words and number go as other rows about a child do, and staff see only what they may."""

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.desk.inbox import absences as buttons
from school_dialer.inbound.absences import reports as absences
from school_dialer.inbound.absences.kinds import ABSENCE, PAGE
from school_dialer.privacy import erasure, hidden_fields, holds, person, retention
from tests.integration.with_carrier.rules import today

DOCTYPE = absences.DOCTYPE


@pytest.fixture
def filed(classroom, phones) -> str:
	name = absences.file(
		absences.New(
			student=f"{classroom.tag}-Eva",
			student_name="Eva Lima",
			kind=ABSENCE,
			first=today(),
			last=today(),
			channel=PAGE,
			source=frappe.generate_hash(length=12),
			reason="Illness",
			words="She has a rash",
			phone=phones[1],
			guardian=f"{classroom.tag}-G1",
			guardian_name="Rosa Lima",
		)
	)
	frappe.db.commit()
	return name


def grow_old(name: str) -> None:
	old = frappe.utils.add_to_date(clock.db_now(), days=-100)
	frappe.db.set_value(DOCTYPE, name, {"from_day": old, "to_day": old}, update_modified=False)


def purge(unlink: bool = True) -> None:
	kept = dict.fromkeys(retention.SETTINGS, 0) | {"keep_recipients_days": 60}
	for _rows in retention.purge(kept, unlink=unlink):
		pass


def test_retention_takes_names_words_and_number(filed, phones):
	grow_old(filed)
	before = retention.count(dict.fromkeys(retention.SETTINGS, 60), unlink=True)
	assert before[DOCTYPE] >= 1
	purge()
	row = frappe.get_doc(DOCTYPE, filed).as_dict()
	assert not any(
		row[field] for field in ("student", "student_name", "person_name", "person", "reason_words")
	)
	assert row.phone.startswith("hash:") and phones[1][-2:] not in row.phone_masked
	assert (row.kind, row.status) == ("Absence", "Reported")


def test_a_report_of_today_stays(filed):
	purge()
	assert frappe.db.get_value(DOCTYPE, filed, "student_name") == "Eva Lima"


@pytest.mark.parametrize("of", ["number", "guardian", "student"])
def test_erasure_and_what_an_access_request_shows(filed, phones, classroom, of):
	grow_old(filed)
	frappe.db.commit()
	subject = {
		"number": lambda: person.of_phone(phones[1]),
		"guardian": lambda: person.of_record("Guardian", f"{classroom.tag}-G1"),
		"student": lambda: person.of_record("Student", f"{classroom.tag}-Eva"),
	}[of]()
	assert "rash" in str(person.export(subject)["kept"][DOCTYPE])
	erasure.erase(subject, really=True)
	row = frappe.get_doc(DOCTYPE, filed).as_dict()
	assert not (row.reason_words or row.student_name or row.person_name) and row.phone.startswith("hash:")


def test_erasure_keeps_a_report_that_stands(filed, phones):
	erasure.erase(person.of_phone(phones[1]), really=True)
	assert frappe.db.get_value(DOCTYPE, filed, "student_name") == "Eva Lima"


@pytest.mark.parametrize("held", ["number", "student", "guardian"])
def test_a_legal_hold_keeps_it(filed, phones, classroom, held):
	grow_old(filed)
	about = {
		"number": {"phone": phones[1]},
		"student": {"person_doctype": "Student", "person": f"{classroom.tag}-Eva"},
		"guardian": {"person_doctype": "Guardian", "person": f"{classroom.tag}-G1"},
	}[held]
	hold = {"doctype": holds.DOCTYPE, "reason": "A case", "status": holds.IN_FORCE, **about}
	frappe.get_doc({**hold, "name": frappe.generate_hash(length=10)}).db_insert()
	purge()
	assert frappe.db.get_value(DOCTYPE, filed, "reason_words") == "She has a rash"


def test_only_those_who_may_read_the_student_see_it(filed, as_role):
	as_role("Dialer Agent")
	assert not frappe.get_list(DOCTYPE, {"name": filed}, order_by="name")
	with pytest.raises(frappe.PermissionError):
		buttons.settle(filed, "Withdrawn")
	as_role("Dialer Agent", "Academics User")
	assert frappe.get_list(DOCTYPE, {"name": filed}, order_by="name")
	assert "phone" in hidden_fields.hidden_of(DOCTYPE, frappe.session.user)
	assert DOCTYPE in hidden_fields.GUARDED
	buttons.settle(filed, "Withdrawn")
	assert frappe.db.get_value(DOCTYPE, filed, "status") == "Withdrawn"
	with pytest.raises(frappe.ValidationError, match="settled already"):
		buttons.settle(filed, "Rejected")


def test_who_may_not_submit_leave_does_not_approve_it(filed, classroom, as_role, monkeypatch):
	as_role("Dialer Agent", "Academics User")
	real = frappe.has_permission
	monkeypatch.setattr(
		frappe,
		"has_permission",
		lambda doctype, ptype="read", *more, **named: (
			False if ptype == "submit" else real(doctype, ptype, *more, **named)
		),
	)
	with pytest.raises(frappe.PermissionError):
		buttons.settle(filed, "Approved")
	monkeypatch.undo()
	buttons.settle(filed, "Approved")
	assert frappe.db.get_value(DOCTYPE, filed, "status") == "Approved"


def test_staff_enter_what_a_family_told_the_office(classroom, as_role, reports):
	as_role("Dialer Agent")
	with pytest.raises(frappe.PermissionError):
		buttons.enter(f"{classroom.tag}-Ana", "Absence", today().isoformat())
	as_role("Dialer Agent", "Academics User")
	name = buttons.enter(f"{classroom.tag}-Ana", "Late arrival", today().isoformat(), expected_at="11:30:00")
	row = frappe.db.get_value(DOCTYPE, name, ["channel", "expected_at", "kind"], as_dict=True)
	assert (row.channel, str(row.expected_at), row.kind) == ("Office", "11:30:00", "Late arrival")
	for wrong in (("Absence", "x"), ("Nothing", today().isoformat()), ("Absence", "1999-01-01")):
		with pytest.raises(frappe.ValidationError):
			buttons.enter(f"{classroom.tag}-Ana", *wrong)


def test_no_one_writes_one_by_hand(filed):
	frappe.set_user("Administrator")
	doc = frappe.get_doc(DOCTYPE, filed)
	for change in (doc.save, doc.delete):
		with pytest.raises(frappe.PermissionError):
			change()
