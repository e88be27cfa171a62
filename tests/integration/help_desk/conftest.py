"""An issue from a guardian with one child, as the help desk would have it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import frappe
import pytest

from tests.integration import factories as make


@dataclass
class Family:
	email: str
	guardian: str
	mobile: str
	other: str
	student: str
	student_phone: str


@pytest.fixture
def family() -> Family:
	mobile, other, student_phone = (make.phone(code) for code in ("312", "617", "206"))
	email = f"{secrets.token_hex(4)}@family.example"
	guardian = frappe.get_doc(
		{
			"doctype": "Guardian",
			"guardian_name": "Rosa Test",
			"email_address": email,
			"mobile_number": f"({mobile[2:5]}) {mobile[5:8]}-{mobile[8:]}",
			"alternate_number": other,
		}
	).insert()
	student = frappe.get_doc(
		{
			"doctype": "Student",
			"first_name": "Luis",
			"student_email_id": f"{secrets.token_hex(4)}@student.example",
			"student_mobile_number": student_phone,
			"guardians": [{"guardian": guardian.name, "guardian_name": "Rosa Test", "relation": "Mother"}],
		}
	).insert()
	return Family(email, guardian.name, mobile, other, student.name, student_phone)


@pytest.fixture
def issue(family: Family):
	return frappe.get_doc(
		{"doctype": "Issue", "subject": "Calls", "raised_by": family.email, "description": "Please help"}
	).insert()


@pytest.fixture
def received() -> Callable[..., "frappe.model.document.Document"]:
	"""Return a function that inserts an e-mail that was just received."""

	def receive(sender: str, content: str, reference=None, subject: str = "Re: news", **more):
		return frappe.get_doc(
			{
				"doctype": "Communication",
				"communication_type": "Communication",
				"communication_medium": "Email",
				"sent_or_received": "Received",
				"sender": sender,
				"subject": subject,
				"content": content,
				"reference_doctype": reference and reference.doctype,
				"reference_name": reference and reference.name,
				**more,
			}
		).insert(ignore_permissions=True)

	return receive
