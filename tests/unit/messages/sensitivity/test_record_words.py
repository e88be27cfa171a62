"""Words about a record without a record field: the linter, the key before them, and voicemail."""

import pytest

from school_dialer.messages import linter
from school_dialer.messages.linter import ERROR, WARNING
from school_dialer.messages.model import EDUCATIONAL, PUBLIC, Outgoing, School, Template, Words
from school_dialer.messages.sensitivity import record_words
from school_dialer.messages.spoken import voice

SCHOOL = School("Riverside", "Riverside School", "+18005550142")
MARKED = "Your child was marked absent."
SAYINGS = (
	("en", "Your child was marked absent.", "Attendance"),
	("es", "Su hijo estuvo ausente hoy.", "Attendance"),
	("ar", "تغيب ابنكم عن المدرسة اليوم.", "Attendance"),
	("vi", "Học phí của con quý vị đã quá hạn.", "Fees"),
	("zh", "您的孩子数学不及格。", "Academic"),
)


def template(purpose: str = "Attendance", language: str = "en", texts: bool = False, **words) -> Template:
	return Template("Test", purpose, (Words(language, **words),), True, texts)


def found(level: str, made: Template, fields) -> list[str]:
	return [
		str(one)
		for one in linter.check_template(made, fields, school_language=made.translations[0].language)
		if one.level == level
	]


@pytest.mark.parametrize(("language", "said", "purpose"), SAYINGS)
def test_such_words_are_educational_and_have_their_purpose(fields, language, said, purpose):
	made = template(purpose, language, voice=said, voicemail="...")
	assert linter.sensitivity(made, fields) == EDUCATIONAL
	assert found(ERROR, made, fields) == []
	assert any("no field says for whom" in one for one in found(WARNING, made, fields))
	for other in ("General", "Event", "Fundraising"):
		(error,) = found(ERROR, template(other, language, voice=said), fields)
		assert "The words speak of" in error


@pytest.mark.parametrize("variant", ["voicemail", "text"])
def test_they_are_in_no_voicemail_and_no_text(fields, variant):
	made = template(texts=True, voice="Hello.", **{variant: MARKED})
	assert any("anyone may hear or read" in one for one in found(ERROR, made, fields))


def test_a_field_of_the_record_says_for_whom_they_are_true(fields):
	made = template(voice="{{ absent_names }} was marked absent.")
	assert found(WARNING, made, fields) == []


def test_an_emergency_may_tell_of_an_unexcused_absence(fields):
	assert found(ERROR, template("Emergency", voice=MARKED), fields) == []
	assert found(ERROR, template("Emergency", voice="Your account is past due."), fields)


def test_other_words_stay_as_they_were(fields):
	made = template("General", voice="The concert is at six.", voicemail="We have news.")
	assert linter.sensitivity(made, fields) == PUBLIC and record_words.in_template(made) == frozenset()


def test_they_wait_for_the_key_that_says_who_listens(fields):
	for said, waits in ((MARKED, True), ("The concert is at six.", False)):
		outgoing = Outgoing(SCHOOL, template(voice=said), {}, fields, "Maria Lopez", "en")
		assert voice.gated(outgoing) is waits
		assert (said in voice.voice_twiml(outgoing, "https://x.invalid/").twiml) is not waits
