from frappe.model.document import Document


class DialerConversationRoute(Document):
	"""One line of Dialer Settings: whose conversations go to whom. `help_desk.routes` reads it."""
