"""The code reaches the number by text and by call, read from the simulated carrier's journal."""

import re

import frappe
import pytest

from school_dialer.base.database.db_thread import DbThread
from school_dialer.compliance.vocabulary import TEXT, VOICE
from school_dialer.consent import ledger
from school_dialer.consent.choices import rate_limits
from school_dialer.consent_form import answers, codes, proof
from school_dialer.followup import confirmations, consent_codes
from tests.integration import factories as make
from tests.integration.with_carrier.running import opting_out_at_the_slot, texts_to


@pytest.fixture(autouse=True)
def uncounted(monkeypatch):
	monkeypatch.setattr(rate_limits, "over", lambda *_: False)


def signed(number: str, language: str = "en") -> frappe._dict:
	row = answers.keep(
		answers.NewAnswer(
			signature="Maria Prueba",
			relation="Parent",
			choices={("Voice", "Attendance"): True, ("Text", "Fees"): False},
			statement="You may call me.",
			shown="You may call me.",
			language=language,
			phone=number,
		)
	)
	frappe.db.commit()
	return row


def asked(row: frappe._dict, channel: str) -> str:
	sent = codes.send(row, channel)
	frappe.db.commit()
	return sent


def said_to(carrier, number: str) -> str:
	return " ".join(
		sentence for line in carrier.log("twiml") if line["to"] == number for sentence in line["sentences"]
	)


def test_the_code_of_a_text_proves_the_number(carrier):
	number = make.unlisted_phone()
	row = signed(number)
	assert asked(row, TEXT) == codes.SENT
	confirmations.send_due()
	(body,) = texts_to(carrier, number)
	code = re.search(r"\b\d{6}\b", body).group()
	assert codes.check(row.name, code) == codes.RIGHT
	frappe.db.commit()
	assert proof.proven(row.name, number) == answers.FOR_OFFICE
	frappe.db.commit()
	log = frappe.get_all("Dialer Call Log", {"phone": number}, ["content", "verdict"])[0]
	assert log.verdict == "ALLOW" and code not in (log.content or "")


def test_an_opt_out_does_not_keep_the_text_back_and_a_call_it_does(carrier):
	number = make.unlisted_phone()
	ledger.opt_out(number, scope="everything", evidence=make.evidence("Keypad"))
	row = signed(number, "es")
	assert asked(row, VOICE) == codes.SENT
	consent_codes.place(row.name)
	assert not frappe.db.count("Dialer Call Log", {"phone": number})
	assert asked(row, TEXT) == codes.SENT
	confirmations.send_due()
	assert any("formulario de la escuela" in body for body in texts_to(carrier, number))


def test_an_opt_out_while_the_call_waits_for_its_slot_keeps_it_back(carrier, monkeypatch):
	number = make.unlisted_phone()
	row = signed(number)
	asked(row, VOICE)
	opting_out_at_the_slot(monkeypatch, number)
	with DbThread() as job:
		job.submit(consent_codes.place, row.name).result()
	frappe.db.rollback()
	assert not frappe.db.count("Dialer Call Log", {"phone": number})


def test_the_code_of_a_call_proves_the_number(carrier, answering):
	number = make.unlisted_phone()
	answering(number, "answers")
	row = signed(number)
	assert asked(row, VOICE) == codes.SENT
	consent_codes.place(row.name)
	carrier.wait_until_idle()
	frappe.db.rollback()
	code = re.search(r"(\d, ){5}\d", said_to(carrier, number)).group().replace(", ", "")
	assert codes.check(row.name, code) == codes.RIGHT
	frappe.db.commit()
	log = frappe.get_all("Dialer Call Log", {"phone": number}, ["content", "status"])[0]
	assert code not in (log.content or "")


def test_one_request_makes_one_call(carrier, answering):
	number = make.unlisted_phone()
	answering(number, "answers")
	row = signed(number)
	asked(row, VOICE)
	for _time in range(3):
		consent_codes.place(row.name)
	carrier.wait_until_idle()
	frappe.db.rollback()
	assert frappe.db.count("Dialer Call Log", {"phone": number}) == 1


def test_a_call_after_the_code_is_over_says_none(carrier, answering):
	number = make.unlisted_phone()
	answering(number, "answers")
	row = signed(number)
	asked(row, VOICE)
	answers.update(row, status=answers.EXPIRED)
	frappe.db.commit()
	consent_codes.place(row.name)
	frappe.db.rollback()
	assert not frappe.db.count("Dialer Call Log", {"phone": number})


@pytest.mark.parametrize("settings_lack", ["account_sid"])
def test_a_call_waits_for_no_one_while_settings_are_not_complete(carrier, monkeypatch, settings_lack):
	from school_dialer.settings import carrier_settings

	number = make.unlisted_phone()
	row = signed(number)
	asked(row, VOICE)
	monkeypatch.setattr(carrier_settings.settings(), settings_lack, "")
	consent_codes.place(row.name)
	assert not frappe.db.count("Dialer Call Log", {"phone": number})
