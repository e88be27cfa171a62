"""Consent from a school's own enrollment forms: over REST and in a Student Applicant."""

import json

import frappe
import pytest

from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link, preferences, rate_limits
from school_dialer.consent_form import answers, codes, enrollment, recording
from school_dialer.desk.families import consent_answers
from tests.integration import factories as make

WORDS = "I agree that the school may call and text me about what I answered yes to. I can stop at any time."
FIELDS = {
	"phone": "student_mobile_number",
	"signature": "first_name",
	"wording": "address_line_1",
	"Voice": "middle_name",
	"Voice-Fundraising": "last_name",
}


@pytest.fixture(autouse=True)
def uncounted(monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(rate_limits, "over", lambda *_: False)


def given(family, **more) -> dict:
	values = {
		"person_doctype": "Guardian",
		"person": family.guardian,
		"phone": family.phone,
		"choices": json.dumps({"Voice-Attendance": True, "Text-Attendance": 1, "Voice-Fees": False}),
		"wording": WORDS,
		"signature": "Maria Prueba",
		"students": [family.student],
		"language": "es",
	}
	return values | more


def test_an_unproven_number_counts_once_it_is_proven(family, visitor):
	found = consent_answers.record_enrollment(**given(family))
	assert found["status"] == answers.UNPROVEN
	assert [(one.kind, one.channel, one.purpose) for one in family.events()] == [("Opt Out", "Voice", "Fees")]
	assert family.phone not in json.dumps(found)
	token = found["link"].rpartition("a=")[2]
	assert visitor.get(a=token).status_code == 200 and 'lang="es"' in visitor.html
	visitor.post(a=token, act="Text")
	row = answers.named(found["answer"])
	visitor.post(a=token, act="check", code=codes.code_of(row))
	assert answers.named(row.name).status == answers.COUNTS
	said = {(one.kind, one.channel, one.purpose, one.basis) for one in family.events()}
	assert said == {
		("Grant", "Any", "Attendance", "express written"),
		("Opt Out", "Voice", "Fees", ""),
	}


def test_who_reads_the_mail_with_the_address_turns_nothing_on(family, visitor):
	found = consent_answers.record_enrollment(**given(family))
	token = found["link"].rpartition("a=")[2]
	visitor.post(a=token, act="Text")
	visitor.post(a=token, act="check", code=codes.code_of(answers.named(found["answer"])))
	link = answers.named(found["answer"]).preference_link
	assert preference_link.only_stops(link)
	ledger.opt_out(family.phone, evidence=make.evidence("Text"))
	seen = {"seen_by": preferences.state_mark(family.phone), "wording": "x", "language": "en", "ip": ""}
	with pytest.raises(preferences.OnlyStops):
		preferences.decide(family.phone, preferences.Choice(preferences.START_ALL), link=link, **seen)


NOTHING = json.dumps({f"{channel}-{purpose}": False for channel, purpose in answers.QUESTIONS})


def test_no_to_everything_stops_the_number_given_before_it_is_on_record(family, new_family):
	number = make.unlisted_phone()
	found = consent_answers.record_enrollment(**given(family, phone=number, choices=NOTHING))
	assert found["status"] == answers.DECLINED and found["link"] == ""
	for phone in (family.phone, number):
		assert [(one.kind, one.scope) for one in family.events(phone)] == [("Opt Out", "all non-emergency")]
	others = new_family()
	consent_answers.record_enrollment(**given(family, phone=others.phone, choices=NOTHING))
	assert others.events() == []


def test_a_no_to_some_questions_alone_stops_nothing_else(family):
	some = json.dumps({"Text-Attendance": False, "Voice-Fundraising": False})
	found = consent_answers.record_enrollment(**given(family, choices=some))
	assert (found["status"], found["link"]) == (answers.DECLINED, "")
	said = {(one.scope, one.channel, one.purpose) for one in family.events()}
	assert said == {("this purpose", "Text", "Attendance"), ("this purpose", "Voice", "Fundraising")}


def test_what_staff_witnessed_counts_at_once(family):
	found = consent_answers.record_enrollment(**given(family, witnessed=1))
	row = answers.named(found["answer"])
	assert (found["status"], row.proven_by, found["link"]) == (answers.COUNTS, recording.STAFF, "")
	grant = family.events()[0]
	assert (grant.kind, grant.person, grant.source) == ("Grant", family.guardian, "Signed Form")
	assert WORDS in grant.wording and row.digest in grant.note and "Staff" in grant.note
	actor = frappe.db.get_value("Consent Event", {"phone": family.phone}, "actor")
	assert actor == frappe.session.user


@pytest.mark.parametrize(
	("field", "value"),
	[
		("wording", " "),
		("wording", "x" * 50_000),
		("signature", ""),
		("phone", "12"),
		("phone", "1" * 100_000),
		("choices", "{}"),
		("choices", '{"Voice-Emergency": true}'),
		("choices", "[1]"),
		("choices", "{"),
		("person_doctype", "User Permission"),
		("students", "[" * 10_000),
	],
)
def test_what_is_not_complete_is_refused_and_leaves_nothing(family, field, value):
	before = frappe.db.count(answers.DOCTYPE)
	with pytest.raises(frappe.ValidationError):
		consent_answers.record_enrollment(**given(family, **{field: value}))
	assert frappe.db.count(answers.DOCTYPE) == before and family.events() == []


def test_the_office_settles_what_waits_for_it(family, proven):
	row = proven(family, "Voice-Fees", who="other", phone=make.unlisted_phone())
	found = consent_answers.accept(row.name, "Guardian", family.guardian)
	assert found["status"] == answers.COUNTS
	with pytest.raises(frappe.ValidationError):
		consent_answers.reject(row.name)


def test_the_office_may_not_accept_it_either(family, proven):
	row = proven(family, "Voice-Fees", who="other", phone=make.unlisted_phone())
	assert consent_answers.reject(row.name)["status"] == answers.REJECTED


def test_the_link_is_for_the_person_who_proves(family, signed, visitor):
	row = signed(family)
	assert visitor.get(a=consent_answers.link(row.name).rpartition("a=")[2]).status_code == 200


class Applicant(frappe._dict):
	"""A Student Applicant as its hook sees it. Inserting one makes Education's records, too."""

	doctype = "Student Applicant"

	def add_comment(self, _kind: str, words: str) -> None:
		self.comment = words


@pytest.fixture
def mapped(monkeypatch):
	"""Name the fields of applications in Dialer Settings for one test."""
	settings = frappe.get_cached_doc("Dialer Settings")
	monkeypatch.setattr(settings, "applicant_fields", json.dumps(FIELDS), raising=False)
	monkeypatch.setattr(frappe, "get_cached_doc", cached(settings, frappe.get_cached_doc))


def cached(settings, real):
	return lambda *of, **more: settings if of[0] == "Dialer Settings" else real(*of, **more)


def applicant(family, **more) -> Applicant:
	values = {
		"student_mobile_number": family.phone,
		"first_name": "Maria Prueba",
		"address_line_1": WORDS,
		"middle_name": "Yes",
		"last_name": "No",
		"guardians": [frappe._dict(guardian=family.guardian)],
	}
	return Applicant(values | more)


def test_an_application_makes_an_answer_to_prove(family, mapped):
	enrollment.on_applicant(applicant(family))
	name = frappe.db.get_value(answers.DOCTYPE, {"person": family.guardian})
	row = answers.named(name)
	assert (row.status, row.source) == (answers.UNPROVEN, answers.APPLICANT)
	said = answers.choices(row)
	assert said["Voice", "Attendance"] is True and said["Voice", "Fundraising"] is False
	assert ("Text", "Attendance") not in said


@pytest.mark.parametrize(
	"more", [{"student_mobile_number": "12"}, {"address_line_1": ""}, {"first_name": ""}]
)
def test_an_application_is_not_lost_for_its_consent(family, mapped, more):
	doc = applicant(family, **more)
	enrollment.on_applicant(doc)
	assert "was not recorded" in doc.comment
	assert not frappe.db.exists(answers.DOCTYPE, {"person": family.guardian})


def test_without_a_setting_an_application_says_nothing(family):
	doc = applicant(family)
	enrollment.on_applicant(doc)
	assert not frappe.db.exists(answers.DOCTYPE, {"person": family.guardian}) and "comment" not in doc


def test_the_hook_and_the_check_are_in_place():
	assert (
		f"{enrollment.__name__}.on_applicant"
		in frappe.get_hooks("doc_events")["Student Applicant"]["after_insert"]
	)
	assert (
		f"{enrollment.__name__}.check_settings"
		in frappe.get_hooks("doc_events")["Dialer Settings"]["validate"]
	)


@pytest.mark.parametrize(
	"text",
	["{", "[]", '{"phone": 1}', '{"phone": "a", "signature": "b", "wording": "c"}', '{"secret": "x"}'],
)
def test_a_setting_that_names_no_fields_is_refused(text):
	with pytest.raises(frappe.ValidationError):
		enrollment.mapping(text)


def test_a_setting_with_a_field_that_does_not_exist_is_refused():
	doc = frappe._dict(applicant_fields=json.dumps(FIELDS | {"Text": "no_such_field"}))
	with pytest.raises(frappe.ValidationError, match="no_such_field"):
		enrollment.check_settings(doc)
