from frappe.model.document import Document


class DialerCampaign(Document):
	pass
