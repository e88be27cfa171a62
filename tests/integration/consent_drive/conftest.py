"""Committed families of one class, and drives that ask them. Everything is deleted afterwards."""

import secrets
from collections.abc import Callable, Iterator

import frappe
import pytest

from tests.integration.consent_drive.families import Class


@pytest.fixture
def school_class(site_connection) -> Iterator[Class]:
	found = Class(secrets.token_hex(4))
	yield found
	found.close()


@pytest.fixture
def mailer(site_connection) -> Iterator[None]:
	"""Make a default outgoing e-mail account that connects to nothing, so that mails stay in the queue."""
	frappe.local.outgoing_email_account = {}
	name = None
	if not frappe.db.exists("Email Account", {"default_outgoing": 1, "enable_outgoing": 1}):
		name = f"Test {secrets.token_hex(3)}"
		values = {"email_account_name": name, "email_id": "office@school.example", "enable_outgoing": 1}
		values |= {"default_outgoing": 1, "smtp_server": "127.0.0.1", "no_smtp_authentication": 1}
		frappe.get_doc({"doctype": "Email Account", **values}).insert()
		frappe.db.commit()
	yield
	frappe.db.rollback()
	if name:
		frappe.delete_doc("Email Account", name, force=True)
	frappe.db.commit()
	frappe.local.outgoing_email_account = {}


@pytest.fixture
def drive(school_class) -> Callable:
	"""Return a function that saves and commits a draft for the class."""

	def make(*waves: tuple[int, str], **values):
		rows = [{"days": days, "way": way, "else_letter": 1} for days, way in waves or ((0, "Letter"),)]
		doc = {
			"doctype": "Dialer Consent Drive",
			"title": school_class.tag,
			"audience_source": "Guardians of a Student Group",
			"audience_doctype": "Student Group",
			"audience_name": school_class.group,
			"waves": rows,
		}
		saved = frappe.get_doc({**doc, **values}).insert()
		frappe.db.commit()
		return saved

	return make
