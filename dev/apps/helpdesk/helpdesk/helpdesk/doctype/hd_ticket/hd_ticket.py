"""A ticket as the real app treats it, as far as it concerns another app: who may read it, what it mails, and
what a communication on it does.
"""

import frappe
from frappe.model.document import Document

AGENTS = {"Agent", "Agent Manager"}


class HDTicket(Document):
	def before_validate(self):
		settings = frappe.get_doc("HD Settings")
		self.raised_by = self.raised_by or frappe.session.user
		self.priority = self.priority or settings.default_priority
		if self.is_new():
			self.status = settings.default_ticket_status
			self.key = frappe.generate_hash(length=32)
		self.status_category = frappe.db.get_value("HD Ticket Status", self.status, "category")
		self.contact = self.contact or frappe.db.get_value("Contact", {"email_id": self.raised_by})

	def before_save(self):
		asks = frappe.db.get_single_value("HD Settings", "enable_email_ticket_feedback")
		if self.is_new() or self.via_customer_portal or not asks or not self.has_value_changed("status"):
			return
		if self.status == "Closed":
			self.mail([self.raised_by], "How did we do?")

	def after_insert(self):
		if self.description:
			self.add(self.description, "Received", frappe.session.user, communication_medium="Email")
		acknowledges = frappe.db.get_single_value("HD Settings", "send_acknowledgement_email")
		if acknowledges and not self.via_customer_portal:
			self.mail([self.raised_by], "We have received your request")

	def notify_communication(self, communication):
		"""React to a communication: one from the customer reopens the ticket, no matter who writes it."""
		if communication.sent_or_received == "Received":
			self.status = frappe.db.get_single_value("HD Settings", "ticket_reopen_status")
			self.last_customer_response = frappe.utils.now_datetime()
		elif communication.communication_type != "Automated Message":
			self.first_responded_on = self.first_responded_on or frappe.utils.now_datetime()
			self.last_agent_response = frappe.utils.now_datetime()
		self.description = self.description or communication.content
		self.save()

	@frappe.whitelist()
	def reply_via_agent(
		self, message: str, to: str | None = None, cc: str | None = None, bcc: str | None = None
	):
		if not is_agent():
			frappe.throw("You are not permitted to reply as an agent", frappe.PermissionError)
		without_mail = frappe.db.get_single_value("HD Settings", "skip_email_workflow")
		sent = self.add(
			message,
			"Sent",
			frappe.session.user,
			communication_medium="" if without_mail else "Email",
			recipients=to,
			cc=cc,
			bcc=bcc,
		)
		if not without_mail and frappe.db.get_single_value("HD Settings", "enable_reply_email_via_agent"):
			self.mail([to], message, communication=sent.name)

	def add(self, content: str, direction: str, sender: str, **more):
		values = {
			"doctype": "Communication",
			"communication_type": "Communication",
			"sent_or_received": direction,
			"subject": f"Re: {self.subject}",
			"sender": sender,
			"content": content,
			"status": "Linked",
			"email_status": "Open",
			"reference_doctype": "HD Ticket",
			"reference_name": self.name,
			**more,
		}
		return frappe.get_doc(values).insert(ignore_permissions=True)

	def mail(self, recipients: list[str], message: str, **more):
		frappe.sendmail(
			recipients=recipients,
			subject=f"Re: {self.subject}",
			message=message,
			reference_doctype="HD Ticket",
			reference_name=self.name,
			sender="helpdesk@school.example",
			**more,
		)


def is_agent(user: str | None = None) -> bool:
	user = user or frappe.session.user
	return user == "Administrator" or bool(AGENTS & set(frappe.get_roles(user)))


def has_permission(doc, ptype: str = "read", user: str | None = None) -> bool:
	user = user or frappe.session.user
	return user in (doc.contact, doc.raised_by, doc.owner) or is_agent(user)


def permission_query(user: str | None = None) -> str:
	user = user or frappe.session.user
	if is_agent(user):
		return ""
	name = frappe.db.escape(user)
	return f"(`tabHD Ticket`.owner = {name} or `tabHD Ticket`.raised_by = {name})"
