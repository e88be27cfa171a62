import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from education.education import api


class Student(Document):
	def validate(self):
		parts = (self.first_name, self.middle_name, self.last_name)
		self.student_name = " ".join(part for part in parts if part)
		self.check_dates()
		self.make_user()
		if self.student_applicant:
			api.admit(self)

	def check_dates(self):
		born, joined, left = (
			value and getdate(value)
			for value in (self.date_of_birth, self.joining_date, self.date_of_leaving)
		)
		if born and born >= min(getdate(), joined or getdate()):
			frappe.throw(_("The date of birth is not before today and the date of joining"))
		if joined and left and left < joined:
			frappe.throw(_("The date of leaving is before the date of joining"))

	def make_user(self):
		"""Create the student's user. As in Education, every student can log in unless the settings say
		otherwise.
		"""
		skipped = frappe.db.get_single_value("Education Settings", "user_creation_skip")
		if skipped or frappe.db.exists("User", self.student_email_id):
			return
		user = {
			"doctype": "User",
			"email": self.student_email_id,
			"first_name": self.first_name,
			"last_name": self.last_name,
			"user_type": "Website User",
			"send_welcome_email": 1,
		}
		self.user = frappe.get_doc(user).insert(ignore_permissions=True).name
