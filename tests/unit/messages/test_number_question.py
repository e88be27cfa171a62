"""A message that asks whether the number is still right."""

from dataclasses import replace

import pytest

from school_dialer.messages import text
from school_dialer.messages.linter import ERROR, check_template
from school_dialer.messages.model import NUMBER, Outgoing, Template, Words
from school_dialer.messages.phrases import languages, phrase
from school_dialer.messages.sensitivity import student_records
from school_dialer.messages.spoken import question, voice

WORDS = Words("en", voice="We want to be sure.", voicemail="Please call us.", text="We want to be sure.")
CHECK = Template("Number", "General", (WORDS,), True, True, asks=NUMBER)


def errors(template: Template, fields) -> list[str]:
	return [one.message for one in check_template(template, fields) if one.level == ERROR]


def test_it_asks_with_three_keys(fields, values, school):
	outgoing = Outgoing(school, CHECK, values, fields, "Maria Lopez", "en")
	asked = question.spoken(outgoing)
	assert asked.kind == NUMBER and len(asked.labels) == 3
	assert voice.script_of(outgoing).choices == 3 and not voice.gated(outgoing)
	said = voice.voice_twiml(outgoing, "/key").twiml
	assert phrase("number_question", "en") in said and "Maria" not in said
	body = text.text_message(outgoing).body
	assert phrase("number_question", "en") in body and phrase("number_wrong", "en") in body
	assert "Maria" not in body


@pytest.mark.parametrize("language", sorted(languages()))
def test_each_language_asks_and_takes_its_own_answers(language, fields, values, school):
	outgoing = Outgoing(school, CHECK, values, fields, "", language)
	asked = question.spoken(outgoing)
	assert asked.text == phrase("number_question", language)
	for key, label in enumerate(asked.labels, 1):
		assert question.answer_in(label, CHECK) == key and question.answer_in(f" {key}. ", CHECK) == key


@pytest.mark.parametrize(
	("said", "answer"),
	[("Yes", 1), ("yes!", 1), ("NO", 3), ("No.", 3), ("sí", 1), ("4", None), ("maybe", None)],
)
def test_short_answers(said, answer):
	assert question.answer_in(said, CHECK) == answer


@pytest.mark.parametrize("name", ["recipient_name", "student_names", "guardian_name"])
def test_it_names_no_one(name, fields):
	if name not in fields:
		pytest.skip(f"no {name}")
	for variant in ("voice", "voicemail", "text"):
		named = replace(CHECK, translations=(replace(WORDS, **{variant: f"Hello {{{{ {name} }}}}."}),))
		assert any("must not name anyone" in str(one) for one in errors(named, fields)), variant


def test_it_may_name_the_school(fields):
	named = replace(CHECK, translations=(replace(WORDS, voice="This is {{ school_name }}."),))
	assert errors(named, fields) == []


@pytest.mark.parametrize("purpose", ["Emergency", "Attendance", "Fees", "Event", "Fundraising"])
def test_it_is_a_general_message(purpose, fields):
	"""An emergency needs no consent, so it could ask strangers."""
	assert any("general messages" in str(one) for one in errors(replace(CHECK, purpose=purpose), fields))


def test_it_is_not_about_records(fields):
	assert not student_records.is_about(CHECK, fields)
