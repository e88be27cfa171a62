from string import Formatter

import pytest

from school_dialer.messages.linter import spoken_seconds
from school_dialer.messages.model import School, Voice
from school_dialer.messages.phrases import language_for, languages, phrase, table
from school_dialer.messages.spoken.speaker import Speaker
from school_dialer.messages.spoken.voices import VOICES, is_language, is_name, voice_for


def placeholders(text):
	return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_language_has_every_phrase_with_the_same_placeholders(language):
	english = table("en")
	assert list(table(language)) == list(english)
	for key, text in table(language).items():
		assert placeholders(text) == placeholders(english[key]), key
		assert text.strip() == text and text


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_language_has_a_voice_and_names_its_keys(language):
	assert voice_for(language)
	for key, digit in (
		("stop_key", "9"),
		("stop_key_emergency", "9"),
		("inbound_stop", "9"),
		("gate", "1"),
		("again", "2"),
		("acknowledge", "1"),
		("again_zero", "0"),
		("record_told", "1"),
	):
		assert digit in table(language)[key]
	assert "STOP" in table(language)["text_stop"]


@pytest.mark.parametrize("language", sorted(languages()))
def test_identity_and_opt_out_are_short(language):
	identity = phrase("identity", language, identity="Riverside School")
	assert spoken_seconds(identity) < 5
	assert spoken_seconds(phrase("stop_key", language)) < 6


def test_the_five_languages_of_the_first_schools_are_there():
	assert {"en", "es", "zh", "ar", "vi"} <= languages()


def test_the_first_known_language_is_taken():
	assert language_for("es-MX", "vi") == "es"
	assert language_for("so", "vi") == "vi"
	assert language_for("", "xx") == "en"
	assert language_for("../../etc/passwd") == "en"


def test_values_are_not_formats():
	assert (
		phrase("identity", "en", identity="{number}{0.__class__}") == "This is {number}{0.__class__} calling."
	)


def test_voices():
	assert voice_for("es-MX") == VOICES["es-MX"]
	assert voice_for("es-US") == VOICES["es"]
	assert voice_for("so") is None
	assert voice_for("so", {"so": VOICES["ar"]}) == VOICES["ar"]


@pytest.mark.parametrize(
	"name", [voice.name for voice in VOICES.values()] + ["alice", "Google.de-DE-Chirp3-HD-Aoede"]
)
def test_names_of_voices(name):
	assert is_name(name)


@pytest.mark.parametrize(
	"name", ["", "x", 'Polly."/>', "Polly.A B", "Polly.<b>", "Polly." + "a" * 61, "Póly.Ana"]
)
def test_what_is_no_name_of_a_voice(name):
	assert not is_name(name)


def test_languages_of_voices():
	assert all(is_language(voice.language) for voice in VOICES.values())
	assert not any(map(is_language, ("", "en_US", "english", 'en"', "EN-us-x-y-z")))


def test_the_schools_own_voice_speaks():
	school = School(
		"Riverside", "Riverside", "+18005550142", "en", (("en", Voice("Polly.Matthew", "en-US")),)
	)
	speaker = Speaker(school, "en", VOICES)
	speaker.say_phrase(speaker.response, "goodbye")
	assert 'voice="Polly.Matthew"' in speaker.xml()
