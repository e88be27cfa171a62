"""A message is about records by its purpose, fields, recordings, question or words.

Every variant follows: messages/sensitivity/student_records.py.
"""

from dataclasses import replace

import pytest

from school_dialer.messages import in_place_of_call, linter, text
from school_dialer.messages.details import Details
from school_dialer.messages.field import EDUCATIONAL, PERSONAL
from school_dialer.messages.model import NotForChannel, Template, Words
from school_dialer.messages.sensitivity import student_records
from school_dialer.messages.spoken import voice
from school_dialer.messages.spoken.speaker import sentences
from tests.unit.messages.made import recording

ABSENT = "Your child was marked absent today."
KEYS = "https://keys.invalid/"


def made(words: Words, purpose: str = "Event", **more) -> Template:
	return Template("T", purpose, (words,), True, True, **more)


@pytest.mark.parametrize("purpose", ["Attendance", "Academic", "Fees"])
def test_a_purpose_says_so(fields, purpose):
	assert student_records.is_about(made(Words("en", "Hello."), purpose), fields)


@pytest.mark.parametrize(
	"words",
	[
		Words("en", "{{ absent_names }}"),
		Words("en", "Hello.", voicemail="{{ absent_names }}"),
		Words("en", "Hello.", text=ABSENT),
		Words("en", ABSENT),
		Words("es", "Su hijo faltó a la escuela hoy."),
		Words("en", "Hello.", voice_recording=recording(EDUCATIONAL)),
		Words("en", "{{ no such"),
	],
)
def test_so_do_words_fields_and_recordings_of_any_purpose(fields, words):
	for purpose in ("Event", "General", "Fundraising", "Emergency"):
		assert student_records.is_about(made(words, purpose), fields)
		assert student_records.judged_as(made(words, purpose), fields) in ("Academic",)


def test_so_do_a_question_and_details(fields):
	plain = made(Words("en", "Hello."))
	assert student_records.is_about(made(Words("en", "Hello."), asks="Reason for absence"), fields)
	asked = Words("en", "Hello.", question="Why was your child absent today?", answers=("Sick", "Other"))
	assert student_records.is_about(made(asked, asks="Poll"), fields)
	assert student_records.is_about(plain, fields, Details(ABSENT, "en"))
	assert student_records.is_about(replace(plain, about_records=True), fields)
	assert not student_records.is_about(plain, fields, Details("The concert is at six.", "en"))


@pytest.mark.parametrize(
	"words", [Words("en", "The concert of {{ student_names }} is at six."), Words("en", "School is closed.")]
)
def test_other_messages_are_not(fields, words):
	assert not student_records.is_about(made(words), fields)
	assert student_records.judged_as(made(words), fields) == "Event"


VARIANTS = {
	"voice": "Hello, {{ student_names }}.",
	"voicemail": "About {{ student_names }}.",
	"text": "About {{ student_names }}.",
}


def test_a_name_in_such_a_message_is_a_record(outgoing):
	"""Whatever the purpose.

	An unexcused absence declared an emergency may not name the child to a machine or by text.
	"""
	for purpose in ("Event", "Emergency"):
		free = outgoing({"en": VARIANTS}, purpose=purpose)
		bound = replace(free, template=replace(free.template, about_records=True))
		assert not voice.gated(free) and voice.gated(bound)
		assert "Ana" in voice.voicemail_twiml(free).twiml and "Ana" in text.text_message(free).body
		with pytest.raises(NotForChannel):
			voice.voicemail_twiml(bound)
		with pytest.raises(NotForChannel):
			text.text_message(bound)
		assert linter.sensitivity(bound.template, bound.fields) == EDUCATIONAL
		assert linter.sensitivity(free.template, free.fields) == PERSONAL
		written = in_place_of_call.text(bound, KEYS).body + str(in_place_of_call.mail(bound, KEYS).paragraphs)
		assert "Ana" not in written


def test_educational_voice_words_bind_the_names_of_the_other_variants(outgoing):
	bound = outgoing({"en": {**VARIANTS, "voice": "{{ absent_names }} was absent."}})
	with pytest.raises(NotForChannel):
		voice.voicemail_twiml(bound)
	with pytest.raises(NotForChannel):
		text.text_message(bound)


def test_words_that_tell_wait_for_a_key_and_are_in_no_voicemail_or_text(outgoing):
	telling = outgoing({"en": {"voice": ABSENT, "voicemail": ABSENT, "text": ABSENT}})
	assert voice.gated(telling)
	assert "absent" not in " ".join(sentences(voice.voice_twiml(telling, KEYS).twiml))
	assert "absent" not in " ".join(sentences(voice.voicemail_twiml(telling).twiml))
	with pytest.raises(NotForChannel):
		text.text_message(telling)
	assert "absent" not in in_place_of_call.text(telling, KEYS).body
	assert "absent" not in str(in_place_of_call.mail(telling, KEYS).paragraphs)


def test_a_poll_about_records_is_asked_in_calls_only(outgoing):
	words = {"voice": "Hello.", "text": "Hello.", "question": "Did you see the grades of your child?"}
	asked = outgoing({"en": {**words, "answers": ("Yes", "No")}}, asks="Poll")
	if student_records.is_about(asked.template, asked.fields):
		assert voice.gated(asked)
	bound = replace(asked, template=replace(asked.template, about_records=True))
	assert "grades" not in text.text_message(bound).body
