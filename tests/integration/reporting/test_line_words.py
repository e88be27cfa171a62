"""Where staff look at a number, they see its type of line and its last look-up."""

import json
from datetime import timedelta

import frappe
import pytest
from frappe.desk.form import load

from school_dialer.base import clock
from school_dialer.desk import numbers
from school_dialer.help_desk import actions
from school_dialer.lines import record
from school_dialer.lines.answer import NO, NO_ANSWER, NO_DATA, YES, LineAnswer
from tests.integration import factories as make


def looked_up(number: str, reassigned: str, line_type: str = "mobile", ago: int = 0, error: str = "") -> None:
	at = clock.now() - timedelta(days=ago)
	answer = LineAnswer(reassigned, line_type, "", error)
	day = clock.db_now().date()
	record.write([record.Asked(number, day, ("x",), "twilio", answer, 0.0, at)])


@pytest.fixture
def guardian(clean_transaction):
	number = make.phone()
	return make.guardian("Maria Lopez", number), number


def pills(guardian) -> list[str]:
	(found,) = numbers.on_this_record("Guardian", guardian.name)["numbers"]
	return [one["text"] for one in found["consents"]]


def test_a_number_that_was_never_looked_up_shows_nothing_of_it(guardian):
	doc, _number = guardian
	assert not any("Line" in one for one in pills(doc))


def test_the_type_and_the_day_stand_at_the_number(guardian):
	doc, number = guardian
	looked_up(number, NO, "mobile", ago=5)
	looked_up(number, NO_DATA, "landline")
	today = frappe.format(clock.db_now().date(), "Date")
	assert f"Line: landline ({today})" in pills(doc)
	looked_up(number, YES, "mobile")
	assert "The number changed hands" in pills(doc)
	assert actions.opted_out("Guardian", doc.name) == []


def on_the_form(number: str) -> list[str]:
	frappe.response.docs = []
	load.getdoc("Contact Consent", frappe.db.get_value("Contact Consent", {"phone": number}))
	(doc,) = frappe.response.docs
	assert number[-6:] not in str(doc.get("__onload"))
	return [one["text"] for one in doc.get("__onload").line]


def test_the_form_of_contact_consent_shows_it(guardian, as_role):
	_doc, number = guardian
	make.consent(number)
	as_role("Dialer Agent")
	assert on_the_form(number) == []
	looked_up(number, NO, "mobile", ago=2)
	(line,) = on_the_form(number)
	assert line.startswith("Line: mobile (")
	looked_up(number, NO_DATA, "landline", ago=1)
	today = frappe.format(clock.db_now().date(), "Date")
	assert on_the_form(number)[0] == "No texts" and "Line: landline" in on_the_form(number)[1]
	looked_up(number, YES, "landline")
	assert on_the_form(number) == ["No texts", "The number changed hands", f"Line: landline ({today})"]


@pytest.mark.parametrize(
	("answer", "error", "words"),
	[
		(YES, "", "the number changed hands after"),
		(NO, "", "did not change hands after"),
		(NO_DATA, "", "no data"),
		(NO_ANSWER, "The answer could not be read.", "No answer: The answer could not be read."),
	],
)
def test_each_look_up_is_in_the_history(guardian, answer, error, words):
	doc, number = guardian
	looked_up(number, answer, error=error)
	found = numbers.story(doctype="Guardian", name=doc.name)
	(line,) = [one for one in found["story"] if one["doctype"] == record.DOCTYPE]
	assert words in line["text"] and number not in json.dumps(found, default=str)
