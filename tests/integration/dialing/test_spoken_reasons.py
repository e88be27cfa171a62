"""A spoken reason lies at the carrier until retention, an erasure or another answer: then it is deleted there, if need be later."""

import frappe

from school_dialer.carriers.base import Unreachable
from school_dialer.carriers.twilio import TwilioCarrier
from school_dialer.dialing import pins, responses, settings, spoken_reasons
from school_dialer.messages import audio
from school_dialer.messages.question import REASON
from school_dialer.privacy import erasure, person
from tests.integration import factories as make
from tests.integration.dialing.test_fallback import family as unreached
from tests.integration.dialing.test_fallback import follow_up, mailer  # noqa: F401
from tests.integration.dialing.test_keypad import family, recording_on, run  # noqa: F401
from tests.integration.dialing.test_retries import schools_closed  # noqa: F401


def at_the_carrier(sid: str) -> bool:
	return settings.carrier().fetch_recording(sid, audio.MOST_BYTES) is not None


def spoken(carrier, answering):
	doc, number, _school = family(asks=REASON)
	answering(number, "presses", digits=["1", "5", "1"])
	log, _said = run(doc, carrier)
	answer = frappe.get_last_doc("Dialer Answer", {"campaign": doc.name})
	assert at_the_carrier(answer.recording)
	return log, answer


def test_an_erasure_deletes_recording_and_pin_and_tries_again(
	carrier,
	answering,
	recording_on,  # noqa: F811
	monkeypatch,
):
	_log, answer = spoken(carrier, answering)
	pins.choose("Guardian", answer.person, "Ana", "2580", "")
	pin = pins.row_of("Guardian", answer.person).name
	subject = person.of_record("Guardian", answer.person)
	assert person.export(subject)["kept"]["Dialer PIN"]
	report = erasure.erase(subject, really=True)
	frappe.db.commit()
	assert any("spoken reasons" in line for line in report.removed)
	assert pins.standing("Guardian", answer.person) == "no PIN"
	assert not frappe.db.sql("select 1 from `__Auth` where doctype = 'Dialer PIN' and name = %s", pin)

	def fails(self, sid):
		raise Unreachable("The carrier cannot be reached.")

	with monkeypatch.context() as patch:
		patch.setattr(TwilioCarrier, "delete_recording", fails)
		spoken_reasons.delete_due()
	assert frappe.db.get_value("Dialer Answer", answer.name, "recording") == answer.recording
	spoken_reasons.delete_due()
	assert not at_the_carrier(answer.recording)
	assert frappe.db.get_value("Dialer Answer", answer.name, "recording") == ""


def test_another_answer_deletes_the_recording(carrier, answering, recording_on):  # noqa: F811
	log, answer = spoken(carrier, answering)
	spoken_reasons.delete_due()
	assert at_the_carrier(answer.recording)
	log.students = []
	responses.write(log, REASON, 1, "Illness", "")
	frappe.db.commit()
	spoken_reasons.delete_due()
	assert not at_the_carrier(answer.recording)
	assert frappe.db.get_value("Dialer Answer", answer.name, ["label", "discarded"]) == ("Illness", None)


def test_an_e_mail_that_names_a_student_is_in_the_disclosure_log(carrier, answering, mailer):  # noqa: F811
	said = {"voice": "{{ student_names }} sings.", "voicemail": "", "text": "{{ student_names }} sings."}
	doc, klass = unreached(
		answering, carrier, {"Ana": "ana@family.example"}, template=make.template(said=said)
	)
	follow_up(doc, carrier)
	(row,) = frappe.get_all(
		"Dialer Disclosure", {"campaign": doc.name}, ["student", "way", "fields_told"], order_by="name"
	)
	assert (row.student, row.way) == (klass.student(0), "E-mail") and "student_names" in row.fields_told
