"""Who may be asked by text or call, without a site."""

import pytest

from school_dialer.compliance import Consent, OptOut
from school_dialer.consent_drive.by_phone import message, who
from school_dialer.consent_drive.words import LANGUAGES
from school_dialer.messages import render
from school_dialer.messages.sensitivity import student_records
from tests.unit.compliance.cases import GIVEN, GRANTED, NOON, WRITTEN, amended, at, judge, request

EXEMPTING = amended(consent__landline_exempt_purposes=["General"])


def permitted(decision, about: str = "General") -> bool:
	return who.is_permitted(decision, about, NOON)


def test_an_exemption_of_landlines_is_no_consent():
	exempt = judge(request(line_type="landline"), policy=EXEMPTING)
	assert exempt.allowed and not permitted(exempt)
	assert permitted(judge(request(line_type="landline"), GIVEN, policy=EXEMPTING))


def test_a_consent_to_another_purpose_is_used_for_that_purpose_alone():
	fees = Consent("Text", "Fees", "number provided", GRANTED)
	assert permitted(judge(request(channel="Text", purpose="Fees"), fees))
	assert not permitted(judge(request(channel="Text"), fees))
	assert not permitted(judge(request(channel="Voice", purpose="Fees"), fees))


def test_who_waits_for_the_permitted_hours_may_be_asked():
	at_night = at("2026-05-12T08:00:00Z")
	decision = judge(request(), GIVEN, when=at_night)
	assert decision.verdict == "DEFER" and who.is_permitted(decision, "General", at_night)


def test_who_refused_the_drive_s_own_purpose_is_not_asked_under_another():
	fees = Consent("Text", "Fees", "number provided", GRANTED)
	refused = OptOut("this purpose", "Event", "Text", GRANTED)
	decision = judge(request(channel="Text", purpose="Fees"), fees, opt_outs=(refused,))
	assert decision.allowed
	assert permitted(decision, "General") and not permitted(decision, "Event")


@pytest.mark.parametrize("about", who.SCHOOL_PURPOSES)
def test_the_drive_s_own_purpose_comes_first_and_fund_raising_never(about):
	found = who.purposes_for(about)
	assert found[0] == about and sorted(found) == sorted(who.SCHOOL_PURPOSES)


def test_only_the_written_consent_to_fund_raising_permits_asking_for_more_of_it():
	assert who.purposes_for("Fundraising") == ("Fundraising",)
	decision = judge(request(purpose="Fundraising"), WRITTEN)
	assert permitted(decision, "Fundraising")


def test_the_words_are_in_the_languages_of_the_letters():
	assert set(message.words()) == set(LANGUAGES)
	for said in message.words().values():
		assert set(said) == {"text", "voice", "voicemail"}
		assert "{{ consent_form_link }}" in said["text"] and "{{" not in said["voice"] + said["voicemail"]


@pytest.mark.parametrize("language", sorted(message.words()))
def test_an_address_keeps_its_own_characters(language):
	url = "https://school.example/dialer-consent?t=" + "x" * 38
	assert render._isolated(url, language) == url


@pytest.mark.parametrize("language", sorted(message.words()))
def test_the_words_speak_of_no_record(language):
	for said in message.words()[language].values():
		assert not student_records.reveals_records(said, language)
