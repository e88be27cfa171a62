"""The fields of earlier versions become records.

Each test rebuilds an old site and migrates it. DDL commits, so each test cleans up.
"""

from collections.abc import Iterator
from datetime import timedelta

import frappe
import pytest

from school_dialer.audience import student_rights
from school_dialer.consent.replies import overdue
from school_dialer.patches import objections_to_choices, records_by_relation
from school_dialer.setup import custom_fields
from tests.integration import factories as make
from tests.integration.privacy.rights import ADULT, MINOR, guardian, student

OLD = objections_to_choices.OLD


@pytest.fixture(autouse=True)
def cleaned(site_connection) -> Iterator[None]:
	"""Restore the field and delete the records that were made, since no savepoint outlives DDL."""
	known = {doctype: set(frappe.get_all(doctype, pluck="name", order_by="name")) for doctype in MADE}
	yield
	custom_fields.create()
	for doctype, before in known.items():
		now = set(frappe.get_all(doctype, pluck="name", order_by="name"))
		if made := tuple(now - before):
			frappe.db.delete(doctype, {"name": ("in", made)})
	frappe.db.commit()


MADE = ("Student", "Guardian", "Student Guardian", "Dialer Privacy Choice", "Dialer Review")


def test_ticks_become_choices_on_the_review_list():
	"""Check the choices that the ticks become.

	An adult student's tick is a refusal. A minor's tick becomes a hold, the safe reading, until an officer
	reviews it. Running it twice has the same result as running it once.
	"""
	frappe.db.sql_ddl(f"alter table `tabStudent` add column if not exists `{OLD}` int(1) not null default 0")
	frappe.cache().hdel("table_columns", "tabStudent")
	adult, minor, unknown, other = student(ADULT), student(MINOR), student(None), student(MINOR)
	ticked, hanging = (
		(adult, minor, unknown),
		overdue.find_overdue(make.clock.now() + timedelta(days=9)).not_recorded,
	)
	try:
		frappe.db.sql(f"update `tabStudent` set {OLD} = 1 where name in %s", (ticked,))
		for _time in range(2):
			objections_to_choices.execute()
		kinds = {name: kind for _guardian, name, kind in student_rights.in_force((*ticked, other))}
		assert kinds == {adult: "Student Refusal", minor: "Safety Hold", unknown: "Safety Hold"}
		made = frappe.get_all(
			"Dialer Privacy Choice", {"student": ("in", ticked)}, pluck="name", order_by="name"
		)
		reviews = frappe.get_all(
			"Dialer Review", {"reference_name": ("in", made)}, ["reason", "status"], order_by="name"
		)
		assert [(row.reason, row.status) for row in reviews] == [("Privacy choice to confirm", "Open")] * 3
		assert not overdue.find_overdue(make.clock.now() + timedelta(days=9)).not_recorded - hanging
		assert not frappe.db.exists("Custom Field", {"dt": "Student", "fieldname": OLD})
	finally:
		frappe.db.sql(f"update `tabStudent` set {OLD} = 0 where name in %s", (ticked,))


def test_what_the_box_of_records_said_stays():
	"""Check the field that was a checkbox, ticked by default. An old site is rebuilt and migrated."""
	aunt, uncle = guardian(), guardian()
	child = student(MINOR, (aunt, {"relation": "Others"}), (uncle, {"relation": "Others"}))
	frappe.db.set_value(
		"Custom Field", {"dt": "Student Guardian", "fieldname": student_rights.RECORDS}, "fieldtype", "Check"
	)
	frappe.clear_cache(doctype="Student Guardian")
	try:
		for one, ticked in ((aunt, "1"), (uncle, "0")):
			frappe.db.sql(
				"update `tabStudent Guardian` set dialer_may_receive_records = %s where guardian = %s",
				(ticked, one),
			)
		records_by_relation.execute()
		records_by_relation.execute()
		said = dict(
			frappe.db.sql(
				"select guardian, dialer_may_receive_records from `tabStudent Guardian` where parent = %s",
				child,
			)
		)
		assert said == {aunt: "Yes", uncle: "No"}
		field = frappe.get_meta("Student Guardian").get_field(student_rights.RECORDS)
		assert (field.fieldtype, field.options) == ("Select", "\nYes\nNo")
	finally:
		frappe.clear_cache(doctype="Student Guardian")
