from datetime import date

from frappe.model.document import Document
from frappe.utils import getdate

from school_dialer.automation.run import name_of


class DialerRuleRun(Document):
	def autoname(self):
		"""One a rule and day, whoever makes it."""
		self.name = name_of(self.rule, getdate(self.day))

	def covered_days(self) -> list[date]:
		"""The run's own day first, then those for which it stands."""
		return [getdate(day) for day in self.covers.splitlines()]
