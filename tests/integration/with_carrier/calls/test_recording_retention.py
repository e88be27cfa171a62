"""A spoken reason is stored at the carrier until retention, an erasure or another answer.

Then it is deleted there, later if the carrier cannot do it at once.
"""

import frappe
import pytest
import requests

from dev.demo.stage import SENDER
from school_dialer.calls import inbound, pins, recording_retention, survey_answers
from school_dialer.carriers.base import ConnectionFailed, Refused
from school_dialer.carriers.twilio import TwilioCarrier
from school_dialer.messages.sound import audio
from school_dialer.messages.spoken.question import REASON
from school_dialer.privacy import conversation_copies, erasure, person
from school_dialer.settings import carrier_settings
from tests.integration import factories as make
from tests.integration.http_desk import Desk
from tests.integration.with_carrier.follow_ups import family as unreached
from tests.integration.with_carrier.follow_ups import follow_up
from tests.integration.with_carrier.keypad import family, run

pytestmark = [pytest.mark.dates, pytest.mark.exhaustive]

PLAY = "school_dialer.desk.responses.spoken_reason"


def at_the_carrier(sid: str) -> bool:
	return carrier_settings.carrier().fetch_recording(sid, audio.MOST_BYTES) is not None


def spoken(carrier, answering):
	doc, number, _school = family(asks=REASON)
	answering(number, "presses", digits=["1", "5", "1"])
	log, _said = run(doc, carrier)
	answer = frappe.get_last_doc("Dialer Answer", {"campaign": doc.name})
	assert at_the_carrier(answer.recording)
	return log, answer


@pytest.mark.story
def test_an_erasure_deletes_recording_and_pin_and_tries_again(
	carrier,
	answering,
	recording_on,
	monkeypatch,
):
	_log, answer = spoken(carrier, answering)
	pins.make_pin("Guardian", answer.person, "Ana")
	pin = pins.row_of("Guardian", answer.person).name
	subject = person.of_record("Guardian", answer.person)
	assert person.export(subject)["kept"]["Dialer PIN"]
	report = erasure.erase(subject, really=True)
	frappe.db.commit()
	assert any("spoken words" in line for line in report.removed)
	assert pins.refusal("Guardian", answer.person) == "no PIN"
	assert not frappe.db.sql("select 1 from `__Auth` where doctype = 'Dialer PIN' and name = %s", pin)

	def fails(self, sid):
		raise ConnectionFailed("The carrier cannot be reached.")

	with monkeypatch.context() as patch:
		patch.setattr(TwilioCarrier, "delete_recording", fails)
		recording_retention.delete_due()
	assert frappe.db.get_value("Dialer Answer", answer.name, "recording") == answer.recording
	recording_retention.delete_due()
	assert not at_the_carrier(answer.recording)
	assert frappe.db.get_value("Dialer Answer", answer.name, "recording") == ""


@pytest.fixture
def listeners(web):
	"""Yield three users of the site's HTTP API by name.

	The registrar is an agent who may read students. The agent may not read them. The teacher may read
	students but has no role of the dialer.
	"""
	found = {
		"registrar": Desk(web, "Dialer Agent", "Academics User"),
		"agent": Desk(web, "Dialer Agent"),
		"teacher": Desk(web, "Academics User"),
	}
	frappe.db.commit()
	yield found
	frappe.db.rollback()
	for desk in found.values():
		frappe.db.delete("Access Log", {"user": desk.user})
		frappe.delete_doc("User", desk.user, force=True)
	frappe.db.commit()


def test_who_may_read_the_student_listens_and_it_is_written_down(
	carrier,
	answering,
	recording_on,
	listeners,
):
	_log, answer = spoken(carrier, answering)
	settings_doc = frappe.get_doc("Dialer Settings")
	secret = settings_doc.get_password("auth_token")
	played = listeners["registrar"].call(PLAY, answer=answer.name)
	assert (played.status_code, played.headers["Content-Type"]) == (200, "audio/wav")
	assert played.content[:4] == b"RIFF" and played.content == carrier_settings.carrier().fetch_recording(
		answer.recording, audio.MOST_BYTES
	)
	assert "no-store" in played.headers["Cache-Control"] and not played.history
	assert secret not in str(played.headers) and carrier.url not in str(played.headers)
	for who in ("agent", "teacher"):
		refused = listeners[who].call(PLAY, answer=answer.name)
		assert refused.status_code == 403 and b"RIFF" not in refused.content
	assert (
		requests.post(f"{listeners['agent'].url}/api/method/{PLAY}", {"answer": answer.name}).status_code
		== 403
	)
	assert listeners["registrar"].get(f"api/method/{PLAY}", answer=answer.name).status_code in (403, 405)
	frappe.db.rollback()
	noted = frappe.get_all(
		"Access Log",
		{"export_from": "Dialer Answer"},
		["user", "reference_document", "method"],
		order_by="name",
	)
	mine = [one for one in noted if one.reference_document == answer.name]
	assert [(one.user, one.method) for one in mine] == [(listeners["registrar"].user, "Spoken reason")]


def test_what_is_gone_is_said_to_be_gone(carrier, answering, recording_on, listeners):
	_log, answer = spoken(carrier, answering)
	carrier_settings.carrier().delete_recording(answer.recording)
	assert listeners["registrar"].call(PLAY, answer=answer.name).status_code == 404
	assert listeners["registrar"].call(PLAY, answer="no such answer").status_code == 404


def test_another_answer_deletes_the_recording(carrier, answering, recording_on):
	log, answer = spoken(carrier, answering)
	recording_retention.delete_due()
	assert at_the_carrier(answer.recording)
	log.students = []
	survey_answers.write(log, REASON, 1, "Illness", "")
	frappe.db.commit()
	recording_retention.delete_due()
	assert not at_the_carrier(answer.recording)
	assert frappe.db.get_value("Dialer Answer", answer.name, ["label", "discarded"]) == ("Illness", None)


def test_an_e_mail_that_names_a_student_is_in_the_disclosure_log(carrier, answering, mailer):
	said = {"voice": "{{ student_names }} sings.", "voicemail": "", "text": "{{ student_names }} sings."}
	doc, klass = unreached(
		answering, carrier, {"Ana": "ana@family.example"}, template=make.template(said=said)
	)
	follow_up(doc, carrier)
	(row,) = frappe.get_all(
		"Dialer Disclosure", {"campaign": doc.name}, ["student", "way", "fields_disclosed"], order_by="name"
	)
	assert (row.student, row.way) == (klass.student(0), "E-mail") and "student_names" in row.fields_disclosed


@pytest.fixture
def texted(number, unheard) -> str:
	"""Return the carrier's id of a text that a family sent, and that is kept in a conversation."""
	body = "Ana has a doctor's appointment, who can I talk to?"
	(sid,) = unheard(number, body)
	inbound.reply_to_text(sid, number, SENDER, body)
	frappe.db.commit()
	assert text_at_the_carrier(sid)
	return sid


def text_at_the_carrier(sid: str) -> bool:
	return carrier_settings.carrier().fetch_status("Text", sid) is not None


def test_a_text_goes_at_the_carrier_when_its_words_go_here(number, texted):
	recording_retention.delete_due()
	assert text_at_the_carrier(texted)
	(message,) = frappe.get_all(
		"Dialer Conversation Message", {"phone": number, "direction": "Received"}, pluck="name"
	)
	conversation_copies.clear_messages([message])
	frappe.db.commit()
	recording_retention.delete_due()
	frappe.db.rollback()
	assert not text_at_the_carrier(texted)
	assert not frappe.db.get_value("Dialer Call Log", {"carrier_sid": texted}, "discarded")


def test_a_text_goes_at_the_carrier_when_its_number_goes_here(number, texted, monkeypatch):
	erasure.erase(person.of_phone(number), really=True)
	frappe.db.commit()

	def fails(self, sid):
		raise ConnectionFailed("The carrier cannot be reached.")

	with monkeypatch.context() as patch:
		patch.setattr(TwilioCarrier, "delete_text", fails)
		recording_retention.delete_due()
	assert text_at_the_carrier(texted)
	recording_retention.delete_due()
	assert not text_at_the_carrier(texted)


def test_a_text_that_the_carrier_keeps_holds_up_no_other(number, texted, monkeypatch):
	frappe.db.set_value(
		"Dialer Call Log", {"carrier_sid": texted}, "discarded", texted, update_modified=False
	)
	frappe.db.commit()

	def refuses(self, sid):
		raise Refused("Not now.")

	monkeypatch.setattr(TwilioCarrier, "delete_text", refuses)
	recording_retention.delete_due()
	frappe.db.rollback()
	assert not frappe.db.get_value("Dialer Call Log", {"carrier_sid": texted}, "discarded")


def test_an_account_that_does_not_answer_holds_up_no_other(texted, unheard, monkeypatch):
	other, body = make.phone(), "Who can I talk to about Ana?"
	(sid,) = unheard(other, body)
	inbound.reply_to_text(sid, other, SENDER, body)
	for one, more in ((texted, {"carrier_account": "another"}), (sid, {})):
		values = {"discarded": one, **more}
		frappe.db.set_value("Dialer Call Log", {"carrier_sid": one}, values, update_modified=False)
	frappe.db.commit()
	monkeypatch.setattr(
		recording_retention, "delete_text", lambda _carriers, row: row.carrier_account != "another"
	)
	recording_retention.delete_due()
	frappe.db.rollback()
	assert [left(texted), left(sid)] == [texted, None]
	frappe.db.set_value("Dialer Call Log", {"carrier_sid": texted}, "discarded", None, update_modified=False)
	frappe.db.commit()


def left(sid: str) -> str | None:
	return frappe.db.get_value("Dialer Call Log", {"carrier_sid": sid}, "discarded")
