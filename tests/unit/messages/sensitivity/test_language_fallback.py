"""Sensitive content without a translation for the person is not spoken in another language."""

from dataclasses import replace

import pytest

from school_dialer.messages import text
from school_dialer.messages.errors import MissingData
from school_dialer.messages.phrases import languages, phrase
from school_dialer.messages.sensitivity.language_fallback import in_own_language
from school_dialer.messages.spoken import ivr_state, question, voice
from school_dialer.messages.spoken.speaker import sentences
from school_dialer.messages.spoken.twiml_rules import check_twiml

URL = "https://school.example/key?log=1"
ABSENCE = {
	"en": {
		"voice": "{{ absent_names }} missed school on {{ attendance_date }}.",
		"voicemail": "Please call about school.",
		"text": "Please call us.",
	}
}


def test_what_is_written_in_the_persons_language_stays(outgoing):
	for language in ("en", "en-GB", ""):
		made = outgoing(ABSENCE, purpose="Attendance", language=language)
		assert in_own_language(made) is made


def test_what_is_not_sensitive_is_said_in_another_language(outgoing):
	made = outgoing({"en": {"voice": "Hello {{ recipient_name }}"}}, language="vi")
	assert in_own_language(made) is made


@pytest.mark.parametrize("language", sorted(languages() - {"en"}))
def test_an_absence_is_not_said_in_another_language(outgoing, school, language):
	made = replace(outgoing(ABSENCE, purpose="Attendance", language=language), acknowledge=True)
	made = in_own_language(made)
	spoken = voice.voice_twiml(made, URL)
	said = sentences(spoken.twiml)
	assert phrase("voicemail", language) in said and check_twiml(spoken.twiml, school) == []
	assert (spoken.content, spoken.fields, spoken.fell_back) == (voice.GENERIC, (), False)
	script = voice.script_of(made)
	begun = ivr_state.begin_call(ivr_state.State(), script, gated=voice.gated(made))
	assert (begun.stage, script.acknowledge, script.choices) == (ivr_state.MESSAGE, False, 0)
	for key in "123456":
		answered = voice.reply_twiml(made, ivr_state.hear_keys(begun, key, script), URL)
		assert answered.content == voice.GENERIC
		assert "Ana" not in answered.twiml and "missed" not in answered.twiml
	assert ivr_state.hear_keys(begun, "9", script).action == ivr_state.OPT_OUT
	assert phrase("acknowledge", language) not in said


def test_a_language_without_phrases_gets_the_schools(outgoing):
	made = in_own_language(outgoing(ABSENCE, purpose="Attendance", language="so"))
	assert phrase("voicemail", "en") in sentences(voice.voice_twiml(made, URL).twiml)


def test_voicemail_and_text_are_as_before(outgoing):
	made = outgoing(ABSENCE, purpose="Attendance", language="vi")
	withheld = in_own_language(made)
	assert voice.voicemail_twiml(withheld) == voice.voicemail_twiml(made)
	assert text.text_message(withheld) == text.text_message(made)


def test_who_would_have_been_held_back_still_is(outgoing, values):
	corrected = {**values, "absent_names": []}
	made = in_own_language(outgoing(ABSENCE, purpose="Attendance", language="vi", values=corrected))
	for attempt in (voice.check_message, lambda one: voice.voice_twiml(one, URL)):
		with pytest.raises(MissingData):
			attempt(made)


def test_a_reason_is_not_asked_for_in_another_language(outgoing):
	made = outgoing({"en": {"voice": "Please call."}}, purpose="Attendance", language="vi")
	made = replace(made, template=replace(made.template, asks=question.REASON))
	withheld = in_own_language(made)
	assert withheld.withheld is made and withheld.template.asks == ""
