"""Whatever records hold and authors write: a message error or a valid message, and no leak or crash."""

from datetime import date, datetime, time, timedelta
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from school_dialer.messages import text
from school_dialer.messages.errors import MessageError
from school_dialer.messages.field import Name, PerStudent
from school_dialer.messages.linter import check_template
from school_dialer.messages.model import Outgoing, School, Template, Words
from school_dialer.messages.phrases import languages
from school_dialer.messages.render import render
from school_dialer.messages.segments import segments
from school_dialer.messages.spoken import voice
from school_dialer.messages.spoken.twiml_rules import check_twiml
from school_dialer.messages.template.syntax import parse
from school_dialer.messages.template.values import clean
from tests.effort import examples
from tests.unit.messages.sample import FIELDS
from tests.unit.messages.spoken import twiml_schema

CATALOGUE = {field.name: field for field in FIELDS}
SCHOOL = School("Riverside School", "Riverside School", "+18005550142", "en")
ODD = st.sampled_from(
	[
		"",
		"None",
		"<b>x</b>",
		"&lt;script&gt;",
		"محمد",
		"学校",
		"🎉",
		"{{ x }}",
		"%s",
		"\x00",
		"\u202e",
		"]]>",
		"&amp;amp;",
		"\ud800",
	]
)
SCALARS = st.one_of(
	st.none(),
	st.booleans(),
	st.integers(),
	st.floats(),
	st.decimals(),
	st.text(max_size=50),
	st.text(st.characters(), max_size=50),
	ODD,
	st.binary(max_size=5),
	st.dates(),
	st.times(),
	st.datetimes(),
	st.timedeltas(),
)
ANYTHING = st.one_of(
	SCALARS,
	st.lists(SCALARS, max_size=5),
	st.tuples(SCALARS),
	st.dictionaries(st.text(max_size=3), SCALARS, max_size=2),
)
PER_STUDENT = st.lists(
	st.tuples(st.text(max_size=3), st.one_of(ODD, st.text(max_size=8)).map(Name), ANYTHING), max_size=4
).map(lambda items: PerStudent(tuple(items)))
ANYTHING = st.one_of(ANYTHING, PER_STUDENT, st.builds(Name, ODD, ODD))
RECORDS = st.fixed_dictionaries({}, optional={field.name: ANYTHING for field in FIELDS})
PIECES = st.sampled_from(
	[
		"{{ guardian_name }}",
		"{{ student_names }}",
		"{{ attendance_date }}",
		"{{ fee_due | money('USD') }}",
		"{{ days }}",
		"{{ starts_at | time }}",
		"{{ call_back_number | digits }}",
		"{{ student_names | plural('is', 'are') }}",
		"{{ guardian_name | default('you') }}",
		"{% if student_names %}{{ student_names }}{% endif %}",
		"{% each student %}{{ student_names }} {{ fee_due }}. {% endeach %}",
		"{% each student %}{% if days %}{{ days }}{% else %}none{% endif %}"
		"{{ room | default('a room') }}{% endeach %}",
		"{{ room }}",
		"{{ guardian_name | spoken('Mah-ria') }}",
		"{% if days == 3 %}three{% else %}other{% endif %}",
		" ",
		"Hello. ",
		"<&> ",
		"学校。",
	]
)
LANGUAGES = st.sampled_from([*sorted(languages()), "fr", "so", "", "es-MX", "x y"])
MARKS = st.sampled_from(
	[
		"{{",
		"}}",
		"{%",
		"%}",
		"{#",
		"#}",
		"|",
		".",
		"(",
		")",
		"[",
		"'",
		'"',
		"if ",
		"else",
		"endif",
		"for ",
		" in ",
		"__class__",
		"guardian_name",
		"default",
		"\n",
		"1",
		"~",
		"==",
		"raw",
		"each student",
		"endeach",
	]
)


def outgoing(words, record, language, purpose="Event", person="Maria Lopez"):
	template = Template("Fuzz", purpose, (Words("en", **words),), True, True)
	return Outgoing(SCHOOL, template, record, CATALOGUE, person, language)


@settings(max_examples=examples(300), deadline=None)
@given(
	RECORDS,
	st.lists(PIECES, min_size=1, max_size=6),
	LANGUAGES,
	st.sampled_from(["Event", "Attendance"]),
	st.text(max_size=20),
)
def test_a_call_is_valid_and_in_order_or_held_back(record, pieces, language, purpose, person):
	made = outgoing({"voice": "".join(pieces)}, record, language, purpose, person)
	try:
		spoken = voice.voice_twiml(made, "https://school.example/key?log=1")
		after = voice.confirmed_twiml(made, "https://school.example/key?log=1")
	except MessageError:
		return
	assert check_twiml(spoken.twiml, SCHOOL) == []
	for twiml in (spoken.twiml, after.twiml):
		twiml_schema.check(twiml)
		root = ElementTree.fromstring(twiml)
		assert {element.tag for element in root.iter()} <= {"Response", "Gather", "Say", "Hangup"}
		for say in root.iter("Say"):
			assert say.text.strip() and len(say) == 0
			assert "None" not in say.text.split()


def refusal(make, *arguments):
	try:
		make(*arguments)
	except MessageError as error:
		return type(error), str(error)
	return None


@settings(max_examples=examples(300), deadline=None)
@given(
	RECORDS,
	st.lists(PIECES, min_size=1, max_size=4),
	st.lists(PIECES, max_size=4),
	LANGUAGES,
	st.sampled_from(["Event", "Attendance"]),
	st.text(max_size=5),
)
def test_the_check_refuses_what_cannot_be_spoken(record, pieces, voicemail, language, purpose, person):
	words = {"voice": "".join(pieces), "voicemail": "".join(voicemail)}
	made = outgoing(words, record, language, purpose, person)
	spoken = (
		refusal(voice.confirmed_twiml, made, "")
		or refusal(voice.voice_twiml, made, "")
		or refusal(voice.voicemail_twiml, made)
	)
	assert refusal(voice.check_message, made) == spoken


@settings(max_examples=examples(200), deadline=None)
@given(RECORDS, st.lists(PIECES, min_size=1, max_size=6), LANGUAGES)
def test_a_text_is_sendable_and_tells_no_record_or_is_held_back(record, pieces, language):
	try:
		message = text.text_message(outgoing({"text": "".join(pieces)}, record, language))
	except MessageError:
		return
	assert message.body.startswith("Riverside School: ") and "STOP" in message.body
	assert not {"attendance_date", "fee_due"} & set(message.fields)
	message.body.encode("utf-8")
	assert all(character == "\n" or ord(character) >= 32 for character in message.body)


@settings(max_examples=examples(500), deadline=None)
@given(st.lists(st.one_of(MARKS, st.text(max_size=5)), max_size=20).map("".join))
def test_any_template_is_words_or_a_template_error(source):
	values = {name: field.example for name, field in CATALOGUE.items()}
	try:
		render(source, values, CATALOGUE, "en", "voice")
	except MessageError as error:
		assert str(error)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(st.one_of(MARKS, st.text(max_size=5)), max_size=20).map("".join), st.text(max_size=3))
def test_the_linter_never_fails_and_agrees_with_the_parser(source, language):
	template = Template(
		"Fuzz", "Event", (Words(language, voice=source, voicemail=source, text=source),), True, True
	)
	found = check_template(template, CATALOGUE)
	if source.strip() and not any(finding.level == "error" for finding in found):
		parse(source.strip())


@settings(deadline=None)
@given(st.text(), st.text())
def test_cleaning_is_stable_and_leaves_nothing_xml_cannot_carry(first, second):
	cleaned = clean(first + second)
	ElementTree.fromstring(f"<a>{cleaned.replace('&', '').replace('<', '')}</a>")
	assert cleaned == " ".join(cleaned.split())


@settings(deadline=None)
@given(st.text(max_size=400))
def test_segments_are_counted_for_any_text(body):
	size = segments(body)
	assert size.count >= 1 and size.units >= 0
	single, part = (160, 153) if size.encoding == "GSM-7" else (70, 67)
	assert size.count >= (1 if size.units <= single else -(-size.units // part))


@settings(deadline=None)
@given(
	st.one_of(st.dates(), st.sampled_from([date.min, date.max])),
	st.one_of(st.times(), st.times(timezones=st.timezones()), st.sampled_from([time.min, time.max])),
	st.one_of(st.timedeltas(), st.sampled_from([timedelta.min, timedelta.max, timedelta(days=1)])),
	st.one_of(
		st.datetimes(),
		st.datetimes(timezones=st.timezones()),
		st.sampled_from([datetime.min, datetime.max]),
	),
)
def test_any_date_and_time_can_be_said(day: date, moment: time, length: timedelta, stamp: datetime):
	record = {"attendance_date": day, "starts_at": moment}
	for language in ("en", "es", "zh", "ar", "vi", "fr", "so"):
		assert render("{{ attendance_date }} {{ starts_at }}", record, CATALOGUE, language, "voice").text
	for odd in (length, stamp):
		try:
			render("{{ starts_at }}", {"starts_at": odd}, CATALOGUE, "en", "voice")
		except MessageError:
			continue
