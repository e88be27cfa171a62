"""Templates from an author who wants more than words. Each is refused before anything runs."""

import sys

import pytest

from school_dialer.messages.errors import MessageError, TemplateError
from school_dialer.messages.render import _environment, render
from school_dialer.messages.template.syntax import FILTERS

MOST_STEPS = 500_000
"""Calls and returns of functions, of which a slow machine makes as many as a fast one."""
ATTACKS = """
{{ 7*7 }}
{{ 7*'7' }}
{{ config }}
{{ config.items() }}
{{ self }}
{{ self._TemplateReference__context }}
{{ request.application.__globals__ }}
{{ ''.__class__.__mro__[1].__subclasses__() }}
{{ [].__class__.__base__ }}
{{ {}.__class__ }}
{{ ().__class__.__bases__[0] }}
{{ guardian_name.__class__ }}
{{ guardian_name['__class__'] }}
{{ guardian_name["__cla" "ss__"] }}
{{ guardian_name|attr('__class__') }}
{{ guardian_name|attr("\\x5f\\x5fclass\\x5f\\x5f") }}
{{ guardian_name|map(attribute='__class__') }}
{{ student_names|map('upper')|list }}
{{ student_names|selectattr('x') }}
{{ student_names|groupby('x') }}
{{ student_names|sort }}
{{ student_names|join('x') }}
{{ guardian_name|format('%s') }}
{{ '%s'|format(guardian_name) }}
{{ '%1000000s' % guardian_name }}
{{ '{0.__class__}'.format(guardian_name) }}
{{ '{0.__class__.__init__.__globals__}'.format_map(guardian_name) }}
{{ guardian_name.format(x) }}
{{ guardian_name|center(100000000) }}
{{ guardian_name|indent(100000000) }}
{{ guardian_name|replace('a','b'*1000) }}
{{ guardian_name|wordwrap(1) }}
{{ guardian_name|xmlattr }}
{{ guardian_name|tojson }}
{{ guardian_name|pprint }}
{{ guardian_name|safe }}
{{ guardian_name|e }}
{{ 'x'*1000000000 }}
{{ 10**10**10 }}
{{ guardian_name ~ guardian_name }}
{{ guardian_name + guardian_name }}
{{ [1,2,3] }}
{{ {'a': 1} }}
{{ (1,2) }}
{{ -days }}
{{ days // 0 }}
{{ range(1000000000) }}
{{ lipsum(1000) }}
{{ lipsum.__globals__['os'].popen('id').read() }}
{{ cycler.__init__.__globals__.os }}
{{ joiner.__init__.__globals__.os }}
{{ namespace.__init__.__globals__.os }}
{{ dict(a=1) }}
{{ url_for.__globals__ }}
{{ get_flashed_messages.__globals__ }}
{{ frappe.db.sql('select 1') }}
{{ frappe }}
{{ __builtins__ }}
{{ __import__('os') }}
{{ _ }}
{{ debug }}
{% debug %}
{{ caller() }}
{{ varargs }}
{{ super() }}
{{ loop.index }}
{{ none.__class__ }}
{{ true }}
{{ guardian_name is callable }}
{{ guardian_name is sameas none }}
{{ 'x' in guardian_name }}
{{ guardian_name[0] }}
{{ guardian_name[::-1] }}
{{ guardian_name.0 }}
{{ guardian_name if true else guardian_name }}
{% set x = guardian_name %}{{ x }}
{% set x %}y{% endset %}
{% for c in guardian_name %}{{ c }}{% endfor %}
{% for i in range(10**9) %}x{% endfor %}
{% for a in student_names recursive %}{{ loop(a) }}{% endfor %}
{% while true %}x{% endwhile %}
{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}
{% call m() %}x{% endcall %}
{% filter upper %}x{% endfilter %}
{% filter default(guardian_name.__class__) %}x{% endfilter %}
{% with x = guardian_name.__class__ %}{{ x }}{% endwith %}
{% block x %}{{ self.x() }}{% endblock %}
{% extends 'x' %}
{% extends guardian_name %}
{% include 'x' %}
{% include guardian_name ignore missing %}
{% import 'os' as os %}
{% from 'os' import system %}
{% autoescape false %}x{% endautoescape %}
{% autoescape true %}{{ guardian_name }}{% endautoescape %}
{% autoescape false %}{% if guardian_name %}{{ guardian_name }}{% endif %}{% endautoescape %}
{%- autoescape guardian_name -%}{{ student_names | list }}{%- endautoescape -%}
{% each student %}{% autoescape true %}{{ student_name }}{% endautoescape %}{% endeach %}
{% if guardian_name %}{% autoescape true %}{{ guardian_name }}{% endautoescape %}{% endif %}
{% do guardian_name.x() %}
{% trans %}x{% endtrans %}
{% if guardian_name.__class__ %}x{% endif %}
{% if guardian_name() %}x{% endif %}
{% if guardian_name|attr('x') %}x{% endif %}
{% if 'a' < guardian_name %}x{% endif %}
{% raw %}{{ guardian_name.__class__ }}{% endraw %}
{{ guardian_name|default(guardian_name.__class__) }}
{{ guardian_name|default(*student_names) }}
{{ guardian_name|default(**student_names) }}
{{ guardian_name|default('x'*9) }}
{{ guardian_name|default(['x']) }}
{{ student_names|plural('a', 'b', __class__='c') }}
{{ student_names|plural('a', 'b', other='c') }}
{{ fee_due|money(currency='USD') }}
{{ attendance_date|date('%Y{}'.format) }}
{{ attendance_date.strftime('%s') }}
{{ (lambda: 1)() }}
{{ await guardian_name }}
{{ import os }}
{{ guardian_name|default('x')|attr('__class__') }}
{{ guardian_name,student_names }}
{% each student %}{{ guardian_name.__class__ }}{% endeach %}
{% each student %}{{ student_names[0] }}{% endeach %}
{% each guardian_name.__class__ %}{{ guardian_name }}{% endeach %}
{% each student %}{% include 'x' %}{{ guardian_name }}{% endeach %}
{% each student %}{{ _students }}{% endeach %}
{{ _students }}
{{ _students.rows }}
{{ guardian_name|spoken(guardian_name) }}
{{ guardian_name|spoken('x'.__class__) }}
{{ guardian_name|_rows }}
""".strip().splitlines()


@pytest.mark.parametrize("source", ATTACKS)
def test_an_attack_is_refused(source, fields, values):
	with pytest.raises(TemplateError):
		render(source, values, fields, "en", "voice")


@pytest.mark.parametrize("opening", ["(", "[", "{", "not ", "-", "x|default(", "{% if guardian_name %}"])
def test_deep_nesting_is_refused_quickly(opening, fields, values):
	source = opening * 400 if opening.startswith("{%") else "{{ " + opening * 400 + "1 }}"
	steps = 0

	def count(*_event: object) -> None:
		nonlocal steps
		steps += 1

	sys.setprofile(count)
	try:
		with pytest.raises(TemplateError):
			render(source[:5000], values, fields, "en", "voice")
	finally:
		sys.setprofile(None)
	assert steps < MOST_STEPS


@pytest.mark.parametrize("number", ["9" * 4900, "0x" + "f" * 4000, "1_000_000_0", "1e400", "0b" + "1" * 300])
def test_numbers_cannot_be_made_large(number, fields, values):
	with pytest.raises(TemplateError):
		render("{{ " + number + " }}", values, fields, "en", "voice")


def test_a_string_with_escapes_puts_no_control_character_in_the_message(fields, values):
	assert render('a{{ "\\x00\\x1b\\u202e\\ud800b" }}', values, fields, "en", "voice").text == "ab"


def test_a_value_is_never_a_template(fields, values):
	hostile = {**values, "guardian_name": "{{ school_name }}{% for x in y %} %(x)s {0.__class__}"}
	assert render("{{ guardian_name }}", hostile, fields, "en", "voice").text == hostile["guardian_name"]


class Hostile:
	"""An object whose every use would be noticed."""

	def __str__(self):
		raise AssertionError("a foreign object was turned into text")

	__html__ = __format__ = __iter__ = __bool__ = __str__


def test_foreign_objects_count_as_missing(fields, values):
	with pytest.raises(MessageError):
		render("{{ guardian_name }}", {**values, "guardian_name": Hostile()}, fields, "en", "voice")
	with pytest.raises(MessageError):
		render("{{ student_names }}", {**values, "student_names": [Hostile()]}, fields, "en", "voice")


def test_many_fields_of_full_length_do_not_exceed_the_limit(fields, values):
	long = {**values, "campaign_details": "word " * 1000}
	with pytest.raises(MessageError, match="at most"):
		render("{{ campaign_details }}" * 50, long, fields, "en", "voice")


def test_the_sandbox_has_nothing_in_it_but_the_closed_list_of_filters():
	environment = _environment("en", "voice")
	assert not environment.globals and not environment.tests
	assert set(environment.filters) == set(FILTERS)
	assert environment.sandboxed and environment.loader is None
