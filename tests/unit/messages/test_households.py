"""One call about several students: each with their own values, never with another student's."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.messages.errors import MissingData, TemplateError
from school_dialer.messages.field import EDUCATIONAL, PERSONAL, Field, Money, Name, PerStudent, Several
from school_dialer.messages.phrases import languages
from school_dialer.messages.render import render
from school_dialer.messages.template.syntax import parse

FIELDS = {
	field.name: field
	for field in (
		Field("student_names", "Names", "name", PERSONAL, "Student", "Ana", True, True),
		Field("room", "Room", "text", PERSONAL, "Student", "5A", True, True),
		Field("fee", "Fee", "money", EDUCATIONAL, "Fees", Money(Decimal(1), "USD"), True, True),
		Field("days", "Days", "dates", EDUCATIONAL, "Student", date(2026, 3, 9), True, True),
		Field("absences", "Absences", "number", EDUCATIONAL, "Student", 3, True, True),
		Field("school_name", "School", "text", PERSONAL, "Student", "Riverside"),
	)
}


def each(**values):
	"""Return values by first name; the record's name differs from the student's first name."""
	return PerStudent(tuple((f"EDU-{key}", Name(key), value) for key, value in values.items()))


def say(source, language="en", variant="voice", **values):
	return render(source, {"school_name": "Riverside", **values}, FIELDS, language, variant).text


NAMES = each(Ana=Name("Ana"), Luis=Name("Luis"))


@pytest.mark.parametrize(
	"values, said",
	[
		({"room": each(Ana="5A", Luis="3B")}, "5A for Ana and 3B for Luis"),
		({"room": each(Ana="5A", Luis="5A")}, "5A"),
		({"room": each(Ana="5A", Luis=None)}, "5A for Ana"),
		({"room": each(Ana="5A")}, "5A"),
		({"fee": each(Ana=Money(Decimal(5), "USD"), Luis=Money(Decimal(5), "USD"))}, None),
		({"absences": each(Ana=3, Luis=3)}, "3 for Ana and 3 for Luis"),
		({"absences": each(Ana=0, Luis=3)}, "0 for Ana and 3 for Luis"),
		({"days": each(Ana=[date(2026, 3, 10), date(2026, 3, 9)])}, "Monday, March 9 and Tuesday, March 10"),
	],
)
def test_what_differs_is_said_with_its_student(values, said):
	(name,) = values
	said = said or "5.00 US dollars for Ana and 5.00 US dollars for Luis"
	assert say(f"{{{{ {name} }}}}", **values) == said


def test_names_are_a_list_of_those_who_have_one():
	assert say("{{ student_names }} {{ student_names | plural('is', 'are') }}", student_names=NAMES) == (
		"Ana and Luis are"
	)
	absent = each(Ana=None, Luis="Luis")
	assert (
		say("{{ student_names }} {{ student_names | plural('is', 'are') }}", student_names=absent)
		== "Luis is"
	)
	twins = PerStudent((("1", Name("Ana"), "Ana"), ("2", Name("Ana"), "Ana")))
	assert say("{{ student_names }}", student_names=twins) == "Ana and Ana"


@pytest.mark.parametrize("nothing", [None, "", [], "None", "<br>", "🎉"])
def test_no_one_with_a_value_holds_the_person_back(nothing):
	with pytest.raises(MissingData):
		say("{{ room }}", room=each(Ana=nothing, Luis=None))
	assert say("{{ room | default('a room') }}", room=each(Ana=nothing, Luis=None)) == "a room"
	assert say("{% if room %}a{% else %}b{% endif %}", room=each(Ana=nothing)) == "b"


def test_a_block_speaks_of_one_student_after_the_other():
	words = "{{ school_name }}: {% each student %}{{ student_names }} is in {{ room }}. {% endeach %}Bye."
	values = {"student_names": NAMES, "room": each(Ana="5A", Luis="3B")}
	assert say(words, **values) == "Riverside: Ana is in 5A. Luis is in 3B. Bye."


def test_a_block_leaves_out_who_has_nothing_that_it_needs():
	words = "{% each student %}{{ student_names }} owes {{ fee }}. {% endeach %}"
	values = {"student_names": NAMES, "fee": each(Ana=None, Luis=Money(Decimal(5), "USD"))}
	assert say(words, **values) == "Luis owes 5.00 US dollars."
	with pytest.raises(MissingData):
		say(words, student_names=NAMES, fee=each(Ana=None, Luis=None))


def test_a_block_that_asks_or_has_a_default_leaves_out_no_one():
	values = {"student_names": NAMES, "absences": each(Ana=None, Luis=2)}
	words = (
		"{% each student %}{{ student_names }}: "
		"{% if absences %}{{ absences }}{% else %}none{% endif %}. {% endeach %}"
	)
	assert say(words, **values) == "Ana: none. Luis: 2."
	words = "{% each student %}{{ student_names }}: {{ absences | default('none') }}. {% endeach %}"
	assert say(words, **values) == "Ana: none. Luis: 2."


def test_a_block_in_which_one_value_of_several_is_missing_holds_the_person_back():
	words = "{% each student %}{{ room }} {{ fee }}{% endeach %}"
	with pytest.raises(MissingData):
		say(words, room=each(Ana="5A", Luis="3B"), fee=each(Ana=Money(Decimal(5)), Luis=None))


def test_numbers_in_a_block_have_their_own_plural():
	words = "{% each student %}{{ absences }} {{ absences | plural('day', 'days') }}. {% endeach %}"
	assert say(words, absences=each(Ana=1, Luis=2)) == "1 day. 2 days."


def test_a_condition_on_a_value_that_differs_is_not_true_of_everybody():
	words = "{% if room == '5A' %}closed{% else %}open{% endif %}"
	assert say(words, room=each(Ana="5A", Luis="3B")) == "open"
	assert say(words, room=each(Ana="5A")) == "closed"
	words = (
		"{% each student %}{% if room == '5A' %}{{ student_names }} stays home. {% endif %}{% endeach %}Bye."
	)
	assert say(words, room=each(Ana="5A", Luis="3B"), student_names=NAMES) == "Ana stays home. Bye."


def test_people_without_students_hear_a_block_once():
	assert say("{% each student %}{{ school_name }}{% endeach %}") == "Riverside"
	with pytest.raises(MissingData):
		say("{% each student %}{{ room }}{% endeach %}")


@pytest.mark.parametrize(
	"source",
	[
		"{% each %}{{ room }}{% endeach %}",
		"{% each pupil %}{{ room }}{% endeach %}",
		"{% each student %}{{ room }}",
		"{% each student %}x{% endeach %}",
		"{% each student %}{% each student %}{{ room }}{% endeach %}{% endeach %}",
		"{% each student %}{% for a in room %}{{ a }}{% endfor %}{% endeach %}",
		"{% each student %}{{ room.__class__ }}{% endeach %}",
		"{% each student %}{% set room = 1 %}{% endeach %}",
		"{% each student in room %}{{ room }}{% endeach %}",
		"{% for room in student_names %}{{ room }}{% endfor %}",
		"{% with room = 1 %}{{ room }}{% endwith %}",
	],
)
def test_a_block_opens_no_other_syntax(source):
	with pytest.raises(TemplateError):
		parse(source)


def test_a_template_cannot_reach_the_students_themselves():
	for source in (
		"{{ _students }}",
		"{% each student %}{{ _students }}{% endeach %}",
		"{{ each }}",
		"{{ student }}",
	):
		with pytest.raises(TemplateError):
			say(source, room=each(Ana="5A"))


def test_a_name_is_spoken_as_the_school_noted_it_and_written_as_it_is():
	spoken = {"student_names": each(Siobhan=Name("Siobhán", "Shi-vawn"), Luis="Luis")}
	assert say("{{ student_names }}", **spoken) == "Shi-vawn and Luis"
	assert say("{{ student_names }}", variant="voicemail", **spoken) == "Shi-vawn and Luis"
	assert say("{{ student_names }}", variant="text", **spoken) == "Siobhán and Luis"
	named = PerStudent((("1", Name("Siobhán", "Shi-vawn"), "5A"), ("2", Name("Luis"), "3B")))
	assert say("{{ room }}", room=named) == "5A for Shi-vawn and 3B for Luis"
	assert say("{{ room }}", variant="text", room=named) == "5A for Siobhán and 3B for Luis"
	hostile = {"student_names": each(Ana=Name("Ana", "<script>x</script>\u202e 🎉"))}
	assert say("{{ student_names }}", **hostile) == "Ana"
	assert say("{{ school_name | spoken('River side') }}") == "River side"
	assert say("{{ school_name | spoken('River side') }}", variant="text") == "Riverside"


@pytest.mark.parametrize("language", [*sorted(languages()), "fr", "so"])
def test_every_language_keeps_a_value_with_its_student(language):
	said = say("{{ room }}", language, room=each(Ana="5A", Luis="3B", Eva=None))
	places = [said.index(word) for word in ("Ana", "5A", "Luis", "3B")]
	assert max(places[:2]) < min(places[2:]) and "Eva" not in said


TEXT = st.text(alphabet="abcdefgh", min_size=3, max_size=8)


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), TEXT), min_size=1, max_size=5), st.sampled_from(["voice", "text"]))
def test_no_value_is_said_of_another_student(rooms, variant):
	names = [f"Name{index}" for index in range(len(rooms))]
	values = {
		"student_names": each(**{name: name for name in names}),
		"room": each(**dict(zip(names, rooms, strict=True))),
	}
	words = "{% each student %}{{ student_names }} is in {{ room }}.\n{% endeach %}"
	expected = [f"{name} is in {room}." for name, room in zip(names, rooms, strict=True) if room]
	try:
		said = say(words, variant=variant, **values)
		combined = say("{{ room }}", variant=variant, **values)
	except MissingData:
		assert not expected
		return
	assert said.split("\n" if variant == "text" else ". ") == (
		expected if variant == "text" else " ".join(expected).split(". ")
	)
	if combined not in rooms:
		for name, room in zip(names, rooms, strict=True):
			assert (f"{room} for {name}" in combined) == bool(room)
	elif len(rooms) > 1:
		assert set(rooms) == {combined}


TWO = {
	"student_names": NAMES,
	"room": each(Ana=Several(("Math", "Art")), Luis="Music"),
	"absences": each(Ana=Several((40, 30)), Luis=20),
}


def test_each_of_several_records_of_one_student_is_said():
	words = "{% each student %}{{ student_names }}: {{ room }}, {{ absences }}. {% endeach %}"
	assert say(words, **TWO) == "Ana: Math, 40. Ana: Art, 30. Luis: Music, 20."
	assert say("{{ room }}: {{ absences }}", **TWO) == (
		"Math for Ana, Art for Ana and Music for Luis: 40 for Ana, 30 for Ana and 20 for Luis"
	)
	assert say("{{ student_names }}", **TWO) == "Ana and Luis"


def test_one_record_of_several_without_a_value_gets_no_others_value():
	values = {"room": each(Ana=Several(("Math", "Art"))), "absences": each(Ana=Several((None, 30)))}
	with pytest.raises(MissingData):
		say("{% each student %}{{ room }} {{ absences }}. {% endeach %}", **values)
	words = "{% each student %}{{ room }} {{ absences | default('?') }}. {% endeach %}"
	assert say(words, **values) == "Math ?. Art 30."


@pytest.mark.parametrize(("values", "one"), [((), None), ((3,), 3), ((3, 4), Several((3, 4)))])
def test_one_value_is_no_several(values, one):
	assert Several.of(values) == one and isinstance(Several.of(values), Several) == (len(values) > 1)
