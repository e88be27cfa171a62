from frappe.model.document import Document

from school_dialer.lookups import runs


class DialerLookupRun(Document):
	def validate(self) -> None:
		runs.validate(self)

	def on_trash(self) -> None:
		runs.refuse_deletion(self)
