from frappe.model.document import Document


class DialerAudienceFile(Document):
	"""Holds the file of a campaign's names and numbers.

	The file is attached here because agents may read campaigns.

	See `audience.list_file`.
	"""
