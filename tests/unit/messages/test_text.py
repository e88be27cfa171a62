import pytest

from school_dialer.messages.errors import MissingData, NotForChannel, SchoolIncomplete, TooLong
from school_dialer.messages.model import School
from school_dialer.messages.phrases import languages
from school_dialer.messages.segments import segments
from school_dialer.messages.text import SCOPES, opt_out_confirmation, text_message


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
	assert len(said) == 3
	everything = opt_out_confirmation(school, "en", "everything")
	assert "emergencies included" in everything and "excepted" not in everything
