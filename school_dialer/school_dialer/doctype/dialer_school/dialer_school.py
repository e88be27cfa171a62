from frappe.model.document import Document

from school_dialer.emergency_kit.second_person import on_call
from school_dialer.public_alerts.outgoing import settings as public_alerts
from school_dialer.schools import approvers, checks, first, opting_out, registry


class DialerSchool(Document):
	def update_if_missing(self, values):
		"""Leave blank times blank. Frappe 15 gives a new document the present time instead."""
		times = {field.fieldname for field in self.meta.get("fields", {"fieldtype": "Time"})}
		super().update_if_missing({key: value for key, value in values.items() if key not in times})

	def validate(self):
		checks.validate(self)
		approvers.check(self)
		public_alerts.check_area(self)
		on_call.check(self)
		opting_out.give_key(self)

	def on_update(self):
		self.forget()
		first.when_second(self)

	def on_trash(self):
		checks.refuse_in_use(self.name)
		opting_out.refuse_deletion(self)
		self.forget()

	def before_rename(self, old: str, new: str, merge: bool = False):
		checks.refuse_in_use(old)
		if merge:
			opting_out.take_over(old, new)
		else:
			checks.refuse_same_name(new, old)

	def after_rename(self, old: str, new: str, merge: bool = False):
		checks.renamed(old, new)
		self.forget()

	def forget(self):
		registry.forget()
		opting_out.forget()
