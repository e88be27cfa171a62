"""The consent form as a browser without scripts sees it, and a family that is asked.

It runs in this process, inside the test's transaction.
"""

import re
from collections.abc import Callable

import frappe
import frappe.app  # Sets how much of a form werkzeug reads.
import pytest

from school_dialer.base.database import rows
from school_dialer.consent.choices import rate_limits
from school_dialer.consent_form import answers, codes, requests
from school_dialer.website.consent import consent_form, consent_page
from tests.integration import factories as make
from tests.integration.visitor import Visitor


class FormVisitor(Visitor):
	"""A guest who requests the form."""

	def __init__(self):
		super().__init__(consent_page.ConsentPage)

	@property
	def secret(self) -> str:
		"""The secret of the answer to which the last response redirects."""
		return re.search(r"[?&]a=([\w-]+)", self.answer.headers["Location"])[1]


class Family:
	"""A guardian with a number on record, their child, and a letter to them."""

	def __init__(self, **request):
		self.phone = make.unlisted_phone()
		self.guardian = make.guardian("Maria Verónica Prueba", self.phone).name
		self.student = f"CF-{frappe.generate_hash(length=8)}"
		child = {"first_name": "Zulma", "last_name": "Prueba", "student_name": "Zulma Prueba", "enabled": 1}
		rows.insert("Student", [{"name": self.student, **rows.stamp(), **child}])
		person = ("Guardian", self.guardian)
		(self.request,) = requests.create([requests.NewRequest([person], [self.student], **request)])
		self.token = requests.token(self.request)

	@property
	def mark(self) -> str:
		return consent_form.people(requests.open_request(self.token))[0].mark

	def form(self, yes: tuple[str, ...] = ("Voice-Attendance", "Text-Attendance"), **more) -> dict[str, str]:
		"""Return the form filled in: yes to these questions, no to all others."""
		given = {f"{channel}-{purpose}" for channel, purpose in answers.QUESTIONS}
		filled = {name: "yes" if name in yes else "no" for name in given}
		signed = {"who": self.mark, "relation": "Parent", "esign": "yes", "signature": "Maria V. Prueba"}
		return {"t": self.token, "act": "sign", "phone": self.phone, **signed, **filled, **more}

	def events(self, phone: str | None = None) -> list:
		fields = [
			"kind",
			"channel",
			"purpose",
			"scope",
			"basis",
			"source",
			"wording",
			"note",
			"ip",
			"language",
		]
		fields += ["person", "reference_doctype", "reference_name"]
		return frappe.get_all("Consent Event", {"phone": phone or self.phone}, fields, order_by="seq")


@pytest.fixture
def visitor(monkeypatch) -> FormVisitor:
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	monkeypatch.setattr(rate_limits, "over", lambda *_: False)
	return FormVisitor()


@pytest.fixture
def new_family() -> Callable[..., Family]:
	return Family


@pytest.fixture
def family() -> Family:
	return Family()


@pytest.fixture
def signed(visitor) -> Callable[..., frappe._dict]:
	"""Return `signed(family, ...)`, which signs the form and returns the row of the answer."""

	def sign(family: Family, *yes: str, **more) -> frappe._dict:
		visitor.post(**family.form(*([yes] if yes else []), **more))
		assert visitor.answer.status_code == 303, visitor.text
		return answers.by_token(visitor.secret)

	return sign


@pytest.fixture
def proven(visitor, signed) -> Callable[..., frappe._dict]:
	"""Return `proven(family, ...)`, which also asks for a code by text and enters it."""

	def prove(family: Family, *yes: str, **more) -> frappe._dict:
		row = signed(family, *yes, **more)
		secret = visitor.secret
		visitor.post(a=secret, act="Text")
		visitor.post(a=secret, act="check", code=codes.code_of(answers.named(row.name)))
		visitor.follow()
		return answers.named(row.name)

	return prove
