from frappe.model.document import Document


class Customer(Document):
	def autoname(self):
		self.name = self.customer_name
