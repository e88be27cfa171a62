from frappe.model.document import Document


class DialerRuleCase(Document):
	pass
