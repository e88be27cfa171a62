"""An opt-out that staff recorded by mistake: undone within a minute, corrected with a reason afterward."""

from datetime import timedelta

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.consent import corrections, ledger
from school_dialer.consent.events import Evidence
from school_dialer.desk import consent as desk
from school_dialer.reporting.number import number_history
from tests.integration import factories as make


@pytest.fixture
def row(phone: str) -> str:
	"""Return the record of a consent that was stopped for fees, by the person."""
	make.consent(phone)
	stop_fees(phone)
	return frappe.db.get_value("Contact Consent", {"phone": phone, "purpose": "All"})


def stop_fees(phone: str) -> str:
	person = Evidence("Keypad", wording="Pressed 9")
	return ledger.opt_out(phone, scope="this purpose", purpose="Fees", evidence=person)


def stopped(phone: str) -> set[tuple[str, str | None]]:
	return {(one.scope, one.purpose) for one in ledger.read([phone])[phone].opt_outs}


def notice_of(event: str):
	fields = ["name", "not_before"]
	return frappe.db.get_value("Dialer Notice", {"consent_event": event}, fields, as_dict=True)


def a_minute_later(monkeypatch) -> None:
	later = clock.now() + corrections.TO_UNDO + timedelta(seconds=1)
	monkeypatch.setattr(clock, "now", lambda: later)


def test_an_agent_undoes_a_wrong_click_before_a_text_goes_out(phone, row, as_role):
	before = stopped(phone)
	as_role("Dialer Agent")
	answer = desk.record_opt_out(contact_consent=row, scope="everything")
	assert answer["undo"] == 60
	assert notice_of(answer["event"]).not_before > clock.db_now() + timedelta(seconds=50)
	assert ("everything", None) in stopped(phone)
	undone = desk.undo_opt_out(answer["event"])
	assert phone[-6:] not in str(undone)
	assert not notice_of(answer["event"])
	assert stopped(phone) == before
	assert ledger.read([phone])[phone].consents


def test_after_a_minute_only_a_manager_corrects_it_with_a_reason(phone, row, as_role, monkeypatch):
	before = stopped(phone)
	as_role("Dialer Agent")
	event = desk.record_opt_out(contact_consent=row)["event"]
	a_minute_later(monkeypatch)
	with pytest.raises(frappe.ValidationError, match="no longer be undone"):
		desk.undo_opt_out(event)
	with pytest.raises(frappe.PermissionError):
		desk.correct_opt_out(event, "Another family was meant.")
	as_role("Dialer Manager")
	with pytest.raises(frappe.ValidationError, match="reason"):
		desk.correct_opt_out(event, "  ")
	corrected = desk.correct_opt_out(event, "Another family was meant.")["event"]
	assert stopped(phone) == before
	kept = frappe.get_doc("Consent Event", corrected)
	assert (kept.note, kept.reference_doctype, kept.reference_name) == (
		"Another family was meant.",
		"Consent Event",
		event,
	)
	assert frappe.db.get_value("Consent Event", event, "kind") == "Opt Out"
	with pytest.raises(frappe.ValidationError, match="already"):
		desk.correct_opt_out(event, "Once more.")


def test_another_agent_does_not_undo_it(phone, row, as_role):
	as_role("Dialer Agent")
	event = desk.record_opt_out(contact_consent=row)["event"]
	as_role("Dialer Agent")
	with pytest.raises(frappe.ValidationError, match="no longer be undone"):
		desk.undo_opt_out(event)


def test_what_the_person_said_meanwhile_stays(phone, row, as_role):
	as_role("Dialer Agent")
	event = desk.record_opt_out(contact_consent=row)["event"]
	ledger.opt_out(phone, evidence=Evidence("Text", actor="person", wording="STOP"))
	desk.undo_opt_out(event)
	assert ("all non-emergency", None) in stopped(phone)


def test_no_correction_takes_back_what_the_person_said(phone, row, as_role):
	"""Check that what a correction recorded again is no opt-out of staff, whatever record staff name."""
	before = stopped(phone)
	said = frappe.db.get_value("Consent Event", {"phone": phone, "kind": "Opt Out"})
	as_role("Dialer Manager")
	named = {"reference_doctype": "Consent Event", "reference_name": said}
	event = desk.record_opt_out(contact_consent=row, **named)["event"]
	desk.correct_opt_out(event, "Another family was meant.")
	assert stopped(phone) == before
	again = frappe.get_all(
		"Consent Event", {"phone": phone, "kind": "Opt Out", "source": "System"}, pluck="name", order_by="seq"
	)
	assert again
	for one in again:
		with pytest.raises(frappe.ValidationError, match="that staff recorded"):
			desk.undo_opt_out(one)
		with pytest.raises(frappe.ValidationError, match="that staff recorded"):
			desk.correct_opt_out(one, "A mistake.")
	assert stopped(phone) == before


def test_two_wrong_clicks_are_both_corrected(phone, row, as_role):
	before = stopped(phone)
	as_role("Dialer Manager")
	first = desk.record_opt_out(contact_consent=row, scope="everything")["event"]
	second = desk.record_opt_out(contact_consent=row)["event"]
	desk.correct_opt_out(first, "Another family was meant.")
	scopes = {scope for scope, _purpose in stopped(phone)}
	assert "all non-emergency" in scopes and "everything" not in scopes
	desk.correct_opt_out(second, "Another family was meant.")
	assert stopped(phone) == before


def test_no_undo_is_offered_where_there_is_none(phone, row):
	answer = desk.record_opt_out(contact_consent=row)
	assert answer["undo"] == 0 and not notice_of(answer["event"]).not_before


@pytest.mark.parametrize("source", ["Keypad", "Text", "Preference Page", "Carrier", "E-mail"])
def test_what_the_person_said_is_no_mistake_of_staff(phone, row, as_role, source):
	event = ledger.opt_out(phone, evidence=Evidence(source, actor="rosa@family.example", wording="stop"))
	before = stopped(phone)
	as_role("Dialer Manager")
	for undo in (lambda: desk.undo_opt_out(event), lambda: desk.correct_opt_out(event, "A mistake.")):
		with pytest.raises(frappe.ValidationError, match="that staff recorded"):
			undo()
	assert stopped(phone) == before


def test_an_e_mail_of_a_parent_on_the_staff_is_no_mistake(phone, row, as_role):
	"""Check that a Communication speaks for its sender, although the sender is a user with a role."""
	user = as_role("Dialer Manager")
	mail = Evidence("E-mail", actor=user, reference_doctype="Communication", reference_name="c1")
	event = ledger.opt_out(phone, evidence=mail)
	with pytest.raises(frappe.ValidationError, match="that staff recorded"):
		desk.correct_opt_out(event, "A mistake.")


def test_a_strangers_number_is_not_opened_by_a_correction(phone, row, as_role):
	as_role("Dialer Manager")
	event = desk.record_opt_out(contact_consent=row)["event"]
	desk.record_wrong_number(contact_consent=row, note="A dentist answered.")
	with pytest.raises(frappe.ValidationError, match="someone else"):
		desk.undo_opt_out(event)
	assert ("everything", None) in stopped(phone)


def test_the_history_says_that_it_was_a_mistake(phone, row, as_role):
	as_role("Dialer Manager")
	event = desk.record_opt_out(contact_consent=row)["event"]
	corrected = desk.correct_opt_out(event, "Another family was meant.")["event"]
	said = number_history.of_event(
		frappe.db.get_value(
			"Consent Event",
			{"phone": phone, "kind": "Opt In", "reference_name": event},
			["kind", "channel", "purpose", "scope", "basis", "source"],
			as_dict=True,
		)
	)
	assert corrected and "recorded by mistake" in said and "Agreed" not in said


def test_staff_cannot_lift_an_opt_out_without_naming_the_mistake(phone, row):
	with pytest.raises(ledger.LedgerError):
		ledger.opt_in(phone, evidence=Evidence("Agent", note="She changed her mind."))
