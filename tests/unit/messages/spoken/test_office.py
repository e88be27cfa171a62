"""What is said on the way to the office, in every language, as documents that the carrier follows."""

from datetime import date, time

import pytest

from dev.carrier.twiml import parse
from school_dialer.messages.phrases import languages, phrase
from school_dialer.messages.spoken import dial, office
from school_dialer.messages.spoken.office import Hours, Offer
from school_dialer.messages.spoken.speaker import sentences
from tests.unit.messages.spoken.twiml_schema import check

URL = "https://school.example/api/method/office?log=a&turn=1"
OPEN, CLOSED = Hours(time(16)), Hours(time(8), date(2026, 11, 30))
PURPOSES = ("Attendance", "Academic", "Event", "Fees", "Fundraising", "Emergency", "General")
DIAL = dial.Dial("+13125550142", "+13125550100", 25, f"{URL}&about=Event", URL, URL)


@pytest.fixture(params=sorted(languages()))
def language(request) -> str:
	return request.param


def followed(xml: str) -> list:
	check(xml)
	document = parse(xml)
	assert document.warnings == ()
	return list(document.verbs)


def test_the_caller_hears_that_they_are_connected_and_the_office_is_called(school, language):
	say, dialed = followed(office.connect_twiml(school, language, DIAL))
	assert say.text == phrase("office_connect", language)
	assert dialed.attributes["callerId"] == "+13125550100" and dialed.attributes["timeout"] == "25"
	assert [noun.text for noun in dialed.nested] == ["+13125550142"]
	assert dialed.nested[0].attributes["url"].endswith("about=Event")


@pytest.mark.parametrize("purpose", PURPOSES)
def test_the_office_hears_the_purpose_in_the_schools_language(school, purpose):
	verbs = followed(office.whisper_twiml(school, purpose, URL))
	assert [verb.name for verb in verbs] == ["Gather", "Gather", "Hangup"]
	said = sentences(office.whisper_twiml(school, purpose, URL))
	assert set(said) == {phrase(f"whisper_{purpose.lower()}", school.language)}


@pytest.mark.parametrize("about", ["", "Ana Lopez", "attendance_key", "../en", "key"])
def test_anything_else_is_only_a_call_for_the_office(school, about):
	assert set(sentences(office.whisper_twiml(school, about, URL))) == {phrase("whisper", school.language)}


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("records", [True, False])
@pytest.mark.parametrize("returns", [True, False])
def test_who_is_not_connected_hears_why_and_what_they_may_do(school, language, closed, records, returns):
	offer = Offer(CLOSED if closed else OPEN, closed, records, returns)
	xml = office.offer_twiml(school, language, offer, URL)
	verbs, said = followed(xml), sentences(xml)
	assert (verbs[0].name == "Gather") == (records or returns)
	assert (phrase("office_not_reached", language) in said) != closed
	assert (phrase("office_message", language) in said) == records
	assert (phrase("office_return", language) in said) == returns
	assert verbs[-1].name == "Hangup"


def test_a_message_is_recorded_and_acknowledged(school, language):
	record = followed(office.record_twiml(school, language, URL, URL))
	assert [verb.name for verb in record] == ["Say", "Record", "Say", "Say", "Hangup"]
	assert record[1].attributes["maxLength"] == str(office.MESSAGE_SECONDS)
	for hours in (OPEN, CLOSED):
		followed(office.kept_twiml(school, language, hours, "911"))
	assert "9 1 1" in " ".join(sentences(office.kept_twiml(school, "en", OPEN, "911")))


def test_the_rest_ends_or_goes_on(school, language):
	followed(office.goodbye_twiml(school, language))
	assert [verb.name for verb in followed(office.back_twiml(URL))] == ["Redirect"]
	assert parse(office.bridge_twiml()).verbs == ()


def test_every_purpose_of_a_campaign_has_its_words(language):
	for purpose in PURPOSES:
		assert office.whisper_phrase(purpose) == f"whisper_{purpose.lower()}"
