"""A guardian texts that a child is sick: the app asks back, and a number makes the report."""

import frappe
import pytest

from school_dialer.consent import ledger
from school_dialer.inbound.absences import by_text
from school_dialer.inbound.conversations import conversation
from tests.integration import factories as make
from tests.integration.with_carrier.households import set_settings
from tests.integration.with_carrier.rules import today

pytestmark = pytest.mark.dates

SICK = "Ana is sick today"


def thread_of(number: str):
	fields = ["name", "status", "unread", "waiting_since", "messages"]
	return frappe.get_all("Dialer Conversation", {"phone": number}, fields, order_by="creation")[-1]


def words_of(number: str, direction: str) -> list[str]:
	return frappe.get_all(
		"Dialer Conversation Message",
		{"phone": number, "direction": direction},
		pluck="words",
		order_by="said_at, creation",
	)


def test_the_app_asks_back_and_a_number_makes_the_report(say, phones, reports, classroom):
	asked = say(phones[0], SICK)
	assert "Do you want to report an absence" in asked
	assert "Reply 1 for A." in asked and "Reply 2 for L." in asked and "Reply 0" in asked
	assert "Ana" not in asked and "Luis" not in asked
	assert not reports() and thread_of(phones[0]).status == "Waiting"
	noted = say(phones[0], "2")
	assert "Noted: L. absent" in noted and "Luis" not in noted
	(report,) = reports()
	assert report.student == f"{classroom.tag}-Luis"
	assert (report.kind, report.status, report.channel) == ("Absence", "Reported", "Text")
	assert report.from_day == report.to_day == today()
	assert (report.reason, report.reason_words, report.phone) == ("Illness", SICK, phones[0])
	thread = thread_of(phones[0])
	assert (thread.status, thread.unread, report.conversation) == ("Answered", 0, thread.name)
	assert words_of(phones[0], "Received") == [SICK, "2"]
	assert words_of(phones[0], "Sent") == [asked, noted] and thread.messages == 4


def test_several_children_by_several_numbers(say, phones, reports):
	say(phones[0], "My kids are sick today")
	assert "A. and L." in say(phones[0], "1, 2")
	assert len(reports()) == 2


def test_a_late_arrival_with_its_time(say, phones, reports):
	asked = say(phones[1], "Eva llega tarde hoy, a las 11:45")
	assert "llegada tarde" in asked and "Responda 1 para E." in asked
	assert "11:45" in say(phones[1], "1")
	(report,) = reports()
	assert (report.kind, str(report.expected_at), report.leave_application) == (
		"Late arrival",
		"11:45:00",
		None,
	)


def test_a_leave_is_drafted_in_education(say, phones, reports, classroom):
	say(phones[0], SICK)
	say(phones[0], "1")
	(report,) = reports()
	leave = frappe.get_doc("Student Leave Application", report.leave_application)
	assert (leave.student, leave.docstatus, leave.student_group) == (report.student, 0, classroom.group)
	assert "sick" in leave.reason and not report.leave_problem


def test_a_leave_is_submitted_by_the_schools_choice(say, phones, reports):
	set_settings({"absence_leave": "Submitted"})
	say(phones[0], SICK)
	say(phones[0], "1")
	(report,) = reports()
	assert report.status == "Approved"
	assert frappe.db.get_value("Student Leave Application", report.leave_application, "docstatus") == 1


def test_zero_reports_nothing_and_the_office_reads_it(say, phones, reports):
	say(phones[0], SICK)
	assert "Nothing was reported" in say(phones[0], "0")
	assert not reports() and thread_of(phones[0]).status == "Waiting"


def test_zero_afterwards_takes_it_back(say, phones, reports):
	say(phones[0], SICK)
	say(phones[0], "1")
	leave = reports()[0].leave_application
	assert "taken back" in say(phones[0], "0")
	assert reports()[0].status == "Withdrawn"
	assert not frappe.db.exists("Student Leave Application", leave)


def test_the_same_number_again_changes_nothing(say, phones, reports):
	say(phones[0], SICK)
	say(phones[0], "1")
	assert say(phones[0], "1") is None
	assert len(reports()) == 1 and thread_of(phones[0]).status == "Answered"


@pytest.mark.parametrize("body", ["3", "7", "yes", "12", "1 1", "Ana", "1 please", "Luis too"])
def test_what_chooses_no_child_is_for_the_office(say, phones, reports, body):
	say(phones[0], SICK)
	say(phones[0], body)
	assert not reports() and thread_of(phones[0]).status == "Waiting"


def test_a_number_without_a_question_reports_nothing(say, phones, reports):
	say(phones[0], "1")
	assert not reports()


def test_a_question_is_over_after_two_hours(say, phones, reports, pass_time):
	say(phones[0], SICK)
	pass_time(hours=2, minutes=1)
	say(phones[0], "1")
	assert not reports() and thread_of(phones[0]).unread == 2


def test_the_office_hears_of_a_question_that_no_one_answered(say, phones, pass_time, monkeypatch):
	rung = []
	monkeypatch.setattr(by_text, "announce", rung.append)
	say(phones[0], SICK)
	by_text.announce_unanswered()
	assert thread_of(phones[0]).name not in rung
	pass_time(hours=2, minutes=1)
	for _time in range(2):
		by_text.announce_unanswered()
	assert rung.count(thread_of(phones[0]).name) == 1


def test_a_newer_question_is_what_a_number_answers(say, phones, reports):
	say(phones[0], SICK)
	say(phones[0], "STOP")
	say(phones[0], "1")
	assert not reports()
	assert ledger.read([phones[0]])[phones[0]].opt_outs


def test_who_opted_out_is_not_asked(say, phones, reports):
	say(phones[0], "STOP")
	assert say(phones[0], SICK) is None
	assert not reports() and thread_of(phones[0]).status == "Waiting"


def test_other_words_keep_waiting_for_the_office(say, phones, reports):
	say(phones[0], "May she bring the book tomorrow?")
	say(phones[0], SICK)
	say(phones[0], "1")
	assert len(reports()) == 1 and thread_of(phones[0]).status == "Waiting"


def test_an_unknown_and_a_shared_number_are_for_the_office(say, phones, reports, classroom):
	stranger = make.unlisted_phone()
	assert "Do you want to report" not in (say(stranger, SICK) or "")
	frappe.db.set_value("Guardian", f"{classroom.tag}-G1", "mobile_number", phones[0])
	frappe.db.commit()
	assert "Do you want to report" not in (say(phones[0], SICK) or "")
	assert not reports() and thread_of(phones[0]).status == "Waiting"


@pytest.mark.parametrize(
	"bar", [{"dialer_contact_permission": "None by Court Order"}, {"dialer_may_receive_records": 0}]
)
def test_a_guardian_without_the_right_is_not_asked(say, phones, reports, classroom, bar):
	link = {"parent": f"{classroom.tag}-Eva", "parenttype": "Student"}
	frappe.db.set_value("Student Guardian", link, bar)
	frappe.db.commit()
	assert "Do you want to report" not in (say(phones[1], SICK) or "")


def test_a_right_that_ends_before_the_answer_reports_nothing(say, phones, reports, classroom):
	say(phones[1], SICK)
	link = {"parent": f"{classroom.tag}-Eva", "parenttype": "Student"}
	frappe.db.set_value("Student Guardian", link, "dialer_contact_permission", "None by Court Order")
	frappe.db.commit()
	assert "Nothing was reported" in say(phones[1], "1")
	assert not reports()


def test_it_can_be_turned_off(say, phones, reports):
	set_settings({"absences_by_text": 0})
	assert "Do you want to report" not in (say(phones[0], SICK) or "")


def test_a_closed_conversation_opens_again_when_nothing_was_reported(say, phones):
	say(phones[0], SICK)
	conversation.close(conversation.open_of(phones[0]))
	frappe.db.commit()
	say(phones[0], "0")
	row = frappe.db.get_value("Dialer Conversation", {"phone": phones[0]}, ["status", "open_mark"])
	assert row == ("Waiting", "1")
