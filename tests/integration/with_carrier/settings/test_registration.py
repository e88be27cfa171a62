"""What carriers and the law require before a school texts and calls.

It needs registered senders, an opt-out in voicemail, and an account that is not a trial.
"""

import frappe
import pytest

from dev.demo import stage
from school_dialer.base import clock
from school_dialer.carriers.base import AccountState
from school_dialer.desk import settings as desk
from school_dialer.messages import store
from school_dialer.settings import carrier_settings, live_checklist
from tests.integration import factories as make

TEXTS, WAY_OUT, TRIAL = "Registration for texts", "Toll-free number to stop calls", "Trial account"
SERVICE = "MG" + "0123456789abcdef" * 2


@pytest.fixture
def doc(school):
	return frappe.get_doc("Dialer Settings")


def line(doc, title: str):
	return next((one for one in live_checklist.checklist(doc) if one.title == title), None)


def refused_text(code: str, placed_at=None) -> None:
	"""Insert a text that the carrier reported as undelivered."""
	name = frappe.generate_hash(length=16)
	frappe.get_doc(
		{
			"doctype": "Dialer Call Log",
			"name": name,
			"direction": "Inbound",
			"channel": "Text",
			"phone": make.phone(),
			"status": "undelivered",
			"status_rank": 90,
			"placed_at": placed_at or clock.db_now(),
			"error_code": code,
		}
	).db_insert()
	frappe.db.sql(
		"update `tabDialer Call Log` set direction = 'Outbound', verdict = 'ALLOW' where name = %s", name
	)


def test_a_us_school_declares_that_its_texts_are_registered(doc, no_refusals):
	assert not line(doc, TEXTS).done and "10DLC" in line(doc, TEXTS).missing
	doc.texts_registered = 1
	doc.texts_registered_by, doc.texts_registered_at = "Guest", "2020-01-01 00:00:00"
	doc.save()
	assert line(doc, TEXTS).done
	assert doc.texts_registered_by == "Administrator"
	declared = frappe.utils.get_datetime(doc.texts_registered_at)
	assert declared > frappe.utils.add_to_date(clock.db_now(), hours=-1)
	doc.texts_registered_at = "2020-01-01 00:00:00"
	doc.save()
	assert frappe.utils.get_datetime(doc.texts_registered_at) == declared, (
		"the declaration is not dated by hand"
	)
	doc.texts_registered = 0
	doc.save()
	assert not line(doc, TEXTS).done and not doc.texts_registered_by and not doc.texts_registered_at


@pytest.mark.parametrize("code", ["30032", "30034"])
def test_the_carriers_refusal_opens_the_line_again(doc, no_refusals, code):
	doc.texts_registered = 1
	doc.save()
	refused_text("30003")
	assert line(doc, TEXTS).done, "an unreachable phone says nothing of the registration"
	refused_text(code, frappe.utils.add_to_date(clock.db_now(), minutes=-5))
	assert line(doc, TEXTS).done, "it was sent before the declaration"
	refused_text(code, frappe.utils.add_to_date(clock.db_now(), minutes=5))
	assert not line(doc, TEXTS).done and code in line(doc, TEXTS).missing


def test_what_is_to_be_registered_depends_on_the_senders(doc, no_refusals):
	number = doc.sending_numbers[0]
	number.phone_number = "+18005550144"
	assert "toll-free verification" in line(doc, TEXTS).missing and "10DLC" not in line(doc, TEXTS).missing
	doc.append(
		"sending_numbers",
		{"phone_number": SERVICE, "channel": "Text", "calls_per_second": 1, "enabled": 1},
	)
	assert "10DLC" in line(doc, TEXTS).missing
	for row in doc.sending_numbers:
		row.channel = "Voice"
	assert line(doc, TEXTS) is None, "no texts, no registration"


def test_a_school_elsewhere_registers_nothing(doc):
	doc.default_country = "India"
	doc.sending_numbers[0].phone_number = "+912266331234"
	assert line(doc, TEXTS) is None and line(doc, WAY_OUT) is None
	doc.sending_numbers[0].phone_number = stage.SENDER
	assert not line(doc, TEXTS).done, "it texts from a US number"


def test_texts_for_the_form(doc):
	doc.privacy_policy_url = "https://school.example/privacy"
	doc.save()
	make.template("Event", text=1)
	found = {one["label"]: one for one in desk.registration()}
	assert "Riverside School District" in found["Campaign description"]["text"]
	assert "/dialer-preferences" in found["How people agree (message flow)"]["text"]
	assert found["Sample message 1"]["text"].startswith("Riverside School District: ")
	assert found["Privacy policy"]["text"] == "https://school.example/privacy"
	for label in ("Opt-in confirmation", "Answer to HELP"):
		said = found[label]["text"]
		assert all(
			word in said
			for word in (
				"Riverside School District",
				"Message frequency varies",
				"Message and data rates may apply",
				"STOP",
				"https://school.example/privacy",
			)
		), said
		assert 0 < found[label]["segments"] <= 2


def test_the_privacy_link_is_the_preference_page_until_there_is_another(doc):
	assert store.school().privacy_url.endswith("/dialer-preferences")


@pytest.mark.parametrize(
	"url",
	[
		"javascript:alert(1)",
		"http://school.example/privacy",
		"https://",
		"https://school",
		"https://school.example:99999/x",
		"https://user:secret@school.example/",
		"https://school.example/a b",
		"https://school.example/\nSTOP",
		"https://school.example/<script>",
		"https://[::1",
		"https://school.example/" + "x" * 200,
		"https://schoöl.example/",
		"ftp://school.example/privacy",
	],
)
def test_what_is_no_address_of_a_policy(doc, url):
	doc.privacy_policy_url = url
	with pytest.raises(frappe.ValidationError, match="privacy policy URL"):
		doc.save()


@pytest.mark.parametrize(
	"sid",
	[
		"MG",
		"MG" + "0" * 31,
		"MG" + "0" * 33,
		"MG" + "g" * 32,
		"mg' or 1=1 --",
		f"{SERVICE}\n{SERVICE}",
		"MG<b>",
	],
)
def test_what_is_no_messaging_service(doc, sid):
	doc.sending_numbers[0].update({"phone_number": sid, "channel": "Text"})
	with pytest.raises(frappe.ValidationError, match="MG and 32 characters"):
		doc.save()


def test_a_messaging_service_sends_texts_only(doc):
	doc.sending_numbers[0].phone_number = f" {SERVICE.upper()} "
	with pytest.raises(frappe.ValidationError, match="texts only"):
		doc.save()
	doc.reload()
	doc.sending_numbers[0].phone_number = f" {SERVICE.upper()} "
	doc.sending_numbers[0].channel = "Text"
	doc.save()
	assert [one.phone_number for one in carrier_settings.sending_numbers("Text")] == [SERVICE]
	assert not carrier_settings.sending_numbers("Voice")


@pytest.mark.parametrize("number", ["+13125550199", "+19005550199", "+442079460000"])
def test_the_way_out_of_voicemail_is_toll_free(doc, number):
	doc.opt_out_number = number
	with pytest.raises(frappe.ValidationError, match=r"not toll-free|not a telephone number"):
		doc.save()


def test_a_call_to_the_toll_free_number_closes_its_line(carrier, doc):
	assert stage.TOLL_FREE in line(doc, WAY_OUT).missing and not line(doc, WAY_OUT).done
	carrier.control("inbound_call", {"from": make.phone(), "to": stage.SENDER, "behaviour": "answers"})
	frappe.db.rollback()
	doc.reload()
	assert not line(doc, WAY_OUT).done, "another number was called"
	heard = carrier.control(
		"inbound_call", {"from": make.phone(), "to": stage.TOLL_FREE, "behaviour": "answers"}
	)
	assert any("press 9" in sentence for sentence in heard["sentences"])
	frappe.db.rollback()
	doc.reload()
	assert line(doc, WAY_OUT).done
	doc.opt_out_number = "+18005550149"
	assert not line(doc, WAY_OUT).done, "that one has not been called"
	doc.opt_out_number, doc.opt_out_reached = "+18005550149", "+18005550149"
	doc.save()
	assert not line(doc, WAY_OUT).done, "the proof is not written by hand"
	frappe.db.set_single_value("Dialer Settings", "opt_out_reached", None)
	frappe.db.commit()


def test_the_first_toll_free_sending_number_is_the_way_out(doc):
	doc.opt_out_number = ""
	assert store.opt_out_number(doc) == ""
	assert "toll-free number" in line(doc, WAY_OUT).missing
	doc.append(
		"sending_numbers",
		{"phone_number": "+18005550144", "channel": "Voice", "calls_per_second": 1, "enabled": 1},
	)
	assert store.opt_out_number(doc) == "+18005550144"


def test_voicemail_without_a_way_out_is_a_finding(doc):
	from school_dialer.messages import catalogue, linter

	name = make.template("Event")
	words = "no toll-free number"

	def found() -> list[str]:
		options = store.lint_options()
		return [
			one.message for one in linter.check_template(store.template(name), catalogue.fields(), **options)
		]

	assert not any(words in one for one in found())
	doc.opt_out_number = ""
	doc.save()
	assert any(words in one for one in found())


def test_a_trial_account_is_said_and_blocks_live_until_acknowledged(carrier, doc, monkeypatch):
	assert line(doc, TRIAL) is None
	monkeypatch.setattr(carrier_settings, "account", lambda: AccountState("Riverside", trial=True))
	desk.test_connection()
	doc.reload()
	assert not line(doc, TRIAL).done
	doc.trial_acknowledged = 1
	doc.save()
	assert line(doc, TRIAL).done
	doc.account_trial = 0
	doc.save()
	assert line(doc, TRIAL), "what the carrier reported is not changed by hand"
	monkeypatch.setattr(carrier_settings, "account", lambda: AccountState("Riverside"))
	desk.test_connection()
	doc.reload()
	assert line(doc, TRIAL) is None


def test_the_attestation_is_on_the_line_of_the_number(hooks, log, doc):
	def report(**more) -> None:
		form = {"CallSid": "CA" + "0" * 32, "CallStatus": "ringing", **more}
		assert hooks.post("status", {"log": log}, form).status_code == 204
		frappe.db.rollback()
		doc.reload()

	frappe.db.sql("update `tabDialer Sending Number` set attestation = null, attested_at = null")
	frappe.db.commit()
	report()
	assert not doc.sending_numbers[0].attestation
	report(StirStatus="B")
	assert doc.sending_numbers[0].attestation == "B" and doc.sending_numbers[0].attested_at
	for hostile in ("null", "", "<b>", "Z' or 1=1", "AAAA" * 50):
		report(StirStatus=hostile)
		assert doc.sending_numbers[0].attestation == "B"
	doc.sending_numbers[0].attestation = "A"
	doc.save()
	assert doc.sending_numbers[0].attestation == "B", "it is not written by hand"
	frappe.db.rollback()
	frappe.db.sql("update `tabDialer Sending Number` set attestation = null, attested_at = null")
	frappe.db.commit()


def test_a_forged_attestation_is_refused(hooks, log, doc):
	form = {"CallSid": "CA" + "0" * 32, "CallStatus": "ringing", "StirStatus": "C"}
	assert hooks.post("status", {"log": log}, form, signature="wrong").status_code == 403
	doc.reload()
	assert doc.sending_numbers[0].attestation != "C"
