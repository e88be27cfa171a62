from frappe.model.document import Document


class DialerHoliday(Document):
	pass
