"""The demo's check for leaks finds what it looks for: each breach is planted and found."""

import pytest

from dev.demo.leaks import Family, kind_of_content, leaks

NUMBER = "+13125550142"
FAMILIES = {NUMBER: Family("Maria Lopez", ("Ana", "Ana Lopez", "Grade 5 A"))}
ASK = "We have a message for Maria Lopez. If you are Maria Lopez, press 1."


def twiml(*sentences: str, sid: str = "CA1", digits: str | None = None, answered_by: str = "human") -> dict:
	line = {"kind": "twiml", "sid": sid, "to": NUMBER, "digits": digits, "answered_by": answered_by}
	return {**line, "sentences": list(sentences)}


def text(body: str) -> dict:
	return {"kind": "message", "sid": "SM1", "to": NUMBER, "params": {"Body": body}}


def found(*journal: dict) -> list[str]:
	return list(leaks(journal, FAMILIES, 3, 9))


def test_who_confirmed_may_hear_all():
	assert not found(twiml(ASK, digits="1"), twiml("Ana was marked absent on Monday, March 9."))


@pytest.mark.parametrize(
	"said",
	[
		"Hello, this is about Ana.",
		"ANA LOPEZ",
		"A student of Grade 5 A is missing.",
		"On Monday, March 9, we missed somebody.",
		"El lunes, 9 de marzo",
		"Somebody was marked absent.",
		"Se registró la ausencia de su hijo.",
	],
)
def test_each_value_before_the_key_on_a_machine_and_in_a_text_is_found(said):
	assert len(found(twiml(said))) == 1
	assert len(found(twiml(ASK, digits="2"), twiml(said))) == 1
	assert (
		len(found(twiml(ASK, digits="1", answered_by="machine_end_beep"), twiml(said, answered_by="fax")))
		== 1
	)
	assert len(found(text(said))) == 1


def test_a_key_in_one_call_confirms_no_one_in_another():
	assert found(twiml(ASK, digits="1"), twiml("Ana", sid="CA2"))


def test_generic_words_and_the_persons_own_name_are_no_leak():
	assert not found(
		twiml(ASK),
		twiml("We have a message about school attendance."),
		text("Hello Maria Lopez. Please call us."),
	)
	assert not list(leaks([text("Hello Ana Ruiz")], {NUMBER: Family("Ana Ruiz", ("Ana",))}, 3, 9))


def test_the_kind_of_content():
	family = FAMILIES[NUMBER]
	assert kind_of_content([], family, 3, 9) == "nothing"
	assert kind_of_content([twiml(ASK)], family, 3, 9) == "generic"
	assert (
		kind_of_content([twiml("Call us.", answered_by="machine_end_beep")], family, 3, 9)
		== "voicemail, generic"
	)
	assert kind_of_content([twiml(ASK, digits="1"), twiml("Ana was absent.")], family, 3, 9) == "full"
