import pytest

from school_dialer.messages.errors import TemplateError
from school_dialer.messages.template.syntax import check_fields, parse, unclosed_names


@pytest.mark.parametrize(
	"source, names",
	[
		("Hello.", ()),
		("Hello {{ guardian_name }}.", ("guardian_name",)),
		("{{ student_names | list }} {{guardian_name|default('you')}}", ("student_names", "guardian_name")),
		("{% if student_names %}{{ student_names }}{% else %}{{ guardian_name }}{% endif %}", None),
		("{% if not a1 and (b1 or c1 == 'x') %}y{% elif d1 != 3 %}z{% endif %}", ("a1", "b1", "c1", "d1")),
		("{# a remark #}Hello", ()),
		("{{ absent_names | plural('was', 'were', few='are') }}", ("absent_names",)),
	],
)
def test_permitted_templates_give_their_fields_in_order(source, names):
	found = parse(source).fields
	assert found == (("student_names", "guardian_name") if names is None else names)


def test_an_unknown_field_is_named_with_its_line_and_the_nearest_one(fields):
	parsed = parse("Hello,\n\nthis is for {{ gaurdian_name }}")
	with pytest.raises(TemplateError) as caught:
		check_fields(parsed, fields)
	assert caught.value.line == 3
	assert 'There is no field "gaurdian_name"' in str(caught.value)
	assert "{{ guardian_name }}" in caught.value.fix


def test_a_field_unlike_any_other_gets_no_guess(fields):
	with pytest.raises(TemplateError, match=r"\+ Field"):
		check_fields(parse("{{ zzzzqqq }}"), fields)


@pytest.mark.parametrize(
	"source",
	["{{ guardian_name | date }}", "{{ attendance_date | money }}", "{{ guardian_name | plural('a','b') }}"],
)
def test_a_filter_must_fit_the_type_of_its_field(fields, source):
	with pytest.raises(TemplateError, match="does not fit"):
		check_fields(parse(source), fields)


@pytest.mark.parametrize(
	"source, message",
	[
		("{{ guardian_name", "Check the braces"),
		("{% if guardian_name %}x", "Check the braces"),
		("{{ guardian_name.upper }}", "the dot"),
		("{{ guardian_name['x'] }}", "square brackets"),
		("{{ guardian_name() }}", "Calling"),
		("{% for n in student_names %}{{ n }}{% endfor %}", "Loops"),
		("{% if guardian_name is defined %}x{% endif %}", 'Tests with "is"'),
		("{{ 'a' if guardian_name else 'b' }}", "An if inside"),
		("{{ guardian_name | upper }}", 'no filter "upper"'),
		("{{ guardian_name | dat }}", "Did you mean date"),
		("{{ days | date(guardian_name) }}", "quoted words, not fields"),
		("{{ days | plural('one') }}", "wrong number"),
		("{{ guardian_name | default }}", "wrong number"),
		("{{ guardian_name | default('x', true) }}", "wrong number"),
		("{{ guardian_name | default(default_value='x') }}", "wrong number"),
		("{{ guardian_name | list(attribute='x') }}", 'has no "attribute"'),
		("{{ 1 < days < 3 }}", "Only == and !="),
		("{{ none }}", "quoted words and numbers"),
		("{{ true }}", "quoted words and numbers"),
		("{{ 99999999 }}", "too large"),
		("{{ 1e999 }}", "too large"),
		("a\n{% raw %}\n{{ x }}{% endraw %}", 'Line 3: A lone "{{"'),
		("Hello }} there", 'A lone "}}"'),
		("x" * 5001, "longer than"),
	],
)
def test_everything_else_is_refused_with_its_reason(source, message):
	with pytest.raises(TemplateError) as caught:
		parse(source)
	assert message in str(caught.value)


def test_field_names_in_the_wrong_brackets_are_found(fields):
	source = "Dear {guardian_name},\nabout [student_names] and {unknown} %(days)s {{ school_name }}"
	assert unclosed_names(source, fields) == [
		(1, "{guardian_name}", "guardian_name"),
		(2, "[student_names]", "student_names"),
		(2, "%(days)s", "days"),
	]
