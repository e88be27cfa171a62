"""Disclosures about students: recorded for what was heard or delivered, never for what was only planned."""

import csv
import io
import json
import secrets

import frappe
import pytest

from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.desk import privacy
from school_dialer.outbound.attempts import settling
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.school_dialer.report.disclosure_log import disclosure_log
from tests.integration import attendance
from tests.integration import factories as make

WORDS = {
	"voice": "Hello. {{ student_names }} did well in the competition.",
	"voicemail": "Please call us back.",
	"text": "{{ student_names }} did well in the competition.",
}


@pytest.fixture
def family(school):
	"""Return a guardian with a number, and two children.

	The guardian may not receive the records of one of them.
	"""
	number, tag = make.phone(), secrets.token_hex(3)
	make.consent(number)
	guardian = (
		frappe.get_doc({"doctype": "Guardian", "guardian_name": f"Maria {tag}", "mobile_number": number})
		.insert()
		.name
	)
	students = []
	for name, records in (("Ana", 1), ("Luis", 0)):
		doc = frappe.new_doc("Student")
		doc.update({"first_name": f"{name}{tag}", "student_email_id": f"{name}.{tag}@school.example"})
		doc.append(
			"guardians",
			{
				"guardian": guardian,
				"guardian_name": "Maria",
				"relation": "Mother",
				"dialer_may_receive_records": records,
			},
		)
		students.append(doc.insert().name)
	return frappe._dict(number=number, guardian=guardian, name=f"Maria {tag}", students=students)


def call(carrier, family, purpose: str, channel: str = "Voice", words: dict = WORDS) -> str:
	"""Run a campaign to this guardian about both children from start to end, and return the log's name."""
	template = make.template(purpose, text=int(purpose == "Event"), said=words)
	doc = make.campaign([make.phone()], purpose=purpose, channel=channel, template=template)
	frappe.db.commit()
	actions.start(doc.name)
	frappe.db.commit()
	planner.run(doc.name)
	frappe.db.set_value("Dialer Campaign", doc.name, "status", "Running")
	row = frappe.get_doc(
		{
			"doctype": "Dialer Recipient",
			"campaign": doc.name,
			"phone": family.number,
			"person_doctype": "Guardian",
			"person": family.guardian,
			"person_name": family.name,
			"students": json.dumps(family.students),
		}
	).insert()
	frappe.db.commit()
	dispatcher.run()
	carrier.wait_until_idle()
	frappe.db.rollback()
	return frappe.db.get_value("Dialer Recipient", row.name, "last_call_log")


def told(log: str) -> list[tuple]:
	rows = frappe.get_all(
		"Dialer Disclosure",
		{"call_log": log},
		["student", "fields_disclosed", "way", "person"],
		order_by="name",
	)
	return [(row.student, json.loads(row.fields_disclosed), row.way, row.person) for row in rows]


@pytest.mark.exhaustive
def test_what_was_said_after_confirmation(carrier, answering, family):
	"""Check a message about attendance, where a name alone is a record.

	So the child whose records the guardian may not receive is left out.
	"""
	answering(family.number, "presses", digits="1")
	log = call(carrier, family, "Attendance")
	assert frappe.db.get_value("Dialer Call Log", log, "content") == "Full"
	assert told(log) == [(family.students[0], ["student_names"], "Spoken", family.guardian)]
	row = frappe.get_all("Dialer Disclosure", {"call_log": log}, ["*"], order_by="name")[0]
	assert family.number not in json.dumps(row, default=str) and "Ana" not in json.dumps(
		[row.fields_disclosed, row.student]
	)


def test_nothing_where_no_one_confirmed(carrier, answering, family):
	answering(family.number, "answers")
	log = call(carrier, family, "Attendance")
	assert frappe.db.get_value("Dialer Call Log", log, "status") == "completed"
	assert told(log) == []


@pytest.mark.parametrize("behaviour", ["voicemail", "no answer", "busy"])
def test_nothing_where_no_person_listened(carrier, answering, family, behaviour):
	answering(family.number, behaviour)
	assert told(call(carrier, family, "Event")) == []


def test_a_text_that_was_delivered(carrier, family):
	carrier.control("people", {family.number: {"text": {"delivery": "delivered"}}})
	log = call(carrier, family, "Event", "Text")
	assert frappe.db.get_value("Dialer Call Log", log, "status") == "delivered"
	assert told(log) == [(student, ["student_names"], "Text", family.guardian) for student in family.students]


@pytest.mark.dates
def test_records_are_told_of_those_alone_whose_records_are_theirs(carrier, answering, family):
	"""Check that the absences field, which is educational, omits a child whose records are withheld."""
	for student in family.students:
		attendance.mark(student)
	answering(family.number, "presses", digits="1")
	words = {"voice": "{{ absent_names }} was absent today.", "voicemail": "Please call us."}
	log = call(carrier, family, "Attendance", words=words)
	assert told(log) == [(family.students[0], ["absent_names"], "Spoken", family.guardian)]


def test_an_event_without_students_costs_nothing(carrier, answering, family):
	answering(family.number, "answers")
	log = call(carrier, family, "Event", words={})
	assert frappe.db.get_value("Dialer Call Log", log, "content") == "Full"
	assert told(log) == []


def test_it_is_written_once_and_never_changed(carrier, answering, family):
	answering(family.number, "presses", digits="1")
	log = call(carrier, family, "Attendance")
	before = told(log)
	settling.settle_recipients([log])
	assert told(log) == before and before
	name = frappe.db.get_value("Dialer Disclosure", {"call_log": log})
	for statement in (
		"update `tabDialer Disclosure` set student = 'x' where name = %s",
		"update `tabDialer Disclosure` set fields_disclosed = '[]' where name = %s",
		"delete from `tabDialer Disclosure` where name = %s",
	):
		with pytest.raises(frappe.db.OperationalError, match="append-only"):
			frappe.db.sql(statement, name)
	doc = frappe.get_doc("Dialer Disclosure", name)
	for write in (doc.save, doc.delete, lambda: frappe.copy_doc(doc).insert()):
		with pytest.raises(frappe.PermissionError):
			write()


def test_a_parents_request_is_answered_by_the_report(carrier, answering, family, as_role):
	answering(family.number, "presses", digits="1")
	log = call(carrier, family, "Attendance")
	columns, rows, _message = disclosure_log.execute({"student": family.students[0]})
	assert [row["call_log"] for row in rows] == [log]
	assert rows[0]["person_name"] == family.name and "First names" in rows[0]["told"]
	as_role("Dialer Compliance Officer", "Academics User")
	from frappe.desk.query_report import export_query

	frappe.local.form_dict = frappe._dict(
		report_name="Disclosure Log",
		file_format_type="CSV",
		filters=json.dumps({"student": family.students[0]}),
		visible_idx="[0]",
	)
	export_query()
	content = frappe.response.get("filecontent") or frappe.response.get("result")
	lines = list(
		csv.reader(io.StringIO(content if isinstance(content, str) else content.decode("utf-8-sig")))
	)
	assert len(columns) == len(lines[0]) and family.students[0] in lines[1]
	assert family.number not in str(lines)
	frappe.set_user("Administrator")
	assert privacy.erasure.erase(privacy.person.of_record("Guardian", family.guardian), really=False).kept
