from datetime import date

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from school_dialer.audience.student_rights import CONSENT, DEPENDENT, DIRECTORY, HOLD
from school_dialer.base import clock
from school_dialer.base.refusal import throw


class DialerPrivacyChoice(Document):
	"""One decision about who may receive information about a student.

	It is recorded once with its evidence, ended once, and never changed or deleted.
	"""

	def before_insert(self) -> None:
		self.starts_on = self.starts_on or clock.db_now().date()
		self.status = "In Force"
		self.ended_at = self.ended_by = self.end_reason = None
		self.recorded_by, self.recorded_at = frappe.session.user, clock.db_now()

	def validate(self) -> None:
		if not self.is_new():
			if not self.flags.ending:
				throw(
					_("A privacy choice is not changed. End it, and record a new one."),
					frappe.PermissionError,
				)
			return
		self.check_evidence()
		if self.kind == DIRECTORY:
			self.guardian = None
		if self.kind == DEPENDENT:
			self.settle_tax_year()
		if self.expires_on and getdate(self.expires_on) < getdate(self.starts_on):
			throw(_("The choice expires before it starts."))

	def check_evidence(self) -> None:
		"""Require what the law requires in writing (34 CFR 99.30(b), 99.31(a)(8)).

		Forms check this too; REST and imports are checked here.
		"""
		needed = ["reason"]
		if self.kind == CONSENT:
			needed += ["guardian", "records_covered", "disclosure_purpose"]
		if self.kind == DEPENDENT:
			needed += ["tax_year"]
		missing = [_(self.meta.get_label(name)) for name in needed if not str(self.get(name) or "").strip()]
		if missing:
			throw(_("Fill in: {0}.").format(", ".join(missing)), frappe.MandatoryError)
		if self.kind == HOLD and "Dialer Compliance Officer" not in frappe.get_roles():
			throw(_("Only a Compliance Officer places a safety hold."), frappe.PermissionError)

	def settle_tax_year(self) -> None:
		"""Set the expiration date.

		A tax return proves dependency for its year and is accepted until the end of the following year, when
		a newer one is due.
		"""
		if not 2000 <= int(self.tax_year) <= clock.db_now().year:
			throw(_("Enter the year of a tax return that has been filed."))
		last = date(int(self.tax_year) + 1, 12, 31)
		self.expires_on = min(getdate(self.expires_on), last) if self.expires_on else last

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		throw(_("A privacy choice keeps its name."), frappe.PermissionError)

	def on_trash(self) -> None:
		throw(_("A privacy choice is evidence and is not deleted. End it."), frappe.PermissionError)
