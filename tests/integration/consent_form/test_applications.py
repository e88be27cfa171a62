"""Consent on applications for a place at the school, with Education's own documents."""

from contextlib import contextmanager

import frappe
import pytest

from school_dialer.consent.lock import NumberBusy
from school_dialer.consent_form import answers, codes, refusals, requests
from school_dialer.desk.families import consent_answers
from tests.integration import factories as make
from tests.integration.consent_form import applications

ENROLL = "education.education.api.enroll_student"
"""Education's button on an application."""


@pytest.fixture
def applying(monkeypatch):
	"""Return `applications`, with the fields named in Dialer Settings."""
	applications.set_fields(monkeypatch)
	return applications


@pytest.fixture
def portal_user():
	"""A user of the school's pages, without a role in the Desk."""
	email = f"apply.{frappe.generate_hash(length=8)}@example.org"
	user = {"doctype": "User", "email": email, "first_name": "Apply", "user_type": "Website User"}
	return frappe.get_doc({**user, "send_welcome_email": 0}).insert().name


@contextmanager
def as_user(name: str):
	before = frappe.session.user
	frappe.set_user(name)
	try:
		yield
	finally:
		frappe.set_user(before)


def answer_of(phone: str) -> frappe._dict | None:
	name = frappe.db.get_value(answers.DOCTYPE, {"phone": phone})
	return answers.named(name) if name else None


def comments_on(doc) -> list[str]:
	of = {"reference_doctype": doc.doctype, "reference_name": doc.name, "comment_type": "Comment"}
	return frappe.get_all("Comment", of, pluck="content")


def prove(row: frappe._dict, visitor) -> frappe._dict:
	token = consent_answers.link(row.name).rpartition("a=")[2]
	visitor.post(a=token, act="Text")
	visitor.post(a=token, act="check", code=codes.code_of(answers.named(row.name)))
	return answers.named(row.name)


def test_the_office_enters_an_application(family, applying):
	doc = applying.insert(family)
	row = answer_of(family.phone)
	assert (row.status, row.source, row.person) == (answers.UNPROVEN, answers.APPLICANT, family.guardian)
	assert answers.choices(row) == {("Voice", "Attendance"): True, ("Voice", "Fees"): False}
	assert row.signature == "Maria Prueba" and applications.WORDS in row.shown
	assert comments_on(doc) == []
	assert [(one.kind, one.channel, one.purpose) for one in family.events()] == [("Opt Out", "Voice", "Fees")]


@pytest.mark.parametrize("login_required", [0, 1])
def test_a_family_applies_on_a_web_form(family, applying, portal_user, login_required):
	name = applying.form(login_required=login_required)
	with as_user(portal_user if login_required else "Guest"):
		doc = applying.send(name, applying.values(family))
	row = answer_of(family.phone)
	assert (row.status, row.source, row.person) == (answers.UNPROVEN, answers.APPLICANT, None)
	assert doc.owner == (portal_user if login_required else "Guest") and comments_on(doc) == []


def test_what_a_family_leaves_out_on_a_web_form_does_not_lose_the_application(family, applying, portal_user):
	name = applying.form()
	with as_user(portal_user):
		doc = applying.send(name, applying.values(family, address_line_1=""))
	assert frappe.db.exists(applying.DOCTYPE, doc.name) and not answer_of(family.phone)
	assert "was not recorded" in comments_on(doc)[0]


def test_a_number_that_is_none_is_noted(family, applying):
	doc = applying.insert(family, student_mobile_number="12")
	assert "not a telephone number" in comments_on(doc)[0]


def test_an_enrolled_child_is_no_other_family(family, applying, visitor):
	doc = applying.insert(family)
	enrolled = frappe.get_attr(ENROLL)(doc.name)
	assert frappe.db.get_value(applying.DOCTYPE, doc.name, "application_status") == "Admitted"
	assert frappe.db.get_value("Student", enrolled.student, "student_mobile_number") == family.phone
	row = prove(answer_of(family.phone), visitor)
	assert (row.status, row.why_office) == (answers.COUNTS, None)
	said = {(one.kind, one.channel, one.purpose, one.person) for one in family.events()}
	assert said == {
		("Grant", "Voice", "Attendance", family.guardian),
		("Opt Out", "Voice", "Fees", family.guardian),
	}


def test_a_box_that_is_not_ticked_answers_nothing(family, monkeypatch):
	applications.set_fields(monkeypatch, **{"Text": "paid"})
	applications.insert(family, paid=0)
	assert {channel for channel, _ in answers.choices(answer_of(family.phone))} == {"Voice"}
	other = make.unlisted_phone()
	applications.insert(family, student_mobile_number=other, paid=1)
	assert answers.choices(answer_of(other))["Text", "Fees"] is True


def test_no_box_ticked_stops_no_numbers(family, monkeypatch):
	applications.set_fields(monkeypatch, **{"Voice-Attendance": "paid", "Voice-Fees": "paid"})
	doc = applications.insert(family, paid=0)
	assert "no answer" in comments_on(doc)[0]
	assert family.events() == [] and not frappe.db.exists(answers.DOCTYPE, {"person": family.guardian})


def test_a_box_that_is_not_ticked_keeps_the_yes_of_its_channel_from_its_question(family, monkeypatch):
	applications.set_fields(monkeypatch, **{"Voice": "city", "Voice-Fees": "paid"})
	applications.insert(family, paid=0)
	said = answers.choices(answer_of(family.phone))
	assert said["Voice", "Attendance"] is True and ("Voice", "Fees") not in said


def declining(family, monkeypatch, user: str) -> str | None:
	"""Say no to everything on a web form in a guardian's name, and return whom the answer names."""
	applications.set_fields(monkeypatch, guardian="pincode")
	name, signature = applications.form("pincode"), f"Prueba {frappe.generate_hash(length=8)}"
	entered = {"city": "No", "state": "No", "pincode": family.guardian, "last_name": signature}
	with as_user(user):
		applications.send(name, applications.values(family, **entered))
	return frappe.db.get_value(answers.DOCTYPE, {"signature": signature}, "person")


def test_a_visitor_signs_for_no_guardian_on_record(family, monkeypatch, portal_user):
	assert declining(family, monkeypatch, portal_user) is None
	assert family.events() == []


def test_a_guardian_signs_with_their_own_account(family, monkeypatch, portal_user):
	frappe.db.set_value("Guardian", family.guardian, "user", portal_user)
	assert declining(family, monkeypatch, portal_user) == family.guardian
	assert {(one.kind, one.purpose) for one in family.events()} == {
		("Opt Out", "Attendance"),
		("Opt Out", "Fees"),
	}


def test_what_is_declined_while_the_number_is_busy_is_recorded_later(family, applying, monkeypatch):
	def busy(*_of, **_more):
		raise NumberBusy("busy")

	with monkeypatch.context() as patched:
		patched.setattr(refusals, "number_lock", busy)
		doc = applying.insert(family, city="No")
	assert comments_on(doc) == [] and family.events() == []
	assert answer_of(family.phone).declined_at is None
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	refusals.daily()
	assert {one.purpose for one in family.events()} == {"Attendance", "Fees"}


def test_what_is_noted_as_not_recorded_leaves_nothing(family, applying, monkeypatch):
	def refused(_name: str):
		raise frappe.ValidationError("refused")

	monkeypatch.setattr(refusals, "declined", refused)
	doc = applying.insert(family, city="No")
	assert "refused" in comments_on(doc)[0]
	of_family = {"person": family.guardian}
	assert not frappe.db.exists(answers.DOCTYPE, of_family)
	assert frappe.get_all(requests.DOCTYPE, of_family, pluck="name") == [family.request]
