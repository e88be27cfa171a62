"""What carriers require in messages, and what to enter in their forms."""

import dataclasses

import pytest

from school_dialer.messages import registration, text
from school_dialer.messages.model import School, SchoolIncomplete
from school_dialer.messages.phrases import languages, phrase
from school_dialer.messages.segments import segments

PRIVACY = "https://school.example/privacy"
MOST_SEGMENTS = {"en": 2, "es": 3, "vi": 5, "zh": 3, "ar": 5}
"""GSM-7 for English and Spanish; the others are UCS-2, with 67 characters per segment."""


@pytest.fixture
def school() -> School:
	return School("Riverside School", "Riverside School", "+18005550142", "en", privacy_url=PRIVACY)


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("answer", [text.help_text, text.opted_in])
def test_the_confirmation_and_help_say_what_carriers_want(school, language, answer):
	said = answer(school, language)
	assert said.startswith("Riverside School: ")
	assert "STOP" in said and PRIVACY in said
	assert phrase("text_terms", language) in said
	assert segments(said).count <= MOST_SEGMENTS[language], (segments(said), said)


def test_only_the_confirmation_has_to_name_help(school):
	for language in languages():
		assert "HELP" in text.opted_in(school, language)


def test_no_link_is_named_where_there_is_none(school):
	said = text.help_text(dataclasses.replace(school, privacy_url=""))
	assert "Privacy" not in said and "Message and data rates may apply" in said


def test_everything_that_the_form_asks_for(school):
	found = {one.label: one for one in registration.entries(school, ["a", "b"], "https://school.example/p")}
	assert [found[f"Sample message {number}"].text for number in (1, 2)] == ["a", "b"]
	assert found["Answer to STOP"].text == text.opt_out_confirmation(school, code=text.SAMPLE_RECEIPT)
	assert found["Answer to HELP"].segments == segments(text.help_text(school)).count
	assert "https://school.example/p" in found["How people agree (message flow)"].text
	assert all(one.text for one in found.values())


def test_five_samples_at_most_and_braces_are_only_braces(school):
	hostile = dataclasses.replace(school, name="{preferences}{0.__class__}", identity="{x}")
	made = list(registration.entries(hostile, ["one"] * 9, "https://school.example/{school}"))
	assert sum(one.label.startswith("Sample") for one in made) == registration.MOST_SAMPLES
	assert "{preferences}{0.__class__}" in made[0].text


def test_a_school_without_a_name_is_told(school):
	with pytest.raises(SchoolIncomplete):
		list(registration.entries(School("", "", ""), [], ""))
