"""Other records of a school's site: outside contacts, help desk issues, and ERPNext's own DocTypes.

Those DocTypes have names that resemble the dialer's.
"""

from __future__ import annotations

import frappe
from frappe.utils import get_datetime

from dev.school import rows
from dev.school.bulk import Bulk, ensure
from dev.school.model import Roster

ISSUES = (
	(
		"Please stop calling me",
		"I asked twice. Please take my number off your list, I do not want automated calls.",
	),
	("Bus was late again", "The bus on Harlem Avenue came 25 minutes late this morning."),
	("No more texts", "Calls are fine, but please no more text messages."),
	("Baja", "Por favor no me llamen más."),
	("Wrong number", "You keep calling about a student I do not know."),
)
CAMPAIGNS = ("Open House", "Kindergarten Round-Up")
CALLS = (("CA-demo-1", "Incoming", "Completed", 95), ("CA-demo-2", "Outgoing", "No Answer", 0))


def load(bulk: Bulk, roster: Roster) -> None:
	load_contacts(bulk)
	load_issues(bulk, roster)
	for name in CAMPAIGNS:
		ensure("Campaign", name, campaign_name=name, description="An enrolment campaign of the district.")
	for sid, kind, status, duration in CALLS:
		ensure(
			"Call Log",
			sid,
			id=sid,
			type=kind,
			status=status,
			duration=duration,
			start_time=get_datetime(f"{roster.year.first_day} 10:00:00"),
			**{"from": "+17085550199", "to": "+17085550100"},
		)


def load_contacts(bulk: Bulk) -> None:
	for contact in rows.contacts():
		key = {name: contact[name] for name in ("first_name", "last_name", "company_name")}
		if not frappe.db.exists("Contact", key):
			frappe.get_doc({"doctype": "Contact", **contact}).insert()
			bulk.counts["Contact"] = bulk.counts.get("Contact", 0) + 1


def load_issues(bulk: Bulk, roster: Roster) -> None:
	"""Insert help desk issues, each from a guardian, so that the help desk can find the numbers meant."""
	callers = [guardian for guardian in roster.guardians if guardian.mobile.e164][: len(ISSUES)]
	for (subject, description), guardian in zip(ISSUES, callers, strict=True):
		if not frappe.db.exists("Issue", {"subject": subject, "raised_by": guardian.email}):
			issue = {
				"subject": subject,
				"raised_by": guardian.email,
				"description": description,
				"status": "Open",
			}
			frappe.get_doc({"doctype": "Issue", **issue}).insert()
			bulk.counts["Issue"] = bulk.counts.get("Issue", 0) + 1
