import json

import frappe
from frappe import _

from school_dialer.audience import student_rights
from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.base.written_by_code import WrittenByCode
from school_dialer.consent.integrity import triggers
from school_dialer.messages import catalogue
from school_dialer.outbound.attempts.disclosures import BY_HAND

EMERGENCY_BASIS, DIRECTORY_BASIS = (
	"Health or Safety Emergency (34 CFR 99.36)",
	"Directory Information (34 CFR 99.37)",
)
NEEDED = ("student", "person_name", "disclosed_at", "legal_basis", "interest", "records_disclosed")
OF_CALLS = (
	"call_log",
	"campaign",
	"template",
	"template_version",
	"phone_masked",
	"person",
	"person_doctype",
)


class DialerDisclosure(WrittenByCode):
	"""What was disclosed about one student, and who received it (34 CFR 99.32).

	Calls and texts write their own disclosures (`attempts.disclosures`); an officer enters all others by
	hand. The database refuses changes.
	"""

	def onload(self) -> None:
		self.set_onload("fields_disclosed", catalogue.labels(json.loads(self.fields_disclosed or "[]")))

	def validate(self) -> None:
		if not self.is_new() or (self.way or BY_HAND) != BY_HAND or any(map(self.get, OF_CALLS)):
			self.refuse()
		self.way, self.certainty, self.fields_disclosed = BY_HAND, "Certain", "[]"
		self.recorded_by = frappe.session.user
		needed = [*NEEDED, *(["threat"] if self.legal_basis == EMERGENCY_BASIS else [])]
		missing = [_(self.meta.get_label(name)) for name in needed if not str(self.get(name) or "").strip()]
		if missing:
			throw(_("Fill in: {0}.").format(", ".join(missing)), frappe.MandatoryError)
		if frappe.utils.get_datetime(self.disclosed_at) > clock.db_now():
			throw(_("The disclosure is in the future. Check the time."))
		if frappe.db.exists("DocType", "Student") and not frappe.db.exists("Student", self.student):
			throw(_("There is no student {0}.").format(plain_text.line(self.student)))
		self.check_directory_opt_out()

	def check_directory_opt_out(self) -> None:
		"""Refuse directory information as the legal basis if the family opted out (34 CFR 99.37(b)).

		A directory opt-out concerns third parties: nothing may go to them as directory information.
		"""
		kinds = {kind for _guardian, _student, kind in student_rights.in_force((self.student,))}
		if self.legal_basis == DIRECTORY_BASIS and student_rights.DIRECTORY in kinds:
			throw(_("The family opted out of directory information. Choose the legal basis that applies."))


def on_doctype_update() -> None:
	triggers.create(("Dialer Disclosure",))
