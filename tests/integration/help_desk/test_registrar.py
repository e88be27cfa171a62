"""A wrong number becomes a ToDo for the registrar that names the record, not the number."""

import frappe
import pytest

from school_dialer.consent import ledger
from school_dialer.help_desk import actions, registrar
from tests.integration import factories as make

REGISTRAR = "Administrator"


@pytest.fixture
def a_registrar() -> None:
	frappe.db.set_single_value("Dialer Settings", "registrar", REGISTRAR)


def report(phone: str, source: str = "Text") -> str:
	"""Record a wrong number, run the job that follows its commit, and return the event's name."""
	event = ledger.wrong_number(phone, evidence=make.evidence(source))
	registrar.open_todos(event)
	return event


def todos(**filters) -> list:
	return frappe.get_all(
		"ToDo",
		{"status": "Open", "description": ("like", "%someone else%"), **filters},
		["reference_type", "reference_name", "allocated_to", "role", "description"],
		order_by="creation",
	)


def test_the_record_is_named_and_not_the_number(a_registrar, issue, family, as_role):
	user = as_role("Dialer Agent")
	frappe.set_user("Administrator")
	frappe.share.add("Issue", issue.name, user, read=1)
	frappe.set_user(user)
	done = actions.wrong_number("Issue", issue.name, family.other, note="A dentist answered")
	registrar.open_todos(done["event"])
	(todo,) = todos(reference_name=family.guardian)
	assert (todo.reference_type, todo.allocated_to) == ("Guardian", REGISTRAR)
	assert "Alternate Number" in todo.description
	assert family.other not in todo.description and family.other[-4:] not in todo.description


def test_the_person_who_was_called_is_found(a_registrar, family):
	"""Check a wrong number reported by keypad.

	The event names no person, but the campaign's rows do.
	"""
	make.consent(family.mobile, person_doctype="Guardian", person=family.guardian)
	report(family.mobile, "Keypad")
	report(family.mobile, "Text")
	assert len(todos(reference_name=family.guardian)) == 1


def test_a_number_on_no_record_is_told_too(a_registrar):
	phone = make.phone()
	event = report(phone)
	(todo,) = [one for one in todos() if event in one.description]
	assert todo.reference_name is None and phone[2:] not in todo.description


def test_a_number_that_was_corrected_already_asks_no_one_to(a_registrar, family):
	make.consent(family.mobile, person_doctype="Guardian", person=family.guardian)
	frappe.db.set_value("Guardian", family.guardian, "mobile_number", make.phone())
	report(family.mobile, "Text")
	assert not todos(reference_name=family.guardian)


def test_a_role_instead_of_a_user(family):
	frappe.db.set_single_value("Dialer Settings", "registrar_role", "Academics User")
	make.consent(family.mobile, person_doctype="Guardian", person=family.guardian)
	report(family.mobile, "Text")
	(todo,) = todos(reference_name=family.guardian)
	assert (todo.role, todo.allocated_to) == ("Academics User", None)


@pytest.mark.parametrize("wrong", [True, False])
@pytest.mark.parametrize("asked", [True, False])
def test_a_job_is_for_wrong_numbers_where_there_is_a_registrar(family, monkeypatch, wrong, asked):
	"""Check that the job is enqueued with the event's name only, after the commit.

	So the job can never block the event.
	"""
	jobs = []
	monkeypatch.setattr(frappe, "enqueue", lambda method, **more: jobs.append((method, more)))
	frappe.db.set_single_value("Dialer Settings", "registrar", REGISTRAR if asked else None)
	record = ledger.wrong_number if wrong else ledger.opt_out
	event = record(family.mobile, evidence=make.evidence("Keypad"))
	ours = [more for method, more in jobs if method == "school_dialer.help_desk.registrar.open_todos"]
	expected = {"queue": "short", "enqueue_after_commit": True, "event": event}
	assert ours == ([expected] if wrong and asked else [])
