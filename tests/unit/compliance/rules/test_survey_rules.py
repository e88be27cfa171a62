"""Surveys of students about protected topics: rules/surveys.py."""

import pytest

from school_dialer.compliance.rules import surveys


@pytest.mark.parametrize(
	("question", "topic"),
	[
		("Which political party do your parents support?", "politics"),
		("¿Por qué partido votan tus padres?", "politics"),
		("Have you felt depressed or hopeless this month?", "mental health"),
		("¿Has pensado en el suicidio?", "mental health"),
		("Have you had sex education questions about birth control?", "sex"),
		("Do you use marijuana, alcohol or vape?", "illegal behavior"),
		("¿Has fumado marihuana?", "illegal behavior"),
		("Do your parents fight at home?", "family"),
		("Do you feel safe at home?", "family"),
		("Have you talked to a lawyer?", "privilege"),
		("Does your family go to church?", "religion"),
		("¿Rezas en casa?", "religion"),
		("How much money does your father make?", "income"),
		("¿Cuánto gana tu familia?", "income"),
	],
)
def test_a_protected_topic_is_found(question, topic):
	assert topic in surveys.topics([question])
	assert surveys.needs_officer(True, False, ["Hello.", question.upper()])
	assert not surveys.needs_officer(False, False, [question])


@pytest.mark.parametrize(
	"question",
	[
		"Will you come to the concert on Friday?",
		"Which day suits you for the field trip?",
		"¿Vienes a la excursión del viernes?",
		"Did you get your new laptop?",
		"Which lunch do you prefer: pizza or salad?",
		"",
	],
)
def test_an_ordinary_question_waits_for_no_one(question):
	assert surveys.topics([question]) == ()
	assert not surveys.needs_officer(True, False, [question])
	assert surveys.needs_officer(False, True, [question])


@pytest.mark.parametrize(
	"hostile",
	["\x00" * 50, "vote" * 100_000, "(" * 5000, "your parents " * 5000, "\ud83d\ude00"],
	ids=["zeros", "votes", "brackets", "parents", "emoji"],
)
def test_hostile_words_do_no_harm(hostile):
	assert set(surveys.topics([hostile])) <= set(surveys.PROTECTED)
