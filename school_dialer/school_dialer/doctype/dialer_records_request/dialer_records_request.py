import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from school_dialer.base import clock
from school_dialer.base.refusal import throw
from school_dialer.compliance.rules.records import answer_due

INSPECT, AMEND = "Inspect Records", "Amend Records"
OPEN, DENIED = "Open", "Denied"
ANSWER = ("status", "answered_on", "answer")


class DialerRecordsRequest(Document):
	"""A request about a student's education records, granted or denied.

	34 CFR 99.10, 99.20, 99.21, 99.32(a)(1). Kept permanently.
	"""

	def before_insert(self) -> None:
		self.reminded_on = None
		self.received_on = self.received_on or clock.db_now().date()

	def validate(self) -> None:
		today = clock.db_now().date()
		if getdate(self.received_on) > today:
			throw(_("The request was received in the future. Check the date."))
		self.due_on = answer_due(getdate(self.received_on)) if self.kind == INSPECT else None
		self.keep_the_answer()
		if self.status == OPEN:
			self.answered_on = self.answer = self.answered_by = None
		elif not self.answered_by or self.has_value_changed("status"):
			self.answered_on = self.answered_on or today
			self.answered_by = frappe.session.user
		if self.status == DENIED and not (self.answer or "").strip():
			throw(_("Say why the request was denied."), frappe.MandatoryError)
		if self.statement and not (self.kind == AMEND and self.status == DENIED):
			throw(_("A statement of disagreement goes with an amendment that was denied."))

	def keep_the_answer(self) -> None:
		"""Refuse changes to the school's answer and the family's statement, which are evidence."""
		before = self.get_doc_before_save()
		if not before or before.status == OPEN:
			return
		kept = [*ANSWER, *(["statement"] if before.statement else [])]
		if any(self.has_value_changed(name) for name in kept):
			throw(_("An answered request is not changed. Record a new one."), frappe.PermissionError)

	def before_rename(self, old: str, new: str, merge: bool = False) -> None:
		throw(_("A records request keeps its name."), frappe.PermissionError)

	def on_trash(self) -> None:
		throw(_("A records request is evidence and is not deleted."), frappe.PermissionError)
