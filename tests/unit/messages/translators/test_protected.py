"""What a machine never sees, and what is refused of what it returns."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from school_dialer.messages.template.syntax import parse
from school_dialer.messages.translators.base import MARK, NotTranslated
from school_dialer.messages.translators.protected import protect, restored

SCRIPT = (
	"Hello {{ recipient_name }}. {% if fee_due %}Pay {{ fee_due | default('your fee') }} by Monday, March 9."
	"\n"
	"{% else %}There is nothing to pay at Riverside School.{% endif %} See https://school.example/pay?a=1.\n"
	"\n"
	"Room B12 opens at 6:00 PM. Call (312) 555-0142."
)


def sent(source: str, *names: str, is_name=lambda _word: False) -> str:
	return protect(source, "en", names, is_name).text


@pytest.mark.parametrize(
	("source", "kept"),
	[
		("Pay {{ fee_due }} now.", "{{ fee_due }}"),
		("It is {{ x | default('}}') }} now.", "{{ x | default('}}') }}"),
		("Come {% if term %}now{% endif %}.", "{% if term %}"),
		("See https://school.example/a?b=1&c=2.", "https://school.example/a?b=1&c=2"),
		("Write to office@school.example.", "office@school.example"),
		("Call (312) 555-0142.", "(312) 555-0142"),
		("Come on Monday, March 9, to us.", "Monday, March 9"),
		("Come at 6:00 PM.", "6:00 PM"),
		("It costs $12.50.", "$12.50"),
		("Go to room B12.", "B12"),
		("Grades K-8 are closed.", "K-8"),
		("Ask Ms. Garcia about it.", "Garcia"),
		("Ask Maria Lopez about it.", "Maria Lopez"),
		("Come to the Bank of America now.", "Bank of America"),
		("We tell {{ recipient_name }} Maria came.", "Maria"),
		("Riverside School is closed.", "Riverside School"),
		("Reply STOP to end.", "STOP"),
	],
)
def test_what_is_kept_back(source, kept):
	script = protect(source, "en", ["Riverside School"])
	assert kept in script.kept.values() and kept not in script.text


def test_a_students_first_name_is_kept_back_where_a_sentence_begins_and_in_capitals():
	is_ana = lambda word: word.casefold() == "ana"  # noqa: E731
	assert "Ana" not in sent("Ana is not here.", is_name=is_ana)
	assert "ANA" not in sent("WHERE IS ANA NOW", is_name=is_ana)


@pytest.mark.parametrize(
	"source", ["The bus is late.", "We wait. Please come.", "SCHOOL IS CLOSED TODAY", "Soy: Ven."]
)
def test_words_are_sent(source):
	assert sent(source) == source


def test_a_remark_is_neither_sent_nor_kept():
	script = protect("Hello {# for Ana #}there", "en")
	assert script.text == "Hello there" and not script.kept


def test_words_inside_a_field_are_left_to_a_person():
	assert protect(SCRIPT, "en").left == ["your fee"]


@pytest.mark.parametrize("source", ["{{ open", "{% if x", "a ⟦101⟧ b", "{{ '", "{% raw %}{{"])
def test_what_cannot_be_read_is_refused(source):
	with pytest.raises(NotTranslated):
		protect(source, "en")


def test_the_same_lines_give_the_same_script():
	script = protect(SCRIPT, "en", ["Riverside School"])
	assert restored(script, script.lines(), "en", "en-none") == SCRIPT


def test_dates_are_said_in_the_other_language_and_fields_stay():
	script = protect(SCRIPT, "en", ["Riverside School"])
	found = restored(script, script.lines(), "en", "es")
	assert "lunes 9 de marzo." in found
	assert "6:00p.m.Call" in "".join(found.split()), "locale data differ in the spaces"
	assert parse(found).fields == parse(SCRIPT).fields


A, B, IF, ELSE, END, C = "⟦101⟧", "⟦102⟧", "⟦103⟧", "⟦104⟧", "⟦106⟧", "⟦105⟧"
LINE = "Hello {{ a }} and {{ b }}. {% if x %}One thing{% else %}{{ c }} things{% endif %} now."
MARKED = f"Hello {A} and {B}. {IF}One thing{ELSE}{C} things{END} now."


def test_the_marks_of_these_tests_are_those_of_the_line():
	assert sent(LINE) == MARKED


@pytest.mark.parametrize(
	"given_back",
	[
		f"{B} y {A}, hola. {IF}Una cosa{ELSE}cosas {C}{END} ahora.",
		f"你好 {A}和{B}。{IF}一件{ELSE}{C}件{END}现在",
	],
)
def test_order_may_change_within_its_place(given_back):
	assert "{% if x %}" in restored(protect(LINE, "en"), [given_back], "en", "es")


@pytest.mark.parametrize(
	("given_back", "reason"),
	[
		(f"Hola {A}. {IF}Una cosa{ELSE}{C} cosas{END} ya.", "did not come back"),
		(f"Hola {A} y {B} y {B}. {IF}Una cosa{ELSE}{C} cosas{END} ya.", "twice"),
		(f"Hola {A} y {B}. {IF}Una cosa {C}{ELSE} cosas{END} ya.", "out of its place"),
		(f"Hola {A} y. {IF}Una {B} cosa{ELSE}{C} cosas{END} ya.", "out of its place"),
		(f"Hola {A} y {B}. {ELSE}Una cosa{IF}{C} cosas{END} ya.", "out of its place"),
		(f"Hola {A} y {B}. {END}Una cosa{ELSE}{C} cosas{IF} ya.", "out of its place"),
		(f"Hola {A} y {B}. {IF}Una cosa{ELSE}{C} cosas{END} a las 7.", "A number"),
		(f"Hola {A} y {B} ⟦999⟧. {IF}Una cosa{ELSE}{C} cosas{END} ya.", "A number"),
		(f"Hola {A} y {B}. {IF}Una cosa{ELSE}{C} cosas{END} {{{{ ya.", "Signs"),
		(f"Hola {A} y {B}. {IF}Una cosa{ELSE}{C} cosas{END} <b>ya.", "Signs"),
		(f"Hola {A}{B}. {IF}Una cosa{ELSE}{C} cosas{END} ya.", "without a space"),
		(f"Hola{A} y {B}. {IF}Una cosa{ELSE}{C} cosas{END} ya.", "inside a word"),
		(f"{A} {B} {IF}{ELSE}{C}{END}", "Nothing came back"),
		(f"Hola {A} y {B}. {IF}Una{ELSE}{C} cosas{END} " + "ya " * 500, "Far more"),
	],
)
def test_a_draft_that_breaks_a_rule_is_refused(given_back, reason):
	with pytest.raises(NotTranslated, match=reason):
		restored(protect(LINE, "en"), [given_back], "en", "es")


PIECES = st.sampled_from(
	[
		"The bus is late. ",
		"on Monday, March 9 ",
		"{{ a }} ",
		"{% if x %}",
		"{% endif %}",
		"7 ",
		"\n",
		"Ms. Garcia ",
	]
)


@given(st.lists(PIECES, max_size=12), st.randoms(use_true_random=False))
def test_what_comes_back_has_each_field_in_its_condition_or_is_refused(pieces, random):
	"""A machine that shuffles marks never moves a field across a condition, nor loses or doubles one."""
	source = "".join(pieces)
	script = protect(source, "en")
	lines = []
	for line in script.lines():
		marks = MARK.findall(line)
		random.shuffle(marks)
		given_marks = iter(marks)
		lines.append(MARK.sub(lambda _mark, left=given_marks: f"⟦{next(left)}⟧", line))
	try:
		found = restored(script, lines, "en", "es")
	except NotTranslated:
		return
	assert shape(found) == shape(source)


def shape(source: str) -> list:
	parts = re.split(r"(\{%.*?%\})", source)
	return [part if part.startswith("{%") else sorted(re.findall(r"\{\{.*?\}\}", part)) for part in parts]
