from frappe.model.document import Document

from school_dialer.consent_drive import pages


class DialerConsentLetters(Document):
	def pages(self) -> list[dict]:
		"""Return what each family's letter says, for the print format."""
		return pages.pages_of(self)
