import frappe
from frappe import _
from frappe.model.document import Document


class GradingScale(Document):
	def validate(self):
		thresholds = [row.threshold for row in self.intervals]
		if len(set(thresholds)) < len(thresholds) or 0 not in thresholds:
			frappe.throw(_("Each threshold stands once in a scale, and one of them is 0"))
