from frappe.model.document import Document


class DialerAnswer(Document):
	"""What one recipient of a campaign answered last. Written by `calls.survey_answers` alone."""
