"""Recordings in place of words and after them: never silence, never a record to an unconfirmed listener."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.messages import linter
from school_dialer.messages.errors import MessageError, RecordingMissing
from school_dialer.messages.language import choose
from school_dialer.messages.linter import check_twiml
from school_dialer.messages.model import (
	EDUCATIONAL,
	PERSONAL,
	PUBLIC,
	SENSITIVITIES,
	Outgoing,
	Recording,
	Template,
	Words,
)
from school_dialer.messages.spoken import voice
from school_dialer.messages.spoken.speaker import PLAYED, sentences
from tests.unit.messages.made import SCHOOL, press, recording
from tests.unit.messages.sample import FIELDS

URL = "https://school.example/key"
CATALOGUE = {field.name: field for field in FIELDS}
VALUES = {field.name: field.example for field in FIELDS}


def made(words: Words, purpose: str = "Event", **more) -> Outgoing:
	template = Template("Test", purpose, (words,), True, False)
	play_url = "https://school.example/play?recording={}".format
	return Outgoing(
		SCHOOL, template, VALUES, CATALOGUE, "Maria Lopez", words.language, play_url=play_url, **more
	)


def played(twiml: str) -> list[str]:
	return [step.text for step in ElementTree.fromstring(twiml).iter("Play")]


def test_a_recording_is_played_where_the_words_would_be():
	words = Words("en", "Hello {{ recipient_name }}.", voice_recording=recording())
	spoken = voice.voice_twiml(made(words), URL)
	said = sentences(spoken.twiml)
	assert said[:4] == [
		"This is Riverside School calling.",
		"To stop these calls, press 9.",
		PLAYED,
		"You can call us back at 8 0 0, 5 5 5, 0 1 4 2.",
	]
	assert played(spoken.twiml) == ["https://school.example/play?recording=abc123"]
	assert (spoken.content, spoken.fields) == ("Full", ())
	assert check_twiml(spoken.twiml, SCHOOL) == []


def test_a_name_is_spoken_and_the_recording_follows():
	words = Words("en", "Hello {{ recipient_name }}.", voice_recording=recording(), after_words=True)
	spoken = voice.voice_twiml(made(words), URL)
	assert sentences(spoken.twiml)[2:4] == ["Hello Maria Lopez.", PLAYED]
	assert spoken.fields == ("recipient_name",)


def test_a_missing_file_is_spoken_instead():
	words = Words("en", "Hello {{ recipient_name }}.", voice_recording=recording(ready=False))
	spoken = voice.voice_twiml(made(words), URL)
	assert sentences(spoken.twiml)[2] == "Hello Maria Lopez." and not played(spoken.twiml)


@pytest.mark.parametrize("words", [Words("en"), Words("en", "Hello.", after_words=True)])
def test_without_words_to_take_its_place_it_is_held_back(words):
	words = replace(words, voice_recording=recording(ready=False))
	for make in (
		voice.check_message,
		lambda one: voice.voice_twiml(one, URL),
		lambda one: voice.confirmed_twiml(one, URL),
	):
		with pytest.raises(RecordingMissing, match="Upload it again"):
			make(made(words))


@pytest.mark.parametrize(
	("holds", "purpose", "waits"),
	[
		(PUBLIC, "Event", False),
		(PUBLIC, "Fees", False),
		(PERSONAL, "Event", False),
		(PERSONAL, "Fees", True),
		(EDUCATIONAL, "Event", True),
		(EDUCATIONAL, "Attendance", True),
	],
)
def test_what_staff_declared_decides_who_hears_it(holds, purpose, waits):
	one = made(Words("en", voice_recording=recording(holds)), purpose)
	first = voice.voice_twiml(one, URL)
	assert bool(played(first.twiml)) is not waits
	assert first.content == ("Generic" if waits else "Full")
	assert played(press(one, "1")[1].twiml)
	assert bool(played(press(one, "2")[1].twiml)) is not waits
	assert bool(played(voice.answer_twiml(one, URL, "unknown").twiml)) is not waits


def test_undeclared_is_the_strictest():
	assert Recording("a").holds == EDUCATIONAL


def test_a_language_that_no_voice_speaks_can_be_recorded():
	words = Words("so", voice_recording=recording())
	assert choose([words], "so").words is words
	voice.check_message(made(words))
	assert played(voice.voice_twiml(made(words), URL).twiml)
	assert not errors(words)
	assert any("No voice speaks" in finding.message for finding in errors(replace(words, voice="Nabad")))


def test_a_voicemail_has_its_own_recording():
	words = Words("en", "Hello.", voicemail_recording=recording())
	left = voice.voicemail_twiml(made(words))
	assert sentences(left.twiml)[2] == PLAYED and left.content == "Generic"
	assert check_twiml(left.twiml, SCHOOL, voicemail=True) == []
	assert not played(voice.voice_twiml(made(words), URL).twiml)


def test_a_voicemail_whose_file_is_missing_gets_the_systems_sentence():
	left = voice.voicemail_twiml(made(Words("en", "Hello.", voicemail_recording=recording(ready=False))))
	assert sentences(left.twiml)[2] == "We have a message for you. Please call us back."


def test_an_educational_recording_is_never_left_on_a_voicemail():
	words = Words("en", "Hello.", voicemail_recording=recording(EDUCATIONAL))
	with pytest.raises(MessageError):
		voice.voicemail_twiml(made(words))
	with pytest.raises(MessageError):
		voice.check_message(made(words))
	assert any("anyone may hear a voicemail" in finding.message for finding in errors(words))


def findings(words: Words, purpose: str = "Event") -> list[linter.Finding]:
	return linter.check_template(Template("Test", purpose, (words,), True, False), CATALOGUE)


def errors(words: Words) -> list[linter.Finding]:
	return [finding for finding in findings(words) if finding.level == linter.ERROR]


def test_the_linter_knows_recordings():
	assert not errors(Words("en", voice_recording=recording()))
	assert any(
		"in case the recording's file is missing" in one.message
		for one in findings(Words("en", voice_recording=recording()))
	)
	assert any(
		"file is missing" in one.message
		for one in errors(Words("en", "Hi.", voice_recording=recording(ready=False)))
	)
	assert any(
		"to say" in one.message
		for one in findings(Words("en", "Hi.", voice_recording=recording(seconds=100)))
	)
	long = Words("en", "word " * 300, voice_recording=recording(seconds=100), after_words=True)
	assert any("220 seconds" in one.message for one in errors(long))


@pytest.mark.parametrize("holds", SENSITIVITIES)
def test_a_template_is_as_sensitive_as_its_recording(holds):
	template = Template("Test", "Event", (Words("en", "Hi.", voice_recording=recording(holds)),), True, False)
	assert linter.sensitivity(template, CATALOGUE) == holds


WORDS = st.builds(
	Words,
	st.sampled_from(["en", "es", "so"]),
	st.sampled_from(["", "Hello {{ recipient_name }}.", "{{ absent_names }} was absent."]),
	st.sampled_from(["", "Please call us."]),
	st.just(""),
	st.just(""),
	st.just(()),
	st.none() | st.builds(recording, st.sampled_from(SENSITIVITIES), st.booleans()),
	st.none() | st.builds(recording, st.sampled_from(SENSITIVITIES), st.booleans()),
	st.booleans(),
)


@given(
	WORDS,
	st.sampled_from(["Event", "Attendance"]),
	st.sampled_from(["", "human", "unknown", "machine_start", "fax"]),
)
def test_whatever_the_template_no_silence_and_no_leak(words, purpose, answered_by):
	one = made(words, purpose)
	try:
		spoken = voice.answer_twiml(one, URL, answered_by)
	except MessageError:
		return
	machine = answered_by not in ("", "human", "unknown")
	assert check_twiml(spoken.twiml, SCHOOL, voicemail=machine) == []
	said = sentences(spoken.twiml)
	assert len(said) >= 4
	used = words.voicemail_recording if machine else words.voice_recording
	if PLAYED in said:
		assert used.ready and used.sensitivity_for(purpose) != EDUCATIONAL
	assert "absent" not in " ".join(said)
