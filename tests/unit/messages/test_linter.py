from dataclasses import replace

import pytest

from school_dialer.messages import linter
from school_dialer.messages.linter import ERROR, WARNING, check_template, sensitivity, spoken_seconds
from school_dialer.messages.model import Template, Words
from school_dialer.messages.spoken.twiml_rules import check_twiml


@pytest.fixture
def lint(fields):
	def found(translations, purpose="Event", voice=True, text=False, **options):
		words = tuple(Words(language, **variants) for language, variants in translations)
		return check_template(Template("Test", purpose, words, voice, text), fields, **options)

	return found


def messages(findings, level):
	return [str(finding) for finding in findings if finding.level == level]


def test_a_good_template_has_no_findings(lint):
	words = {"voice": "Hello {{ recipient_name }}.", "voicemail": "Please call.", "text": "Hello."}
	assert lint([("en", words)], text=True) == []


@pytest.mark.parametrize(
	"variants, expected",
	[
		(
			{"voice": "Hi\n{{ gardian_name }}"},
			'en voice, line 2: There is no field "gardian_name". Did you mean',
		),
		(
			{"voice": "x", "voicemail": "a\nb\n{{ absent_names }}"},
			"en voicemail, line 3: {{ absent_names }} is part of",
		),
		({"voice": "Hello <b>you</b>"}, 'en voice, line 1: "<b>" would be said'),
		({"voice": "Hello {guardian_name}"}, '"{guardian_name}" is not a field. Write {{ guardian_name }}.'),
		({"voice": "{% for a in b %}{% endfor %}"}, "Loops are not allowed."),
		({"voice": "word " * 600}, "seconds to say"),
		({"voice": ""}, "There are no words for calls."),
	],
)
def test_errors_name_place_reason_and_fix(lint, variants, expected):
	found = messages(lint([("en", variants)]), ERROR)
	assert any(expected in message for message in found), found


def test_texts_are_measured(lint):
	found = lint([("en", {"text": "a" * 500})], voice=False, text=True)
	assert "segments" in messages(found, WARNING)[0]
	found = lint([("en", {"text": "a" * 1400})], voice=False, text=True)
	assert "characters" in messages(found, ERROR)[0]


@pytest.mark.parametrize("purpose", ["Attendance", "Academic", "Fees"])
def test_naming_a_student_in_a_text_about_records_is_an_error(lint, purpose):
	found = lint([("en", {"text": "{{ student_names }}"})], purpose=purpose, voice=False, text=True)
	assert "names a student" in messages(found, ERROR)[0]
	assert not lint([("en", {"text": "{{ student_names }}"})], voice=False, text=True)


def test_unused_variants_are_not_judged(lint):
	assert lint([("en", {"voice": "Hello.", "text": "{{ absent_names }}"})]) == []


def test_missing_translations_are_warned_of(lint):
	found = lint([("es", {"voice": "Hola."})], languages_in_use=["es-MX", "vi", "", "zh"])
	warnings = messages(found, WARNING)
	assert any("school's language (English)" in warning for warning in warnings)
	assert any("Vietnamese, Chinese" in warning for warning in warnings)
	assert not messages(found, ERROR)


def test_what_is_sensitive_is_not_announced_as_said_in_another_language(lint):
	found = lint([("en", {"voice": "{{ absent_names }}"})], languages_in_use=["vi"])
	assert "hear in their language only that there is a message" in messages(found, WARNING)[0]
	found = lint([("en", {"voice": "Hello"})], languages_in_use=["vi"])
	assert "get calls in another language" in messages(found, WARNING)[0]


def test_the_finished_calls_are_checked_with_the_schools_name(lint, school):
	words = [("en", {"voice": "Hello"}), ("es", {"voice": "Hola"})]
	assert lint(words, school=school) == []
	nobody = replace(school, identity="", name="")
	assert "Dialer Settings" in messages(lint(words, school=nobody), WARNING)[0]


def test_a_call_that_breaks_the_order_is_an_error_in_its_language(lint, school, monkeypatch):
	late = ["the way to opt out comes later than two seconds after the identity"]
	monkeypatch.setattr(linter, "check_twiml", lambda xml, school, voicemail=False: late)
	found = messages(lint([("es", {"voice": "Hola"})], school=school), ERROR)
	assert [message.split(",")[0] for message in found] == ["es voice", "es voicemail"]
	assert "two seconds" in found[0]


def test_a_language_that_is_there_twice_or_that_no_one_speaks(lint):
	assert "twice" in messages(lint([("en", {"voice": "a"}), ("en", {"voice": "b"})]), ERROR)[0]
	assert "No voice" in messages(lint([("so", {"voice": "a", "voicemail": "b"})]), ERROR)[0]
	assert "voicemail" in messages(lint([("so", {"voice": "a"})]), WARNING)[-1]


def test_no_channel(lint):
	assert "no channel" in messages(lint([("en", {"voice": "a"})], voice=False), ERROR)[0]


def test_a_typed_telephone_number_is_warned_of(lint):
	assert "call_back_number" in messages(lint([("en", {"voice": "Call 312-555-0142"})]), WARNING)[0]


def test_errors_come_first(lint):
	found = lint([("en", {"voice": "Call 312-555-0142", "voicemail": "{{ nope }}"})])
	assert [finding.level for finding in found] == [ERROR, WARNING]


@pytest.mark.parametrize(
	"purpose, voice, expected",
	[
		("Event", "Hello", "public"),
		("Event", "{{ recipient_name }}", "personal"),
		("Event", "{{ student_names }}", "personal"),
		("Attendance", "{{ student_names }}", "educational"),
		("Event", "{% if fee_due %}x{% endif %}", "educational"),
	],
)
def test_sensitivity_is_that_of_the_most_sensitive_field(fields, purpose, voice, expected):
	assert sensitivity(Template("T", purpose, (Words("en", voice=voice),)), fields) == expected


def test_spoken_seconds_counts_words_and_unspaced_scripts():
	assert spoken_seconds("word " * 150) == pytest.approx(60)
	assert spoken_seconds("学" * 240) == pytest.approx(60)
	assert spoken_seconds("") == 0


GOOD = (
	'<Response><Gather action="/k" numDigits="1"><Say>This is Riverside School calling.</Say>{pause}'
	"<Say>To stop these calls, press 9.</Say><Say>Body</Say>"
	"<Say>Call 8 0 0, 5 5 5, 0 1 4 2.</Say></Gather></Response>"
)


@pytest.mark.parametrize(
	"xml, problem",
	[
		(GOOD.format(pause=""), None),
		(GOOD.format(pause='<Pause length="2"/>'), None),
		(GOOD.format(pause='<Pause length="3"/>'), "later than two seconds"),
		(GOOD.format(pause="<Play>x.mp3</Play>"), "later than two seconds"),
		(GOOD.format(pause="<Say>News first.</Say>"), "right after the identity"),
		(GOOD.format(pause="").replace("Riverside", "Some"), "identity is not said first"),
		(
			GOOD.format(pause="").replace(
				'<Gather action="/k" numDigits="1">', '<Gather action="/k" numDigits="1"><Play>x</Play>'
			),
			"identity",
		),
		(GOOD.format(pause="").replace("8 0 0, ", ""), "no number"),
		(GOOD.format(pause="").replace('numDigits="1"', ""), "not listened for"),
		(GOOD.format(pause="").replace("press 9", "press 8"), "right after the identity"),
		("<Response><Say>This is Riverside School calling.</Say></Response>", "there is no message"),
		("<Response>", "not XML"),
		("<Response/>", "identity"),
	],
)
def test_check_twiml_holds_a_call_to_the_rule(school, xml, problem):
	problems = check_twiml(xml, school)
	assert (not problems) if problem is None else any(problem in found for found in problems), problems


def test_a_voicemail_must_name_the_number_instead_of_a_key(school):
	assert "right after the identity" in check_twiml(GOOD.format(pause=""), school, voicemail=True)[0]
