"""An issue as the real app treats it: who raised it, and its first message."""

import frappe
from frappe.model.document import Document


class Issue(Document):
	def validate(self):
		if self.is_new() and self.via_customer_portal:
			self.flags.create_communication = True
		self.raised_by = self.raised_by or frappe.session.user

	def on_update(self):
		if self.flags.create_communication and self.via_customer_portal:
			self.flags.create_communication = False
			frappe.get_doc(
				{
					"doctype": "Communication",
					"communication_type": "Communication",
					"communication_medium": "Email",
					"sent_or_received": "Received",
					"subject": self.subject,
					"sender": self.raised_by,
					"content": self.description,
					"reference_doctype": self.doctype,
					"reference_name": self.name,
				}
			).insert(ignore_permissions=True)
