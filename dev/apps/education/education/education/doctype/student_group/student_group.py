import frappe
from frappe import _
from frappe.model.document import Document


class StudentGroup(Document):
	def validate(self):
		if self.group_based_on == "Batch" and not self.program:
			frappe.throw(_("Please select Program"))
		if self.max_strength and len(self.students) > self.max_strength:
			frappe.throw(_("The group has more than {0} students").format(self.max_strength))
		names = [row.student for row in self.students]
		if len(set(names)) < len(names):
			frappe.throw(_("A student is in the group twice"))
		for row in self.students:
			if (
				row.active
				and not self.disabled
				and not frappe.db.get_value("Student", row.student, "enabled")
			):
				frappe.throw(_("{0} is inactive student").format(row.student))
