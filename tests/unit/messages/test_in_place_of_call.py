"""The messages to recipients that no call reached hold no record, whatever the template says."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.messages import in_place_of_call
from school_dialer.messages.model import EDUCATIONAL, Outgoing, Template, Words
from school_dialer.messages.phrases import languages
from school_dialer.messages.spoken import phone_recording
from school_dialer.messages.spoken.speaker import PLAYED, sentences
from tests.unit.messages.made import SCHOOL, recording
from tests.unit.messages.sample import FIELDS

PAGE = "https://school.example/dialer-preferences"
EVENT = {
	"en": {
		"voice": "Hello {{ recipient_name }}, the concert is at {{ starts_at }}.",
		"text": "Concert at six.",
	}
}
ABSENCE = {"en": {"voice": "{{ absent_names }} missed school.", "text": "Please call about school."}}


def test_a_text_is_the_messages_own(outgoing):
	made = in_place_of_call.text(outgoing(EVENT), PAGE)
	assert made.body == "Riverside School: Concert at six.\nReply STOP to stop."


@pytest.mark.parametrize(
	"words", [{"en": {"voice": "Hi."}}, {"en": {"voice": "Hi.", "text": "{{ absent_names }}"}}]
)
def test_without_words_that_may_be_sent_it_asks_to_call_back(outgoing, words):
	made = in_place_of_call.text(outgoing(words), PAGE)
	assert "call us back at (800) 555-0142" in made.body and PAGE in made.body and "STOP" in made.body
	assert "Ana" not in made.body and made.fields == ()


def test_an_e_mail_holds_the_message_when_it_is_no_record(outgoing):
	mail = in_place_of_call.mail(outgoing(EVENT), PAGE)
	assert mail.subject == "A message from Riverside School"
	assert mail.paragraphs[0] == "Concert at six." and PAGE in mail.paragraphs[-1]
	spoken = {"en": {"voice": EVENT["en"]["voice"]}}
	assert (
		in_place_of_call.mail(outgoing(spoken), PAGE)
		.paragraphs[0]
		.startswith("Hello Maria Lopez, the concert")
	)


@pytest.mark.parametrize("purpose", ["Attendance", "Event"])
def test_an_e_mail_about_records_only_asks_to_call_back(outgoing, purpose):
	mail = in_place_of_call.mail(outgoing(ABSENCE, purpose=purpose), PAGE)
	assert len(mail.paragraphs) == 2 and "call us back" in mail.paragraphs[0] and mail.fields == ()


def test_what_a_person_lacks_is_no_reason_to_write_nothing(outgoing):
	mail = in_place_of_call.mail(outgoing({"en": {"text": "Dear {{ guardian_name }}"}}, values={}), PAGE)
	assert len(mail.paragraphs) == 2


NAMES = st.sampled_from([field.name for field in FIELDS])
WORDS = st.just("") | NAMES.map(lambda name: f"Words {{{{ {name} }}}}.")


@given(WORDS, WORDS, st.sampled_from(["Event", "Attendance", "Fees"]), st.booleans())
def test_no_educational_value_is_ever_written(voice, text, purpose, recorded):
	catalogue = {field.name: field for field in FIELDS}
	values = {field.name: field.example for field in FIELDS}
	words = Words("en", voice, "", text, voice_recording=recording(EDUCATIONAL) if recorded else None)
	one = Outgoing(
		SCHOOL, Template("T", purpose, (words,), True, True), values, catalogue, "Maria Lopez", "en"
	)
	written = in_place_of_call.text(one, PAGE).body + " ".join(in_place_of_call.mail(one, PAGE).paragraphs)
	assert "March 9" not in written and "12.5" not in written
	if purpose != "Event":
		assert "Ana" not in written and "Luis" not in written


@pytest.mark.parametrize("language", sorted(languages()))
def test_dictation_says_who_and_how_to_stop_and_records_only_after_a_key(language):
	begin = phone_recording.begin_twiml(SCHOOL, language, "https://x/key")
	assert len(sentences(begin)) == 4 and "<Record" not in begin and "9" in sentences(begin)[1]
	root = ElementTree.fromstring(
		phone_recording.record_twiml(SCHOOL, language, "https://x/take", "https://x/status")
	)
	assert [step.tag for step in root] == ["Say", "Record", "Say", "Say", "Record", "Say", "Say", "Hangup"]
	(first, _second) = root.iter("Record")
	assert (first.get("action"), first.get("maxLength"), first.get("playBeep")) == (
		"https://x/take",
		"180",
		"true",
	)
	review = sentences(phone_recording.review_twiml(SCHOOL, language, "https://x/key", "https://x/RE1"))
	assert PLAYED in review and "1" in review[2] and "2" in review[2]
