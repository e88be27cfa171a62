"""Calls in the timeline and the connections of a person's record, as the viewer's role allows."""

import frappe
import pytest
from frappe.desk.form.load import get_additional_timeline_content
from frappe.desk.notifications import get_open_count

from school_dialer import hooks
from school_dialer.base import clock
from school_dialer.help_desk import timeline
from tests.integration import factories as make


def call_to(family, **values) -> str:
	doc = frappe.get_doc(
		{
			"doctype": "Dialer Call Log",
			"name": frappe.generate_hash(length=16),
			"direction": "Outbound",
			"channel": "Voice",
			"verdict": "ALLOW",
			"purpose": "Attendance",
			"status": "completed",
			"phone": family.mobile,
			"phone_masked": "+1 ••• ••• ••42",
			"person_doctype": "Guardian",
			"person": family.guardian,
			"placed_at": clock.db_now(),
			**values,
		}
	)
	doc.db_insert()
	return doc.name


def told(doctype: str, name: str) -> str:
	return " ".join(one["content"] for one in get_additional_timeline_content(doctype, name))


def test_a_call_is_in_the_timeline_of_the_person(family, as_role):
	log = call_to(family)
	as_role("Dialer Agent")
	found = told("Guardian", family.guardian)
	assert "We called about Attendance: answered" in found and log in found and "••42" in found
	assert family.mobile not in found and family.mobile[2:] not in found
	(entry,) = get_additional_timeline_content("Guardian", family.guardian)
	assert set(entry) == {"icon", "creation", "is_card", "content"}


def test_a_student_has_the_calls_about_them(family):
	log = call_to(family)
	disclosure = {"doctype": "Dialer Disclosure", "student": family.student, "call_log": log, "way": "Spoken"}
	doc = frappe.get_doc(
		{**disclosure, "name": frappe.generate_hash(length=12), "disclosed_at": clock.db_now()}
	)
	doc.db_insert()
	assert log in told("Student", family.student)


@pytest.mark.parametrize("roles", [["Academics User"], ["Support Team"], []])
def test_who_may_not_read_call_logs_sees_none(family, as_role, roles):
	call_to(family)
	as_role(*roles)
	assert told("Guardian", family.guardian) == ""


def test_markup_in_a_log_is_shown_as_text(family):
	call_to(family, purpose="<img src=x>", keys_pressed="<b>")
	found = told("Guardian", family.guardian)
	assert "<img" not in found and "<b>" not in found


def test_the_timeline_is_cut_at_the_latest(family, monkeypatch):
	monkeypatch.setattr(timeline, "LATEST", 2)
	for _each in range(4):
		call_to(family)
	assert len(get_additional_timeline_content("Guardian", family.guardian)) == 2


def test_connections_count_what_the_dialer_has(family):
	call_to(family)
	make.consent(family.mobile, person_doctype="Guardian", person=family.guardian)
	found = get_open_count("Guardian", family.guardian)["count"]
	rows = found if isinstance(found, list) else found["external_links_found"]
	counts = {one.get("doctype") or one["name"]: one["count"] for one in rows}
	assert counts["Dialer Call Log"] == 1 and counts["Contact Consent"] > 0


def test_every_connection_leads_somewhere():
	"""Check that each item is a DocType with the field it is found by. Connections of other apps stay.

	It covers the DocTypes that the site has.
	"""
	present = [one for one in hooks.override_doctype_dashboards if frappe.db.exists("DocType", one)]
	assert {"Student", "Guardian", "Contact", "Issue"} <= set(present)
	for doctype in present:
		data = frappe.get_meta(doctype).get_dashboard_data()
		(calls,) = [group for group in data.transactions if group.get("label") == "Calls"]
		for item in calls["items"]:
			assert frappe.get_meta(item).has_field(data.non_standard_fieldnames[item]), (doctype, item)
