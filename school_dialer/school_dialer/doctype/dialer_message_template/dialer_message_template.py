import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html

from school_dialer import plain_text
from school_dialer.messages import linter, store
from school_dialer.messages.catalogue import fields
from school_dialer.messages.model import Template

UNDER_WAY = ("Awaiting Approval", "Scheduled", "Preparing", "Running", "Paused")


class DialerMessageTemplate(Document):
	def validate(self) -> None:
		template = store.from_doc(self)
		self.report(linter.check(template, fields(), **store.lint_options()))
		self.sensitivity = linter.sensitivity(template, fields())
		self.fields_used = ", ".join(template.field_names)
		self.version = self.next_version(template)

	def report(self, findings: list[linter.Finding]) -> None:
		errors = [finding for finding in findings if finding.level == linter.ERROR]
		if errors:
			frappe.throw(listed(errors), title=_("Change this before it can be saved"))
		if findings and not frappe.flags.in_install:
			frappe.msgprint(listed(findings), title=_("Please look at this"), indicator="orange")

	def next_version(self, template: Template) -> int:
		"""One more for every change of what people hear or read. Call logs name the version they used."""
		before = self.get_doc_before_save()
		if before is None:
			return 1
		if content(store.from_doc(before)) == content(template):
			return before.version
		self.refuse_under_way()
		return before.version + 1

	def refuse_under_way(self) -> None:
		"""What was previewed, approved or begun is what people hear: the words do not change under a campaign."""
		campaign = frappe.db.get_value(
			"Dialer Campaign", {"template": self.name, "status": ("in", UNDER_WAY)}
		)
		if campaign:
			frappe.throw(
				_(
					"The campaign {0} is using these words. Duplicate the message, or cancel the campaign first."
				).format(plain_text.line(campaign))
			)


def content(template: Template) -> tuple:
	return template.purpose, template.voice, template.text, template.asks, template.translations


def listed(findings: list[linter.Finding]) -> str:
	return "<br>".join(escape_html(finding.told(_)) for finding in findings)
