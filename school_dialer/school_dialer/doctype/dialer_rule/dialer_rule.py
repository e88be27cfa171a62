import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_time

from school_dialer.audience.base import set_group_doctype
from school_dialer.automation import rule
from school_dialer.automation.kind import kind_of
from school_dialer.automation.sentence import sentence
from school_dialer.base.refusal import throw
from school_dialer.messages import campaign_details

BY_ACTIONS = ("enabled", "switched_on_by", "switched_on_at")


class DialerRule(Document):
	"""Saving a document never switches a rule on or off. Only the actions in `automation.rule` do."""

	def validate(self):
		before = self.get_doc_before_save()
		for fieldname in BY_ACTIONS:
			self.set(fieldname, before.get(fieldname) if before else None)
		if self.enabled:
			throw(_("This rule is on. Switch it off, change it, try it, and switch it on again."))
		rule.validate_rule(self)
		self.keep_the_time_of_its_kind()
		self.sentence = sentence(self)

	def keep_the_time_of_its_kind(self):
		"""Keep the run time in whole minutes, as the form shows it, or none for a rule that checks all day.

		Frappe fills an empty time with the current time.
		"""
		if "run_at" in kind_of(self).settings:
			self.run_at = get_time(self.run_at).replace(second=0, microsecond=0)
		else:
			self.run_at = None

	def onload(self):
		self.set_onload("sentence", sentence(self))
		campaign_details.onload(self)

	def _validate_links(self):
		"""Set the group's DocType, which depends on the audience, before Frappe looks the group up."""
		set_group_doctype(self)
		if not self.only_of_doctype:
			self.only_of = None
		super()._validate_links()

	def on_trash(self):
		if frappe.db.exists("Dialer Rule Run", {"rule": self.name}):
			throw(_("This rule has run, and its runs are kept. Switch it off instead."))
