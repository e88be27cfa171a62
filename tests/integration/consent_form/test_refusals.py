"""What families decline counts at once, and is kept until the school knows a number."""

import json
from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.consent.choices import rate_limits
from school_dialer.consent.events import Evidence
from school_dialer.consent.lock import NumberBusy
from school_dialer.consent_form import answers, enrollment, proof, refusals
from school_dialer.consent_form.enrollment import Enrollment
from school_dialer.patches import refusals_of_forms
from school_dialer.privacy import consent_forms
from tests.integration import factories as make

NOTHING = dict.fromkeys(answers.QUESTIONS, False)
IN_PART = {("Voice", "Attendance"): True, ("Text", "Attendance"): False, ("Voice", "Fundraising"): False}
STOPPED = {("Text", "Attendance"), ("Voice", "Fundraising")}


@pytest.fixture(autouse=True)
def uncommitted(monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(rate_limits, "over", lambda *_: False)


@pytest.fixture
def unlisted():
	"""A guardian without a number on record."""
	return make.guardian("Nadia Prueba", "").name


def signed_by(guardian: str | None, choices: dict, phone: str) -> frappe._dict:
	person = ("Guardian", guardian) if guardian else None
	return enrollment.record(Enrollment(phone, choices, "The words that were signed.", "Nadia P.", person))


def enter(guardian: str, phone: str) -> None:
	doc = frappe.get_doc("Guardian", guardian)
	doc.mobile_number = phone
	doc.save()


def stops(phone: str) -> set[tuple]:
	found = frappe.get_all("Consent Event", {"phone": phone, "kind": "Opt Out"}, ["channel", "purpose"])
	return {(one.channel, one.purpose) for one in found}


def aged(row: frappe._dict) -> None:
	answers.update(row, signed_at=clock.to_db(clock.now() - answers.PROVABLE_FOR - timedelta(days=1)))


def test_a_no_outlives_a_yes_that_was_never_proven(family):
	row = signed_by(family.guardian, IN_PART, family.phone)
	aged(row)
	refusals.daily()
	answers.daily()
	assert answers.named(row.name).status == answers.EXPIRED
	assert stops(family.phone) == STOPPED and not ledger.read([family.phone])[family.phone].consents


def test_what_was_declined_without_a_number_counts_once_there_is_one(visitor, new_family, signed):
	family = new_family()
	enter(family.guardian, "")
	row = signed(family, phone="", **{f"{c}-{p}": "no" for c, p in answers.QUESTIONS})
	row = answers.named(row.name)
	assert (row.status, row.declined_at) == (answers.DECLINED, None)
	number = make.unlisted_phone()
	enter(family.guardian, number)
	(event,) = family.events(number)
	assert (event.kind, event.scope, event.person) == ("Opt Out", "all non-emergency", family.guardian)
	assert event.reference_name == row.name and answers.named(row.name).declined_at
	enter(family.guardian, number)
	refusals.daily()
	assert len(family.events(number)) == 1


@pytest.mark.parametrize("choices", [NOTHING, IN_PART])
def test_a_number_of_another_family_is_left_alone_and_the_no_waits(family, unlisted, choices):
	signed_by(unlisted, choices, family.phone)
	assert family.events() == []
	number = make.unlisted_phone()
	frappe.db.set_value("Guardian", unlisted, "mobile_number", number)
	refusals.daily()
	assert stops(number) == ({("Any", "All")} if choices is NOTHING else STOPPED)
	assert family.events() == []


def test_a_yes_on_a_later_form_stays_and_lifts_nothing_else_that_waits(family, unlisted):
	first = signed_by(unlisted, NOTHING, family.phone)
	number = make.unlisted_phone()
	yes = signed_by(unlisted, {("Voice", "Attendance"): True}, number)
	answers.update(first, signed_at=clock.to_db(clock.now() - timedelta(days=2)))
	proof.proven(yes.name, number, by="Staff")
	enter(unlisted, number)
	others = {("Any", purpose) for purpose in answers.ASKED if purpose != "Attendance"}
	assert stops(number) == {("Text", "Attendance"), *others}
	assert ledger.read([number])[number].consents


@pytest.mark.parametrize("purpose", ["Attendance", "All"])
def test_what_was_turned_on_at_the_number_since_is_not_stopped(unlisted, family, purpose):
	row = signed_by(unlisted, NOTHING, family.phone)
	answers.update(row, signed_at=clock.to_db(clock.now() - timedelta(days=2)))
	number = make.unlisted_phone()
	ledger.opt_in(number, evidence=make.evidence("Text"), purpose=purpose)
	enter(unlisted, number)
	others = {("Any", one) for one in answers.ASKED if one != purpose}
	assert stops(number) == (set() if purpose == "All" else others)
	assert answers.named(row.name).declined_at


def test_a_number_of_another_family_that_is_entered_later_is_for_the_office(family, unlisted):
	row = signed_by(unlisted, NOTHING, family.phone)
	enter(unlisted, family.phone)
	assert family.events() == []
	assert answers.named(row.name).status == answers.FOR_OFFICE
	assert frappe.db.exists("Dialer Review", {"reference_name": row.name, "status": "Open"})
	proof.accept(row.name, "Guardian", unlisted)
	assert answers.named(row.name).status == answers.DECLINED
	assert stops(family.phone) == {("Any", "All")}


def test_a_record_is_saved_even_if_what_was_declined_cannot_be_recorded(family, unlisted, monkeypatch):
	row = signed_by(unlisted, NOTHING, family.phone)
	number = make.unlisted_phone()

	def busy(*_of, **_more):
		raise NumberBusy("busy")

	with monkeypatch.context() as patched:
		patched.setattr(refusals, "number_lock", busy)
		enter(unlisted, number)
	assert frappe.db.get_value("Guardian", unlisted, "mobile_number") == number
	assert stops(number) == set() and answers.named(row.name).declined_at is None
	refusals.daily()
	assert stops(number) == {("Any", "All")}


def test_what_waits_for_a_number_is_not_deleted(family, unlisted):
	row = signed_by(unlisted, IN_PART, family.phone)
	answers.update(row, signed_at=clock.to_db(clock.now() - 2 * consent_forms.ANSWERS_KEPT))
	answers.daily()
	consent_forms.daily()
	assert answers.named(row.name).status == answers.EXPIRED
	number = make.unlisted_phone()
	enter(unlisted, number)
	assert stops(number) == STOPPED


def test_a_number_that_was_another_family_s_is_stopped_once_it_is_proven(family, unlisted):
	own = make.unlisted_phone()
	row = signed_by(unlisted, IN_PART, family.phone)
	frappe.db.set_value("Guardian", unlisted, "mobile_number", own)
	refusals.daily()
	assert stops(own) == STOPPED and family.events() == []
	frappe.db.set_value("Guardian", family.guardian, "mobile_number", "")
	proof.proven(row.name, row.phone)
	assert stops(row.phone) == STOPPED


def test_what_an_unnamed_adult_declined_goes_to_the_office(family):
	number = make.unlisted_phone()
	row = signed_by(None, IN_PART, number)
	assert stops(number) == set()
	aged(row)
	answers.daily()
	refusals.daily()
	assert answers.named(row.name).status == answers.FOR_OFFICE
	assert frappe.db.exists("Dialer Review", {"reference_name": row.name, "status": "Open"})
	proof.accept(row.name, "Guardian", family.guardian)
	assert answers.named(row.name).status == answers.EXPIRED
	assert stops(family.phone) == stops(number) == STOPPED
	assert not ledger.read([number])[number].consents


def test_what_was_declined_does_not_keep_the_number_from_being_proven(family):
	row = signed_by(family.guardian, IN_PART, family.phone)
	assert proof.proven(row.name, family.phone) == answers.COUNTS
	assert {one.kind for one in family.events()} == {"Opt Out", "Grant"} and len(family.events()) == 3


def test_a_stop_before_what_was_declined_is_recorded_still_wins(family):
	row = signed_by(family.guardian, IN_PART, family.phone)
	ledger.opt_out(family.phone, evidence=Evidence("Text", wording="STOP"))
	with pytest.raises(proof.Outdated):
		proof.proven(row.name, family.phone)


def test_the_patch_records_what_was_lost(family, unlisted):
	lost = signed_by(family.guardian, {("Voice", "Attendance"): True}, family.phone)
	choices = json.loads(lost.choices)
	choices["answers"]["Text:Fees"] = {"yes": False, "words": "Fees, Text: No"}
	answers.update(lost, choices=json.dumps(choices), status=answers.EXPIRED)
	since = make.guardian("Olga Prueba", make.unlisted_phone())
	regretted = signed_by(since.name, {("Voice", "Attendance"): True}, since.mobile_number)
	answers.update(regretted, choices=json.dumps(choices), status=answers.EXPIRED)
	answers.update(regretted, signed_at=clock.to_db(clock.now() - timedelta(days=9)))
	ledger.opt_in(since.mobile_number, evidence=make.evidence("Text"))
	recorded = signed_by(unlisted, NOTHING, make.unlisted_phone())
	answers.update(recorded, declined_at=None)
	before = len(family.events(recorded.phone))
	refusals_of_forms.execute()
	assert stops(family.phone) == {("Text", "Fees")} and stops(since.mobile_number) == set()
	assert answers.named(recorded.name).declined_at and len(family.events(recorded.phone)) == before
