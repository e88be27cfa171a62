"""A guardian reports an absence by keys: who it is, which child, what, why, and done."""

import frappe
import pytest

from dev.demo import stage
from dev.demo.stage import SENDER
from school_dialer.calls import absence_identity, absence_line, pins
from school_dialer.consent import ledger
from school_dialer.messages.phrases import phrase
from tests.integration import factories as make
from tests.integration.with_carrier.households import set_settings
from tests.integration.with_carrier.rules import today

pytestmark = pytest.mark.dates

BORN = "05012016"


@pytest.fixture
def call(carrier, web):
	"""Return a function that calls the absence line from a number and presses keys, in each answer one."""
	line = f"{web}/api/method/school_dialer.webhooks.twilio.absence_line"
	carrier.control("numbers", {SENDER: {"voice_url": line}})

	def dial(number: str, *keys: str) -> dict:
		behaviour = {"behaviour": "presses", "digits": [*keys]} if keys else {"behaviour": "answers"}
		heard = carrier.control("inbound_call", {"from": number, "to": SENDER, **behaviour})
		frappe.db.rollback()
		return heard

	yield dial
	stage.register(carrier, web)


def said(heard: dict) -> str:
	return "\n".join(heard["sentences"])


def test_a_guardian_reports_by_birth_date_and_keys(call, phones, reports, classroom):
	heard = call(phones[0], BORN, "2", "1", "2", "1")
	words = said(heard)
	assert "two for the month" in words and "It is reported" in words
	assert words.index("birth date") < words.index("Luis")
	(report,) = reports()
	assert (report.student, report.kind, report.channel) == (f"{classroom.tag}-Luis", "Absence", "Phone")
	assert (report.reason, report.phone, report.from_day) == ("Appointment", phones[0], today())
	log = frappe.get_last_doc("Dialer Call Log", {"carrier_sid": heard["sid"]})
	assert BORN not in str(log.as_dict())


def test_an_only_child_is_not_chosen_and_tomorrow_is(call, phones, reports):
	assert "Eva" in said(call(phones[1], BORN, "2", "1", "1"))
	(report,) = reports()
	assert report.from_day == frappe.utils.add_days(today(), 1)


def test_late_today(call, phones, reports):
	call(phones[1], BORN, "3", "4", "1")
	(report,) = reports()
	assert report.kind == "Late arrival" and report.expected_at and report.reason == "Other"


def test_starting_again_reports_what_was_said_last(call, phones, reports):
	call(phones[0], BORN, "1", "1", "1", "0", "2", "3", "1", "1")
	(report,) = reports()
	assert report.student.endswith("Luis") and report.kind == "Late arrival"


def test_hanging_up_before_the_end_reports_nothing(call, phones, reports):
	call(phones[0], BORN, "1", "1", "1")
	assert not reports()


def test_a_guardian_with_a_pin_enters_it(call, phones, reports, classroom):
	pins.keep_pin("Guardian", f"{classroom.tag}-G1", "Guardian 1", "2580", "office@school.example")
	frappe.db.commit()
	heard = said(call(phones[1], BORN, BORN, BORN))
	assert "Eva" not in heard and phrase("absence_no_match", "en") in heard
	heard = said(call(phones[1], "2580", "1", "1", "1"))
	assert "enter your PIN" in heard and len(reports()) == 1
	frappe.db.delete("Dialer PIN", {"person": f"{classroom.tag}-G1"})
	frappe.db.commit()


@pytest.mark.parametrize("guess", ["05022016", "01052016", "2016", "99999999", "00000000", "0", "5555"])
def test_a_wrong_birth_date_names_no_child(call, phones, reports, guess):
	heard = said(call(phones[1], guess, "1", "1", "1"))
	assert "Eva" not in heard and not reports()


def test_guesses_are_counted_over_calls(call, phones, reports):
	for count in range(absence_identity.TRIES_A_DAY // 3):
		call(phones[1], *(f"0{month}1{count}2015" for month in (1, 2, 3)))
	heard = said(call(phones[1], BORN, "1", "1", "1"))
	assert "call the office" in heard and "Eva" not in heard and not reports()


def test_nine_stops_calls_here_too(call, phones, reports):
	call(phones[1], BORN, "9")
	assert ledger.read([phones[1]])[phones[1]].opt_outs and not reports()


def test_whom_it_is_offered_to(phones, classroom, carrier):
	assert absence_line.is_offered(phones[0])
	assert not absence_line.is_offered(make.unlisted_phone())
	set_settings({"absences_by_phone": 0})
	assert not absence_line.is_offered(phones[0])
	set_settings({"absences_by_phone": 1})
	frappe.db.set_value("Guardian", f"{classroom.tag}-G1", "mobile_number", phones[0])
	assert not absence_line.is_offered(phones[0])


def test_a_stranger_is_sent_to_the_office(call, reports):
	assert "call the office" in said(call(make.unlisted_phone(), BORN, "1"))


def test_a_repeated_request_reports_once(hooks, phones, reports):
	form = {"CallSid": f"CA{phones[1][2:]}", "From": phones[1], "To": SENDER}
	hooks.post("absence_line", {}, form)
	for turn, digits in enumerate((BORN, "1", "1", "1", "1")):
		for _time in range(2):
			answer = hooks.post("absence_line", {"turn": str(turn)}, {**form, "Digits": digits})
			assert answer.status_code == 200
	assert len(reports()) == 1


def test_a_forged_request_opens_nothing(hooks, phones, reports):
	form = {"CallSid": f"CA{phones[1][2:]}", "From": phones[1], "To": SENDER, "Digits": BORN}
	answer = hooks.post("absence_line", {"turn": "0"}, form, signature="x")
	assert answer.status_code == 403 and "Eva" not in answer.text and not reports()
