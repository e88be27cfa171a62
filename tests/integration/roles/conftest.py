"""One user per role, and records on which each method of the matrix can be tried.

Each attempt is rolled back.
"""

from collections.abc import Iterator

import frappe
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from school_dialer.base import roles as app_roles
from school_dialer.consent.replies import reviews
from tests.integration import factories as make
from tests.integration.roles import teaching
from tests.integration.roles.attempts import COLUMNS, GUEST, TEACHER

TEACHERS_ROLES = ("Academics User", "Desk User", "Inbox User")


def of_inbox(campaign: str, recipient: str) -> dict:
	waiting = {"status": "Waiting", "phone": make.phone()}
	return {
		"absence": bare("Dialer Absence Report", kind="Absence", student_name="Matrix"),
		"conversation": bare("Dialer Conversation", **waiting),
		"manual_call": bare("Dialer Manual Call", campaign=campaign, recipient=recipient, **waiting),
	}


KIT = (
	("Dialer Emergency Kit Item", "kit_item"),
	("Dialer Emergency Start", "kit_start"),
	("Dialer Consent Drive", "drive"),
	("Dialer Consent Letters", "letters"),
	("Dialer Consent Answer", "consent_answer"),
	("Dialer Lookup Run", "lookup_run"),
)


def of_kit(campaign: str) -> dict:
	key = frappe.generate_hash(length=64)
	started = {"title": "Matrix", "started_by": "Administrator", "request_key": key, "campaign": campaign}
	return {
		"kit_item": bare("Dialer Emergency Kit Item", title="Matrix", enabled=1, agents_may_start=1),
		"kit_start": bare("Dialer Emergency Start", **started),
		"drive": bare("Dialer Consent Drive", title="Matrix", state="Running"),
		"letters": bare("Dialer Consent Letters", title="Matrix", state="Made"),
		"consent_answer": bare("Dialer Consent Answer", status="Counts"),
		"lookup_run": bare("Dialer Lookup Run", state="New"),
	}


@pytest.fixture(scope="module")
def matrix_records(site_connection) -> Iterator[dict]:
	"""Commit the records, since each attempt is rolled back as a whole, and delete them at the end."""
	users = {role: user_of(role) for role in COLUMNS if role != GUEST} | {GUEST: "Guest"}
	campaign, waiting = make.campaign(), make.campaign(**emergency())
	waiting.db_set({"status": "Awaiting Approval", "requested_by": "Administrator"})
	contact = frappe.get_doc({"doctype": "Contact", "first_name": "Matrix"}).insert()
	for user in set(users.values()) - {"Guest"}:
		frappe.share.add("Contact", contact.name, user, read=1)
	records = {"users": users, "campaign": campaign, "waiting": waiting, "contact": contact}
	records |= {"recipient": recipient_of(campaign), "review": review_about(contact)}
	records["rule"] = bare(
		"Dialer Rule", title="Matrix", kind="Absence", purpose="Attendance", channel="Voice"
	)
	records["run"] = bare("Dialer Rule Run", rule=records["rule"], day="2026-01-05")
	records["recording"] = bare("Dialer Recording", label="Matrix")
	records["taught"] = teaching.of_teacher(users[app_roles.TEACHER])
	records["roster"] = bare("Dialer Roster Import", state="New")
	records["restore"] = bare("Dialer Restore", state="Ended")
	records |= of_kit(campaign.name)
	records |= of_inbox(campaign.name, records["recipient"])
	records["answer"] = bare("Dialer Answer", campaign=campaign.name, kind="Poll")
	frappe.db.commit()
	yield records
	frappe.set_user("Administrator")
	frappe.db.delete("Dialer Recipient", {"campaign": campaign.name})
	for doctype, key in (
		("Dialer Review", "review"),
		("Dialer Rule", "rule"),
		("Dialer Rule Run", "run"),
		("Dialer Recording", "recording"),
		("Dialer Answer", "answer"),
		("Dialer Roster Import", "roster"),
		("Dialer Restore", "restore"),
		("Dialer Conversation", "conversation"),
		("Dialer Manual Call", "manual_call"),
		("Dialer Absence Report", "absence"),
		*KIT,
	):
		frappe.db.delete(doctype, {"name": records[key]})
	waiting.db_set("status", "Cancelled")
	teaching.remove(records["taught"])
	for doc in (campaign, waiting):
		frappe.delete_doc("Dialer Campaign", doc.name, force=True)
		frappe.delete_doc("Dialer Message Template", doc.template, force=True)
	frappe.delete_doc("Contact", contact.name, force=True)
	for user in set(users.values()) - {"Guest"}:
		frappe.delete_doc("User", user, force=True)
	frappe.db.commit()


def user_of(role: str) -> str:
	roles = [one for one in TEACHERS_ROLES if frappe.db.exists("Role", one)] if role == TEACHER else [role]
	user = {
		"doctype": "User",
		"email": f"{frappe.generate_hash(length=10)}@school.example",
		"first_name": role,
		"send_welcome_email": 0,
		"roles": [{"role": one} for one in roles],
	}
	return frappe.get_doc(user).insert().name


def recipient_of(campaign) -> str:
	phone = make.phone()
	make.consent(phone)
	recipient = {"doctype": "Dialer Recipient", "campaign": campaign.name, "phone": phone}
	return frappe.get_doc({**recipient, "person_name": "Matrix"}).insert().name


def bare(doctype: str, **values) -> str:
	"""Insert a row that no form would save, and return its name.

	Methods check the permission before they read anything from the row.
	"""
	doc = frappe.get_doc({"doctype": doctype, "name": frappe.generate_hash(length=10), **values})
	doc.db_insert()
	return doc.name


def review_about(contact) -> str:
	return reviews.ask_for_review(reviews.NOT_KNOWN, reference_doctype="Contact", reference_name=contact.name)


def emergency() -> dict:
	return {"purpose": "Emergency", "emergency_type": "Fire", "emergency_reason": "Smoke in the hall"}


@pytest.fixture
def a_request() -> Iterator[None]:
	"""Set an unsigned request from this machine, as methods that read headers expect one."""
	frappe.local.request = Request(EnvironBuilder(method="POST", base_url="http://127.0.0.1/").get_environ())
	frappe.local.request_ip = "127.0.0.1"
	yield
	del frappe.local.request
	frappe.local.request_ip = None
