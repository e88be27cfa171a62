"""Consent forms in retention, erasure and the export of a person."""

from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.consent_form import answers, requests
from school_dialer.privacy import consent_forms, erasure, person

ALL = tuple(f"{channel}-{purpose}" for channel, purpose in answers.QUESTIONS)


@pytest.fixture(autouse=True)
def uncommitted(monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)


def aged(row, days: int) -> None:
	answers.update(row, signed_at=clock.to_db(clock.now() - timedelta(days=days)))


def test_a_form_that_was_not_proven_ends_and_is_deleted(family, signed):
	row = signed(family, *ALL)
	aged(row, answers.PROVABLE_FOR.days + 1)
	answers.daily()
	assert answers.named(row.name).status == answers.EXPIRED
	aged(row, consent_forms.ANSWERS_KEPT.days + 1)
	consent_forms.daily()
	assert answers.named(row.name) is None


def test_a_form_that_was_not_proven_stays_as_evidence_of_what_it_declined(family, signed):
	row = signed(family)
	aged(row, answers.PROVABLE_FOR.days + consent_forms.ANSWERS_KEPT.days)
	answers.daily()
	consent_forms.daily()
	assert answers.named(row.name).status == answers.EXPIRED
	assert {one.kind for one in family.events()} == {"Opt Out"}
	report = erasure.erase(person.of_record("Guardian", family.guardian), really=True)
	assert answers.named(row.name) and any("signed consent forms" in one for one in report.kept)


def test_what_counts_stays(family, proven):
	row = proven(family)
	aged(row, 3_000)
	answers.daily()
	consent_forms.daily()
	assert answers.named(row.name).status == answers.COUNTS


def test_a_request_that_no_one_answered_is_deleted_but_not_under_a_hold(family, new_family):
	held = new_family()
	frappe.get_doc(
		{
			"doctype": "Dialer Legal Hold",
			"person_doctype": "Guardian",
			"person": held.guardian,
			"reason": "Claim",
		}
	).insert()
	past = (clock.db_now() - consent_forms.REQUESTS_KEPT - timedelta(days=1)).date()
	for one in (family, held):
		frappe.db.set_value(requests.DOCTYPE, one.request, "expires_on", past)
	requests.daily()
	consent_forms.daily()
	assert not frappe.db.exists(requests.DOCTYPE, family.request)
	assert frappe.db.exists(requests.DOCTYPE, held.request)


def test_erasure_takes_what_never_counted_and_the_name_in_the_letter(family, signed):
	row = signed(family, *ALL)
	report = erasure.erase(person.of_record("Guardian", family.guardian), really=True)
	assert answers.named(row.name) is None and any("never counted" in one for one in report.removed)
	asked = frappe.db.get_value(
		requests.DOCTYPE, family.request, ["people", "person", "status"], as_dict=True
	)
	assert (asked.people, asked.person, asked.status) == ("[]", None, requests.WITHDRAWN)
	assert requests.open_request(family.token) is None


def test_erasure_says_that_signed_forms_stay(family, proven):
	row = proven(family)
	report = erasure.erase(person.of_record("Guardian", family.guardian), really=True)
	assert answers.named(row.name) and any("signed consent forms" in one for one in report.kept)


def test_erasing_a_student_leaves_the_familys_letter_without_them(family):
	erasure.erase(person.of_record("Student", family.student), really=True)
	assert frappe.db.get_value(requests.DOCTYPE, family.request, "students") == "[]"


def test_the_export_shows_what_was_signed(family, proven):
	row = proven(family)
	kept = person.export(person.of_record("Guardian", family.guardian))["kept"]
	assert kept[answers.DOCTYPE][0]["shown"] == row.shown
	assert kept[requests.DOCTYPE][0]["status"] == requests.ANSWERED
