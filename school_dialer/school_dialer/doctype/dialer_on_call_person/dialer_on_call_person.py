from frappe.model.document import Document


class DialerOncallPerson(Document):
	"""A person who is asked to approve emergencies, and how (`emergency_kit.second_person.on_call`)."""
