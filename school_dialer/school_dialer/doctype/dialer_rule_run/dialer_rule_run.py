from datetime import date

from frappe.model.document import Document
from frappe.utils import getdate

from school_dialer.automation import history
from school_dialer.automation.run import name_of


class DialerRuleRun(Document):
	def autoname(self):
		"""Name the run by rule and day, so that there is one per rule and day whatever creates it."""
		self.name = name_of(self.rule, getdate(self.day))

	def onload(self) -> None:
		self.set_onload("message", history.in_words(self.message))

	def covered_days(self) -> list[date]:
		"""Return the run's own day first, then the other days it covers."""
		return [getdate(day) for day in self.covers.splitlines()]
