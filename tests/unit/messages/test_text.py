from dataclasses import replace
from datetime import date, time

import pytest

from school_dialer.calls.received.echo import without_ours
from school_dialer.messages.errors import MissingData, NotForChannel, SchoolIncomplete, TooLong
from school_dialer.messages.model import School
from school_dialer.messages.phrases import languages, phrase
from school_dialer.messages.segments import segments
from school_dialer.messages.text import (
	SAMPLE_RECEIPT,
	SCOPES,
	from_staff,
	message_arrived,
	opt_out_confirmation,
	text_message,
)


def test_identity_words_and_stop_in_order(outgoing):
	message = text_message(outgoing({"en": {"text": "Hello {{ recipient_name }}. Bring a coat."}}))
	assert message.body == "Riverside School: Hello Maria Lopez. Bring a coat.\nReply STOP to stop."
	assert message.fields == ("recipient_name",)
	assert (message.size.encoding, message.size.count, message.fell_back) == ("GSM-7", 1, False)


@pytest.mark.parametrize(
	"language, stop", [("es", "Responda STOP"), ("zh", "回复STOP"), ("ar", "STOP"), ("vi", "STOP")]
)
def test_stop_is_explained_in_the_persons_language(outgoing, language, stop):
	message = text_message(outgoing({"en": {"text": "Hello."}}, language=language))
	assert stop in message.body and message.fell_back


@pytest.mark.parametrize("field", ["absent_names", "attendance_date", "fee_due"])
def test_educational_fields_are_refused_even_in_a_condition(outgoing, field):
	for words in (f"{{{{ {field} }}}}", f"{{% if {field} %}}absent{{% endif %}}"):
		with pytest.raises(NotForChannel, match=field):
			text_message(outgoing({"en": {"text": words}}))


@pytest.mark.parametrize(
	"purpose, refused", [("Attendance", True), ("Fees", True), ("Academic", True), ("Event", False)]
)
def test_a_students_name_is_educational_where_the_purpose_makes_it_so(outgoing, purpose, refused):
	made = outgoing({"en": {"text": "About {{ student_names }}"}}, purpose=purpose)
	if refused:
		with pytest.raises(NotForChannel):
			text_message(made)
	else:
		assert "About Ana and Luis" in text_message(made).body


def test_missing_words_missing_values_and_missing_identity(outgoing, values):
	with pytest.raises(NotForChannel):
		text_message(outgoing({"en": {"voice": "Hello"}}))
	with pytest.raises(MissingData):
		text_message(
			outgoing({"en": {"text": "{{ guardian_name }}"}}, values={**values, "guardian_name": None})
		)
	with pytest.raises(SchoolIncomplete):
		text_message(outgoing({"en": {"text": "Hello"}}, school=School("", "", "", "en")))


def test_a_body_beyond_the_carriers_limit_is_refused(outgoing):
	with pytest.raises(TooLong):
		text_message(outgoing({"en": {"text": "x" * 1600}}))


def test_the_confirmation_of_an_opt_out_fits_one_text_in_english(school):
	body = opt_out_confirmation(school)
	assert body.startswith("Riverside School:") and "Reply 1" in body and "STOP" not in body
	assert segments(body).count == 1
	assert "emergencias" in opt_out_confirmation(school, "es")


@pytest.mark.parametrize("language", sorted(languages()))
def test_the_confirmation_says_what_was_stopped(school, language):
	said = {opt_out_confirmation(school, language, scope) for scope in SCOPES}
	assert len(said) == len(SCOPES)
	everything = opt_out_confirmation(school, "en", "everything")
	assert "emergencies included" in everything and "excepted" not in everything


@pytest.mark.parametrize("language", sorted(languages()))
def test_the_hours_of_the_office_are_written_as_the_language_does(school, language):
	today = message_arrived(school, time(16), None, "911", language)
	monday = message_arrived(school, time(8), date(2026, 11, 30), "911", language)
	assert today.startswith("Riverside School: ") and "911" in today and "911" in monday
	assert "30" in monday and "30" not in today
	assert "911" not in message_arrived(school, time(16), None, "", language)


def test_an_acknowledgement_is_two_texts_at_most_in_english(school):
	assert segments(message_arrived(school, time(8), date(2026, 11, 30), "911")).count <= 2


def test_our_own_acknowledgement_is_no_persons_message(school):
	for language in languages():
		words = message_arrived(school, time(16), None, "911", language)
		assert without_ours(words, "Riverside School") == ""
		assert without_ours(words.partition(": ")[2], "Riverside School") == ""


def test_what_staff_write_keeps_its_lines_and_tells_no_record(school):
	assert from_staff(school, "  Yes.\n\n At  ten. ") == "Riverside School: Yes.\nAt ten."
	for words in ("Ana was absent today.", "Ana estuvo ausente hoy."):
		with pytest.raises(NotForChannel):
			from_staff(school, words)


@pytest.mark.parametrize("length", range(3, 32))
@pytest.mark.parametrize("scope", SCOPES)
def test_a_receipt_costs_no_second_text_in_english(school, length, scope):
	"""Check every length of name whose confirmation was one text before it had a receipt's code."""
	named = replace(school, identity="x" * length)
	body = opt_out_confirmation(named, "en", scope, code=SAMPLE_RECEIPT)
	assert SAMPLE_RECEIPT in body and segments(body).count == 1


@pytest.mark.parametrize("language", sorted(languages()))
def test_a_receipt_is_named_where_there_is_room(school, language):
	body = opt_out_confirmation(school, language, code=SAMPLE_RECEIPT)
	label = phrase("text_receipt", language, code=SAMPLE_RECEIPT)
	before, said, after = body.partition(f"\n{label}\n")
	assert said and f"{before}\n{after}" == opt_out_confirmation(school, language)


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("name", ["Riverside School", "x" * 30])
def test_a_receipt_that_comes_back_is_no_persons_words(school, language, scope, name):
	named = replace(school, identity=name)
	body = opt_out_confirmation(named, language, scope, "Lincoln", SAMPLE_RECEIPT)
	for quoted in (body, f"> {body}", body.replace("\n", "\n> "), body.replace("\n", " ")):
		assert without_ours(quoted, name) == ""
		assert without_ours(quoted.replace(f"{name}: ", ""), name).strip("> \n") == ""
	assert "stop calling" in without_ours(f"{body}\nstop calling me", name)


def test_a_code_alone_is_a_persons_message():
	assert without_ours(SAMPLE_RECEIPT, "Riverside School") == SAMPLE_RECEIPT
