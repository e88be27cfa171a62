"""The toll-free number that a voicemail leaves (47 CFR 64.1200(b)(3))."""

from dataclasses import replace

import pytest

from school_dialer.messages.linter import check_template
from school_dialer.messages.speech import say_digits
from school_dialer.messages.spoken.speaker import sentences
from school_dialer.messages.spoken.twiml_rules import check_twiml
from school_dialer.messages.spoken.voice import answer_twiml, voicemail_twiml

TOLL_FREE = "+18885550143"
HELLO = {"en": {"voice": "Hello.", "voicemail": "Please call us."}}
FINDING = "A voicemail has no toll-free number at which the calls can be stopped."


@pytest.mark.parametrize("language", ["en", "es", "ar", "vi", "zh"])
def test_voicemail_leaves_it_and_the_number_to_call_back(outgoing, language):
	made = outgoing(HELLO, language=language)
	school = replace(made.school, opt_out_number=TOLL_FREE)
	xml = voicemail_twiml(replace(made, school=school)).twiml
	said = sentences(xml)
	assert say_digits(TOLL_FREE) in said[1] and say_digits(school.call_back_number) not in said[1]
	assert say_digits(school.call_back_number) in said[-1]
	assert not check_twiml(xml, school, voicemail=True)


def test_without_one_the_call_back_number_is_left(outgoing):
	made = outgoing(HELLO)
	xml = voicemail_twiml(made).twiml
	assert say_digits(made.school.call_back_number) in sentences(xml)[1]
	assert check_twiml(xml, replace(made.school, opt_out_number=TOLL_FREE), voicemail=True)


def test_who_answers_is_given_the_key(outgoing):
	made = outgoing(HELLO)
	said = sentences(
		answer_twiml(replace(made, school=replace(made.school, opt_out_number=TOLL_FREE)), "k").twiml
	)
	assert not any(say_digits(TOLL_FREE) in sentence for sentence in said)


@pytest.mark.parametrize(
	("country", "number", "found"),
	[("US", "", True), ("US", TOLL_FREE, False), ("IN", "", False), ("", "", False)],
)
def test_the_linter_misses_it_in_the_us(outgoing, country, number, found):
	made = outgoing(HELLO)
	school = replace(made.school, country=country, opt_out_number=number)
	assert (
		FINDING in [one.message for one in check_template(made.template, made.fields, school=school)]
	) is found
	texts = replace(made.template, voice=False, text=True)
	assert FINDING not in [one.message for one in check_template(texts, made.fields, school=school)]
