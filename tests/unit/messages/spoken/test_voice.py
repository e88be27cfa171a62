from xml.etree import ElementTree

import pytest

from school_dialer.messages.errors import MissingData, NotForChannel, SchoolIncomplete
from school_dialer.messages.model import School
from school_dialer.messages.phrases import languages, phrase
from school_dialer.messages.spoken import ivr_state, voice
from school_dialer.messages.spoken.speaker import sentences
from school_dialer.messages.spoken.twiml_rules import check_twiml
from tests.unit.messages.made import URL, press

EVENT = {"en": {"voice": "Hello {{ recipient_name }}, the concert is at {{ starts_at }}."}}
ABSENCE = {
	"en": {
		"voice": "{{ absent_names }} missed school on {{ attendance_date }}.",
		"voicemail": "Please call about school.",
	}
}


def verbs(twiml):
	return [element.tag for element in ElementTree.fromstring(twiml)]


def test_identity_opt_out_body_number_repeat_in_order(outgoing, school):
	spoken = voice.voice_twiml(outgoing(EVENT), URL)
	assert sentences(spoken.twiml) == [
		"This is Riverside School calling.",
		"To stop these calls, press 9.",
		"Hello Maria Lopez, the concert is at 6:30 PM.",
		"You can call us back at 8 0 0, 5 5 5, 0 1 4 2.",
		"To hear this again, press 2.",
		"To stop only messages like this one, press 7. "
		"To stop everything, emergency calls included, press 8.",
		"Goodbye.",
	]
	assert verbs(spoken.twiml) == ["Gather", "Say", "Hangup"]
	gather = ElementTree.fromstring(spoken.twiml)[0]
	assert gather.attrib == {
		"action": URL,
		"input": "dtmf",
		"method": "POST",
		"numDigits": "1",
		"timeout": "5",
	}
	assert (spoken.content, spoken.fields) == ("Full", ("recipient_name", "starts_at"))
	assert check_twiml(spoken.twiml, school) == []


def test_each_sentence_has_the_voice_of_its_language(outgoing):
	spoken = voice.voice_twiml(outgoing(EVENT, language="vi"), URL)
	said = [
		(say.get("language"), say.get("voice")) for say in ElementTree.fromstring(spoken.twiml).iter("Say")
	]
	assert said[0] == ("vi-VN", "Google.vi-VN-Standard-A")
	assert said[2] == ("en-US", "Polly.Joanna-Neural")
	assert spoken.fell_back and spoken.language == "en"


def test_a_language_without_phrases_gets_those_of_the_body(outgoing):
	spoken = voice.voice_twiml(outgoing({"es": {"voice": "Hola."}}, language="so"), URL)
	assert sentences(spoken.twiml)[0] == "Le llama Riverside School."


def test_an_emergency_says_what_stays(outgoing, school):
	spoken = voice.voice_twiml(outgoing(EVENT, purpose="Emergency"), URL)
	assert sentences(spoken.twiml)[1] == "To stop calls that are not emergencies, press 9."
	assert check_twiml(spoken.twiml, school) == []


def test_the_body_alone_has_no_keys_and_is_said_once(outgoing):
	made = outgoing(EVENT, purpose="Emergency", acknowledge=True)
	assert voice.body_words(made) == "Hello Maria Lopez, the concert is at 6:30 PM."
	with pytest.raises(NotForChannel):
		voice.body_words(outgoing({"en": {"text": "Hello."}}))


def test_an_educational_body_waits_for_the_confirmation(outgoing, school):
	made = outgoing(ABSENCE, purpose="Attendance")
	spoken = voice.voice_twiml(made, URL)
	heard = " ".join(sentences(spoken.twiml))
	assert "press 1" in heard and "Maria Lopez" in heard
	assert "Ana" not in heard and "March" not in heard and "absen" not in heard and "missed" not in heard
	assert (spoken.content, spoken.fields) == ("Generic", ())
	assert verbs(spoken.twiml) == ["Gather", "Gather", "Say", "Say", "Hangup"]
	assert check_twiml(spoken.twiml, school) == []
	move, said = press(made, "1")
	assert (move.action, said.content) == (ivr_state.CONFIRMED, "Full")
	assert said.fields == ("absent_names", "attendance_date")
	assert sentences(said.twiml)[0] == "Ana missed school on Monday, March 9."


@pytest.mark.parametrize("key", ["", "2", "3", "0", "*", "#", "x"])
def test_no_other_key_opens_an_educational_body(outgoing, key):
	_move, said = press(outgoing(ABSENCE, purpose="Attendance"), key)
	assert said.content == "Generic" and "missed school" not in said.twiml


def test_repeating_a_confirmed_body_needs_no_second_confirmation(outgoing):
	move, said = press(outgoing(ABSENCE, purpose="Attendance"), "2", ivr_state.MESSAGE)
	assert (move.action, said.content) == (ivr_state.REPEATED, "Full")


def test_a_students_name_waits_too_when_the_purpose_is_a_record(outgoing):
	words = {"en": {"voice": "Please call about {{ student_names }}."}}
	assert voice.voice_twiml(outgoing(words, purpose="Fees"), URL).content == "Generic"
	assert voice.voice_twiml(outgoing(words, purpose="Event"), URL).content == "Full"


def test_the_gate_needs_a_name(outgoing):
	with pytest.raises(MissingData):
		voice.voice_twiml(outgoing(ABSENCE, person=" <b></b> 🎉"), URL)


def test_nine_confirms_and_ends_the_call(outgoing):
	move, said = press(outgoing(EVENT), "9")
	assert move.action == ivr_state.OPT_OUT
	assert verbs(said.twiml) == ["Say", "Hangup"]
	assert "no more automated calls" in sentences(said.twiml)[0]


@pytest.mark.parametrize(
	("key", "scope", "words"),
	[
		("7", "this purpose", "of this kind"),
		("8", "everything", "not even in an emergency"),
		("9", "all non-emergency", "except"),
	],
)
def test_each_extent_has_its_key(outgoing, key, scope, words):
	move, said = press(outgoing(EVENT), key)
	assert (move.action, move.scope) == (ivr_state.OPT_OUT, scope)
	assert words in sentences(said.twiml)[0] and verbs(said.twiml) == ["Say", "Hangup"]


def test_nine_works_even_when_the_message_cannot_be_made(outgoing, values):
	move, _said = press(outgoing(EVENT, values=dict.fromkeys(values), person=""), "9")
	assert move.action == ivr_state.OPT_OUT


def test_two_repeats_from_the_start(outgoing, school):
	move, said = press(outgoing(EVENT), "2")
	assert move.action == ivr_state.REPEATED
	assert check_twiml(said.twiml, school) == []


def test_another_key_is_explained_and_listened_for_again(outgoing):
	move, said = press(outgoing(EVENT), "5")
	assert move.action == ivr_state.UNKNOWN
	assert verbs(said.twiml)[0] == "Gather"
	assert "press 9" in " ".join(sentences(said.twiml))


@pytest.mark.parametrize(
	"answered_by, content, kind",
	[
		("", "Full", "person"),
		("human", "Full", "person"),
		("unknown", "Full", "person"),
		("machine_start", "Generic", "voicemail"),
		("machine_end_beep", "Generic", "voicemail"),
		("machine_end_silence", "Generic", "voicemail"),
		("machine_end_other", "Generic", "voicemail"),
		("fax", "Generic", "voicemail"),
		("something new", "Generic", "voicemail"),
	],
)
def test_who_answered_decides_what_is_said(outgoing, school, answered_by, content, kind):
	spoken = voice.answer_twiml(outgoing(EVENT), URL, answered_by)
	assert spoken.content == content
	assert check_twiml(spoken.twiml, school, voicemail=kind == "voicemail") == []
	assert "press 1" not in spoken.twiml
	assert ("Gather" in verbs(spoken.twiml)) == (kind != "voicemail")


@pytest.mark.parametrize("answered_by", ["", "human", "unknown"])
def test_only_a_record_waits_for_a_key(outgoing, answered_by):
	record = voice.answer_twiml(outgoing(ABSENCE, purpose="Attendance"), URL, answered_by)
	assert record.content == "Generic" and "press 1" in record.twiml
	leaking = voice.answer_twiml(outgoing(ABSENCE, purpose="Emergency"), URL, answered_by)
	assert leaking.content == "Generic" and "press 1" in leaking.twiml


@pytest.mark.parametrize("answered_by", ["", "human", "unknown"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_an_emergency_is_said_at_once_and_twice_and_asks_for_a_key_afterward(
	outgoing, school, answered_by, language
):
	words = {"en": {"voice": "The school is closed."}, "es": {"voice": "Hemos cerrado la escuela."}}
	made = outgoing(words, purpose="Emergency", language=language, acknowledge=True)
	spoken = voice.answer_twiml(made, URL, answered_by)
	said = sentences(spoken.twiml)
	assert said[2] == said[3] == words[language]["voice"] and said.count(said[2]) == 2
	assert said[4] == phrase("acknowledge", language)
	assert spoken.content == "Full" and check_twiml(spoken.twiml, school) == []
	once = voice.answer_twiml(outgoing(words, purpose="Event", language=language), URL, answered_by)
	assert sentences(once.twiml).count(said[2]) == 1
	assert spoken.seconds <= once.seconds + 2, "who has heard it once has heard it"


def test_voicemail_says_how_to_stop_and_whom_to_call(outgoing, school):
	spoken = voice.voicemail_twiml(outgoing(ABSENCE, purpose="Attendance"))
	assert sentences(spoken.twiml) == [
		"This is Riverside School calling.",
		"To stop these calls, call 8 0 0, 5 5 5, 0 1 4 2.",
		"Please call about school.",
		"You can call us back at 8 0 0, 5 5 5, 0 1 4 2.",
	]
	assert check_twiml(spoken.twiml, school, voicemail=True) == []


def test_voicemail_without_words_in_the_language_is_generic_in_that_language(outgoing):
	spoken = voice.voicemail_twiml(outgoing(ABSENCE, language="es", purpose="Attendance"))
	assert "Tenemos un mensaje para usted" in spoken.twiml and "about school" not in spoken.twiml
	somali = voice.voicemail_twiml(outgoing(ABSENCE, language="so", purpose="Attendance"))
	assert "Please call about school." in somali.twiml


@pytest.mark.parametrize("words", ["{{ absent_names }}", "{% if attendance_date %}x{% endif %}"])
def test_educational_fields_never_reach_voicemail(outgoing, words):
	with pytest.raises(NotForChannel):
		voice.voicemail_twiml(outgoing({"en": {"voice": "x", "voicemail": words}}))


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("purpose", ["Event", "Emergency", "Attendance"])
def test_the_rule_holds_in_every_language(outgoing, school, language, purpose):
	for words in (EVENT, ABSENCE):
		made = outgoing(words, language=language, purpose=purpose)
		assert check_twiml(voice.voice_twiml(made, URL).twiml, school) == []
		assert check_twiml(voice.voicemail_twiml(made).twiml, school, voicemail=True) == []


def test_long_words_are_spoken_in_pieces_the_carrier_takes(outgoing):
	body = "学校今天关闭。" * 300
	parts = sentences(voice.voice_twiml(outgoing({"zh": {"voice": body}}, language="zh"), URL).twiml)[2:-4]
	assert "".join(parts) == body
	assert len(parts) > 1 and all(len(part.encode()) <= 2800 and part.endswith("。") for part in parts)


def test_a_school_without_identity_or_number_cannot_call(outgoing):
	for school in (School("", "", "+18005550142"), School("A", "A", ""), School("A", "A", "call us")):
		with pytest.raises(SchoolIncomplete):
			voice.voice_twiml(outgoing(EVENT, school=school), URL)


def test_words_that_no_one_can_speak_are_refused(outgoing):
	with pytest.raises(NotForChannel, match="No voice"):
		voice.voice_twiml(outgoing({"so": {"voice": "Salaan"}}, language="so"), URL)
	with pytest.raises(NotForChannel, match="no words"):
		voice.voice_twiml(outgoing({"en": {"text": "x"}}), URL)


def test_voices_can_be_replaced(outgoing):
	voices = {"en": voice.Voice("Google.en-US-Standard-C", "en-US")}
	spoken = voice.voice_twiml(outgoing(EVENT), URL, voices=voices)
	assert "Polly" not in spoken.twiml and "Google.en-US-Standard-C" in spoken.twiml


def test_unavailable(school):
	said = sentences(voice.unavailable_twiml(school, "es"))
	assert said[0] == "Le llama Riverside School." and len(said) == 3
