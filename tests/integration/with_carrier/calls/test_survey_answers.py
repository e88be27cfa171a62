"""Answers at the Desk: counts on the form, the report, who sees a reason, and who makes a PIN."""

import json

import frappe
import pytest

from school_dialer.calls import pins, survey_answers
from school_dialer.desk import pins as pin_buttons
from school_dialer.desk import responses as form
from school_dialer.messages.spoken.question import POLL, REASON
from school_dialer.school_dialer.report.campaign_answers.campaign_answers import execute
from tests.integration import factories as make
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.keypad import VOTE, template


def answered(campaign: str, key: int, label: str, kind: str = POLL, students: tuple[str, ...] = ()) -> str:
	"""Insert an answer of a person that the campaign reached, and return the person's number."""
	recipient, number = frappe.generate_hash(length=16), make.phone()
	values = {
		"name": recipient,
		"campaign": campaign,
		"status": "Reached",
		"phone": number,
		"household_key": number,
	}
	frappe.db.bulk_insert("Dialer Recipient", list(values), [tuple(values.values())])
	log = frappe._dict(
		name=recipient[::-1],
		recipient=recipient,
		campaign=campaign,
		channel="Voice",
		phone=number,
		person_doctype="Guardian",
		person="G",
		person_name="Ana <b>Lima</b>",
		students=list(students),
	)
	survey_answers.write(log, kind, key, label, "")
	return number


def test_the_form_counts_answers_and_those_who_gave_none(school):
	doc = make.campaign([make.phone()], template=template(asks=POLL, **VOTE))
	for key, label in ((1, "Yes, both of us"), (1, "Yes, both of us"), (3, "No")):
		answered(doc.name, key, label)
	values = {"campaign": doc.name, "status": "Reached", "phone": "+13125550100", "household_key": "x"}
	frappe.db.bulk_insert("Dialer Recipient", ["name", *values], [("r1", *values.values())])
	values |= {"status": "Not Reached", "household_key": "y", "outcome": "no PIN"}
	frappe.db.bulk_insert("Dialer Recipient", ["name", *values], [("r2", *values.values())])
	found = form.results(doc.name)
	assert (found["kind"], found["question"]) == (POLL, "Will you come?")
	assert [one["people"] for one in found["answers"]] == [2, 0, 1]
	assert (found["not_answered"], found["unheard"]) == (1, {"no PIN": 1})
	frappe.db.rollback()


def test_a_campaign_that_asks_nothing_has_no_answers(school):
	found = form.results(make.campaign([make.phone()]).name)
	assert (found["kind"], found["answers"], found["not_answered"]) == ("", [], 0)


def test_the_report_masks_numbers_for_everybody(school, as_role):
	doc = make.campaign([make.phone()], template=template(asks=POLL, **VOTE))
	numbers = [answered(doc.name, key, label) for key, label in ((1, "Yes, both of us"), (3, "No"))]
	for role in ("Dialer Manager", "System Manager"):
		as_role(role)
		_columns, rows, _message, chart, summary = execute({"campaign": doc.name})
		assert [row.label for row in rows] == ["Yes, both of us", "No"] and len(summary) == 2
		assert chart["data"]["datasets"][0]["values"] == [1, 1]
		assert not any(number in json.dumps(rows, default=str) for number in numbers)
		assert len(execute({"campaign": doc.name, "answer": "No"})[1]) == 1
	frappe.set_user("Administrator")
	frappe.db.rollback()


def test_a_reason_is_for_those_who_may_read_the_student(school, as_role):
	doc = make.campaign([make.phone()], purpose="Attendance", template=template("Attendance", REASON))
	school_class = SchoolClass([{"Ana": [make.phone()]}])
	answered(doc.name, 1, "Illness", REASON, (school_class.student(0),))
	answered(doc.name, 1, "Yes", POLL)
	name = frappe.db.get_value("Dialer Answer", {"campaign": doc.name, "kind": REASON})

	def seen() -> set[str]:
		return {row.label for row in execute({"campaign": doc.name})[1]}

	as_role("Dialer Manager")
	assert seen() == {"Yes"} and not frappe.has_permission("Dialer Answer", "read", doc=name)
	frappe.set_user("Administrator")
	reader = as_role("Dialer Manager", "Academics User")
	assert seen() == {"Yes", "Illness"} and frappe.has_permission("Dialer Answer", "read", doc=name)
	frappe.set_user("Administrator")
	other = SchoolClass([{"Ben": [make.phone()]}]).student(0)
	frappe.get_doc(
		{
			"doctype": "User Permission",
			"user": reader,
			"allow": "Student",
			"for_value": other,
			"apply_to_all_doctypes": 1,
		}
	).insert()
	frappe.set_user(reader)
	assert seen() == {"Yes"} and not frappe.has_permission("Dialer Answer", "read", doc=name)
	frappe.set_user("Administrator")
	frappe.db.delete("User Permission", {"user": reader})


def test_no_one_writes_an_answer_or_a_pin_by_hand(school):
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc({"doctype": "Dialer PIN", "person_doctype": "Contact", "person": "x"}).insert(
			ignore_links=True
		)


def test_staff_make_a_pin_for_whom_they_may_read(school, as_role):
	person = frappe.get_doc({"doctype": "Contact", "first_name": "Ana"}).insert().name
	as_role("Dialer Agent", "Sales User")
	pin = pin_buttons.new_pin("Contact", person)
	assert not pins.is_weak(pin) and pins.check_pin("Contact", person, pin) == "right"
	frappe.set_user("Administrator")
	as_role("Sales User")
	with pytest.raises(frappe.PermissionError):
		pin_buttons.new_pin("Contact", person)
	frappe.set_user("Administrator")
	with pytest.raises(frappe.ValidationError):
		pin_buttons.new_pin("User", "Administrator")
