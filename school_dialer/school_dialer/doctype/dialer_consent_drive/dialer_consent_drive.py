from frappe.model.document import Document

from school_dialer.consent_drive import actions


class DialerConsentDrive(Document):
	def validate(self) -> None:
		actions.check(self)

	def on_trash(self) -> None:
		actions.refuse_deletion(self)
