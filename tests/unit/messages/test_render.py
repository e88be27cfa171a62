import pytest

from school_dialer.messages.errors import MissingData, TemplateError
from school_dialer.messages.render import render


@pytest.fixture
def say(fields, values):
	def render_words(source, changed=None, language="en", variant="voice"):
		return render(source, {**values, **(changed or {})}, fields, language, variant).text

	return render_words


def test_fields_come_out_in_their_spoken_form(say):
	assert say("{{ student_names }} on {{ attendance_date }} at {{ starts_at }}: {{ fee_due }}") == (
		"Ana and Luis on Monday, March 9 at 6:30 PM: 12.50 US dollars"
	)


def test_the_fields_used_are_reported(fields, values):
	rendered = render("{% if days %}{{ guardian_name }}{% endif %}", values, fields, "en", "voice")
	assert rendered.fields == ("days", "guardian_name")


@pytest.mark.parametrize("nothing", [None, "", "None", "  ", [], "🎉"])
def test_never_dear_none(say, nothing):
	with pytest.raises(MissingData) as caught:
		say("Dear {{ guardian_name }}", {"guardian_name": nothing})
	assert caught.value.names == ("guardian_name",) and caught.value.code == "MISSING_DATA"


def test_a_missing_value_is_missing_through_every_filter(say):
	for source in (
		"{{ attendance_date | date }}",
		"{{ starts_at | time }}",
		"{{ fee_due | money('USD') }}",
		"{{ call_back_number | digits }}",
		"{{ student_names | list }}",
		"{{ student_names | plural('is', 'are') }}",
	):
		with pytest.raises(MissingData):
			say(
				source,
				dict.fromkeys(
					("attendance_date", "starts_at", "fee_due", "call_back_number", "student_names")
				),
			)


def test_a_default_stands_in_before_or_after_another_filter(say):
	missing = {"student_names": [], "attendance_date": None}
	assert say("{{ student_names | default('your child') }}", missing) == "your child"
	assert say("{{ attendance_date | default('today') | date }}", missing) == "today"
	assert say("{{ attendance_date | date | default('today') }}", missing) == "today"
	assert say("{{ student_names | default('your child') }}") == "Ana and Luis"


def test_a_condition_may_ask_for_a_missing_value(say):
	source = "{% if guardian_name %}Dear {{ guardian_name }}{% else %}Hello{% endif %}"
	assert say(source, {"guardian_name": None}) == "Hello"
	assert (
		say("{% if guardian_name == 'x' %}a{% elif not days %}b{% else %}c{% endif %}", {"days": None}) == "b"
	)


def test_markup_and_emoji_of_a_record_are_not_spoken(say):
	assert say("Dear {{ guardian_name }}.", {"guardian_name": "<b>Zoë</b> 🎉"}) == "Dear Zoë."


def test_a_text_keeps_lines_and_emoji_and_drops_empty_lines(say):
	source = "Hello {{ guardian_name }} 🎉\n\n   See   you.\r\n"
	assert say(source, variant="text") == "Hello Maria Lopez 🎉\nSee you."
	assert say(source) == "Hello Maria Lopez See you."


def test_names_of_the_other_direction_are_isolated_in_texts_only(say):
	arabic = {"guardian_name": "محمد"}
	assert say("Dear {{ guardian_name }}!", arabic, variant="text") == "Dear \u2068محمد\u2069!"
	assert say("Dear {{ guardian_name }}!", arabic) == "Dear محمد!"
	assert say("{{ student_names }}", language="ar", variant="text") == "\u2068Ana\u2069 و\u2068Luis\u2069"
	assert "\u2068(800) 555-0142\u2069" in say("{{ call_back_number }}", language="ar", variant="text")
	assert say("{{ guardian_name }}", {"guardian_name": "\u2068\u202eAna"}, variant="text") == "Ana"


def test_errors_do_not_carry_values(say):
	with pytest.raises(TemplateError) as caught:
		say("{{ nobody }}", {"guardian_name": "Secret Name"})
	assert "Secret" not in str(caught.value)
