"""A campaign's details by language: a sentence and its details are in one, or all of it falls back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.messages import language, text
from school_dialer.messages.details import (
	DETAILS,
	NO_DETAILS,
	NO_TRANSLATION,
	Details,
	in_language,
	lacks,
	to_write,
	usable,
)
from school_dialer.messages.model import TEXT, VOICE, VOICEMAIL, Outgoing, Template, Words
from school_dialer.messages.sensitivity import student_records
from school_dialer.messages.spoken import speaker, voice
from tests.unit.messages.made import SCHOOL, recording
from tests.unit.messages.sample import FIELDS

REMINDS = {
	"en": "We remind you of an event. {{ campaign_details }}",
	"es": "Le recordamos un evento. {{ campaign_details }}",
	"ar": "{{ campaign_details }}",
}
TOLD = {"en": "The concert is on Thursday.", "es": "El concierto es el jueves.", "ar": "الحفل يوم الخميس."}
fields = {field.name: field for field in FIELDS}


def template(*languages: str, **more) -> Template:
	words = (Words(one, REMINDS[one], "News.", REMINDS[one]) for one in languages)
	return Template("Event", "Event", tuple(words), text=True, **more)


def details(*others: str) -> Details:
	return Details.of(TOLD["en"], "en", [(one, TOLD[one]) for one in others])


def said(made: Template, told: Details, spoken: str) -> str:
	values = {DETAILS: told}
	outgoing = Outgoing(SCHOOL, usable(made, values), values, fields, "Ana", spoken)
	heard = " ".join(speaker.sentences(voice.voice_twiml(outgoing, "").twiml))
	read = text.text_message(outgoing).body
	assert all((one in heard) == (one in read) for one in TOLD.values())
	return heard


def test_each_language_hears_its_own_details():
	made, told = template("en", "es", "ar"), details("es", "ar")
	for spoken in ("en", "es", "ar", "es-MX"):
		heard = said(made, told, spoken)
		assert [one for one, words in TOLD.items() if words in heard] == [spoken.split("-")[0]]


def test_without_its_details_a_language_hears_the_whole_message_in_the_schools():
	heard = said(template("en", "es"), details(), "es")
	assert "We remind you of an event. The concert is on Thursday." in heard
	assert "Le recordamos" not in heard


def test_an_emergency_stays_in_the_persons_language():
	made = replace(template("en", "es"), purpose="Emergency")
	assert "Le recordamos un evento. The concert is on Thursday." in said(made, details(), "es")
	assert lacks(made, details(), ["es"], VOICE) == {"es": NO_DETAILS}


def test_a_recording_that_is_played_instead_needs_no_details():
	made = template("en", "es")
	spoken = replace(made.translations[1], voice_recording=recording())
	made = replace(made, translations=(made.translations[0], spoken))
	assert usable(made, {DETAILS: details()}).translations[1].voice_recording
	after = replace(made, translations=(made.translations[0], replace(spoken, after_words=True)))
	assert not usable(after, {DETAILS: details()}).translations[1].has(VOICE)


def test_words_without_another_language_to_fall_back_on_stay():
	made = template("es")
	assert usable(made, {DETAILS: details()}) == made
	assert "Le recordamos un evento. The concert is on Thursday." in said(made, details(), "es")


def test_what_a_language_lacks():
	made = template("en", "es")
	assert lacks(made, details(), ["en", "es", "vi"], VOICE) == {"es": NO_DETAILS, "vi": NO_TRANSLATION}
	assert lacks(made, details("es"), ["es-MX"], TEXT) == {}
	assert lacks(made, details(), ["es"], VOICEMAIL) == {}, "a voicemail that says only that there are news"
	assert to_write(made, details()) == ["es"]
	assert to_write(made, details("es")) == []


def test_no_language_lacks_details_that_there_are_none_of():
	rewritten = Words("en", "The concert is off.", "News.", "The concert is off.")
	made = replace(template("en", "es"), translations=(rewritten, template("es").translations[0]))
	nothing = Details.of("", "en", [])
	assert lacks(made, nothing, ["en", "es"], VOICE) == lacks(made, nothing, ["es"], TEXT) == {}
	assert usable(made, {DETAILS: nothing}) == made
	assert lacks(made, details(), ["es"], VOICE) == {"es": NO_DETAILS}


def test_values_without_details_in_languages_stay_as_they_are():
	values = {DETAILS: "Plain", "school_name": "Riverside"}
	assert in_language(values, "es") is values and usable(template("en"), values) == template("en")


@pytest.mark.parametrize("told", ["Su hijo estuvo ausente hoy.", "Your child was absent today."])
def test_details_in_any_language_may_reveal_a_record(told):
	hidden = Details.of(TOLD["en"], "en", [("es", told)])
	assert student_records.is_about(template("en"), fields, hidden)
	assert student_records.details_reveal_records({DETAILS: hidden}, [DETAILS])
	assert not student_records.is_about(template("en"), fields, details("es"))


LANGUAGES = st.sampled_from(["en", "es", "ar", "es-MX", "vi", ""])


@given(
	st.lists(st.sampled_from(list(TOLD)), min_size=1, unique=True),
	st.lists(st.sampled_from(["es", "ar"]), unique=True),
	LANGUAGES,
	st.sampled_from([VOICE, TEXT, VOICEMAIL]),
)
def test_a_sentence_and_its_details_are_in_one_language(written, told, spoken, variant):
	made, own = template(*written), details(*told)
	choice = language.choose(usable(made, {DETAILS: own}).translations, spoken, "en", variant)
	assert choice, "no one is left without a message"
	mixed = variant != VOICEMAIL and not own.written_in(choice.words.language)
	assert not mixed or not set(written) & {"en", *told}, "mixed only if nothing else is written"
