"""Privacy choices, records requests and manual disclosures as records.

Covered are permissions, stored data, and deadlines.
"""

from datetime import timedelta

import frappe
import pytest

from school_dialer.audience import student_rights
from school_dialer.consent.replies import reviews
from school_dialer.desk import privacy as desk
from school_dialer.help_desk import actions
from school_dialer.privacy import records_requests
from school_dialer.school_dialer.report.disclosure_log import disclosure_log
from tests.integration import factories as make
from tests.integration.privacy.rights import ADULT, MINOR, choice, guardian, student

pytestmark = pytest.mark.dates


@pytest.fixture(autouse=True)
def undone(site_connection):
	frappe.db.savepoint("choices")
	yield
	frappe.set_user("Administrator")
	frappe.db.rollback(save_point="choices")


@pytest.mark.parametrize(
	("kind", "missing"),
	[
		("Consent to Disclose", "guardian"),
		("Consent to Disclose", "records_covered"),
		("Consent to Disclose", "disclosure_purpose"),
		("Tax Dependent", "tax_year"),
		("Student Refusal", "reason"),
		("Safety Hold", "reason"),
	],
)
@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_choice_without_its_evidence_is_refused(kind, missing, blank):
	mother = guardian()
	values = {"guardian": mother, missing: blank}
	with pytest.raises(frappe.ValidationError):
		choice(student(ADULT, (mother, {})), kind, **values)


@pytest.mark.parametrize("year", [1, 1999, 2100, -5])
def test_a_tax_year_is_one_that_can_have_been_filed(year):
	with pytest.raises(frappe.ValidationError):
		choice(student(ADULT), "Tax Dependent", tax_year=year)


def test_a_choice_is_ended_and_never_changed_or_deleted():
	made = choice(student(ADULT), "Student Refusal", recorded_by="Guest", ended_by="Guest", status="Ended")
	assert (made.status, made.recorded_by, made.ended_by) == ("In Force", "Administrator", None)
	made.reload()
	made.reason = "Another one"
	with pytest.raises(frappe.PermissionError):
		made.save()
	with pytest.raises(frappe.PermissionError):
		frappe.delete_doc("Dialer Privacy Choice", made.name)
	with pytest.raises(frappe.ValidationError):
		desk.end_choice(made.name, "  ")
	desk.end_choice(made.name, "The student took it back.")
	made.reload()
	assert (made.status, made.ended_by) == ("Ended", "Administrator") and made.ended_at and made.end_reason
	assert not student_rights.in_force((made.student,))
	with pytest.raises(frappe.ValidationError, match="already"):
		desk.end_choice(made.name, "Again")


def test_only_an_officer_holds_and_ends(as_role):
	one = student(MINOR)
	made = choice(one, "Safety Hold")
	for role in ("Dialer Manager", "Dialer Agent", "System Manager"):
		as_role(role)
		with pytest.raises(frappe.PermissionError):
			choice(one, "Safety Hold")
		with pytest.raises(frappe.PermissionError):
			desk.end_choice(made.name, "Because")
		frappe.set_user("Administrator")


def request(**values):
	doc = {
		"doctype": "Dialer Records Request",
		"kind": "Inspect Records",
		"student": values.pop("student", None) or student(MINOR),
		"requested_by": "Maria Lopez",
		"details": "All grades of this year",
		"interest": "A parent",
		**values,
	}
	return frappe.get_doc(doc).insert()


def told_officers(name: str) -> int:
	return frappe.db.count("Notification Log", {"document_name": name})


def test_the_clock_of_forty_five_days(monkeypatch):
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	today = make.clock.db_now().date()
	fresh, near, late = (request(received_on=today - timedelta(days=days)) for days in (1, 36, 60))
	assert frappe.utils.getdate(near.due_on) == today + timedelta(days=9)
	records_requests.daily()
	officers = told_officers(near.name)
	assert officers and told_officers(late.name) == officers and told_officers(fresh.name) == 0
	records_requests.daily()
	assert told_officers(near.name) == told_officers(late.name) == officers
	frappe.db.set_value("Dialer Records Request", late.name, "reminded_on", today - timedelta(days=1))
	late.reload()
	records_requests.daily()
	assert told_officers(late.name) == 2 * officers
	late.reload()
	late.update({"status": "Granted", "answer": "Shown on Monday"})
	late.save()
	assert not [name for name, _due in records_requests.due_requests(today) if name == late.name]


def test_an_officer_alone_confirms_what_was_carried_over(as_role):
	made = choice(student(MINOR), "Safety Hold")
	review = reviews.ask_for_review(reviews.CONFIRM, reference_doctype=made.doctype, reference_name=made.name)
	as_role("Dialer Agent")
	with pytest.raises(frappe.PermissionError):
		actions.close_review(review, "Fine")
	as_role("Dialer Compliance Officer")
	actions.close_review(review, "The father is the threat")
	assert frappe.db.get_value("Dialer Review", review, "status") == "Done"


def test_a_denied_request_keeps_its_answer_and_a_statement_of_disagreement():
	one = request(kind="Amend Records")
	assert one.due_on is None
	one.statement = "Too early"
	with pytest.raises(frappe.ValidationError):
		one.save()
	one.reload()
	one.status = "Denied"
	with pytest.raises(frappe.ValidationError):
		one.save()
	one.reload()
	one.update({"status": "Denied", "answer": "The grade was right."})
	one.save()
	assert one.answered_by == "Administrator" and one.answered_on
	one.statement = "We disagree."
	one.save()
	_columns, _rows, message = disclosure_log.execute({"student": one.student})
	assert "statement of disagreement" in message
	for change in ({"status": "Granted"}, {"answer": "Other"}, {"statement": ""}):
		one.reload()
		one.update(change)
		with pytest.raises(frappe.PermissionError):
			one.save()
	with pytest.raises(frappe.PermissionError):
		frappe.delete_doc("Dialer Records Request", one.name)


def test_a_request_from_the_future_is_refused():
	with pytest.raises(frappe.ValidationError):
		request(received_on=make.clock.db_now().date() + timedelta(days=2))


def by_hand(**values):
	doc = {
		"doctype": "Dialer Disclosure",
		"student": values.pop("student", None) or student(MINOR),
		"person_name": "County Court",
		"disclosed_at": make.clock.db_now(),
		"legal_basis": "Court Order or Subpoena (34 CFR 99.31(a)(9))",
		"interest": "Case 12",
		"records_disclosed": "Attendance of May",
		**values,
	}
	return frappe.get_doc(doc).insert()


def test_a_subpoena_is_on_the_log_and_stays():
	one = by_hand()
	assert (one.way, one.recorded_by, one.certainty) == ("By Hand", "Administrator", "Certain")
	_columns, (row,), message = disclosure_log.execute({"student": one.student})
	assert (row["told"], row["person_name"], row["interest"]) == (
		"Attendance of May",
		"County Court",
		"Case 12",
	)
	assert message is None
	with pytest.raises(frappe.PermissionError):
		frappe.get_doc("Dialer Disclosure", one.name).save()
	with pytest.raises(frappe.db.OperationalError, match="append-only"):
		frappe.db.sql("update `tabDialer Disclosure` set interest = 'x' where name = %s", one.name)


@pytest.mark.parametrize(
	"values",
	[
		{"interest": ""},
		{"records_disclosed": None},
		{"person_name": ""},
		{"legal_basis": "Anything"},
		{"student": "EDU-STU-NOBODY"},
		{"legal_basis": "Health or Safety Emergency (34 CFR 99.36)"},
		{"way": "Spoken"},
		{"call_log": "x"},
		{"campaign": "x"},
	],
)
def test_an_incomplete_or_false_entry_is_refused(values):
	with pytest.raises((frappe.ValidationError, frappe.PermissionError)):
		by_hand(**values)


def test_a_health_emergency_has_its_threat():
	assert by_hand(legal_basis="Health or Safety Emergency (34 CFR 99.36)", threat="A measles case").threat


def test_directory_information_of_a_family_that_opted_out_goes_to_no_one():
	child = student(MINOR)
	basis = "Directory Information (34 CFR 99.37)"
	assert by_hand(student=child, legal_basis=basis)
	choice(child, "Directory Opt-Out")
	with pytest.raises(frappe.ValidationError, match="opted out"):
		by_hand(student=child, legal_basis=basis)
	assert by_hand(student=child)


@pytest.mark.parametrize("role", ["Dialer Manager", "Dialer Agent", "System Manager"])
def test_only_an_officer_enters_a_disclosure(as_role, role):
	child = student(MINOR)
	as_role(role)
	with pytest.raises(frappe.PermissionError):
		by_hand(student=child)
