from frappe.model.document import Document

from school_dialer.roster_import import imports


class DialerRosterImport(Document):
	def validate(self) -> None:
		imports.validate(self)

	def after_insert(self) -> None:
		imports.take_upload(self)

	def on_trash(self) -> None:
		imports.refuse_deletion(self)
