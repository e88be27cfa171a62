from frappe.model.document import Document


class DialerAnswer(Document):
	"""The latest answer of one recipient of a campaign. Only `calls.survey_answers` writes it."""
