"""What a teacher may add to a message: plain words, and nothing to call, to open, or about one student."""

import pytest

from school_dialer.campaigns.teachers.plain_details import LONGEST, names_one_of, problem

STUDENTS = ["Ana Maria Reyes", "Zoë O'Neil", "Cher"]


@pytest.mark.parametrize(
	"words",
	[
		"",
		"Bring two apples on Thursday, March 5, at 6:00 PM.",
		"Room 12, from 8.30 to 10.15.",
		"Grades 3 < 5 meet in the hall.",
		"Die Klasse trifft sich um 18 Uhr. ¿Preguntas? 明日",
		"x" * LONGEST,
	],
)
def test_plain_words(words):
	assert problem(words) is None


@pytest.mark.parametrize(
	"words",
	[
		"{{ student_name }}",
		"{%if%}",
		"<b>now</b>",
		"<!-- -->",
		"https://evil.example",
		"WWW.evil.example",
		"teacher@school.example",
		"see bit.ly/x or evil.COM",
		"3125550142",
		"+1 (312) 555-0142",
		"312.555.0142",
		"x" * (LONGEST + 1),
	],
)
def test_what_is_refused(words):
	assert problem(words)


@pytest.mark.parametrize(
	("words", "names"),
	[
		("Ask Ana Reyes about it", True),
		("ANA  REYES won.", True),
		("Zoë O'Neil", True),
		("Ana brings the cake. Reyes Street is closed.", False),
		("Banana Reyes", False),
		("ana maria reyes", True),
		("Cher sings", False),
	],
)
def test_names(words, names):
	assert names_one_of(words, STUDENTS) is names
