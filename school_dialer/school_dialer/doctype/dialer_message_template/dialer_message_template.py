import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html

from school_dialer.campaigns.approval import locks
from school_dialer.messages import linter, store
from school_dialer.messages.catalogue import fields
from school_dialer.messages.model import Template
from school_dialer.refusal import throw


class DialerMessageTemplate(Document):
	def validate(self) -> None:
		template = store.from_doc(self)
		self.report(linter.check_template(template, fields(), **store.lint_options()))
		self.sensitivity = linter.sensitivity(template, fields())
		self.fields_used = ", ".join(template.field_names)
		self.version = self.next_version(template)

	def report(self, findings: list[linter.Finding]) -> None:
		errors = [finding for finding in findings if finding.level == linter.ERROR]
		if errors:
			throw(listed(errors), title=_("Change this before it can be saved"))
		if findings and not frappe.flags.in_install:
			frappe.msgprint(listed(findings), indicator="orange", alert=True)

	def next_version(self, template: Template) -> int:
		"""Return the version, one higher after every change to what recipients hear or read.

		Call logs name the version they used.
		"""
		before = self.get_doc_before_save()
		if before is None:
			return 1
		if content(store.from_doc(before)) == content(template):
			return before.version
		locks.keep_template([self.name])
		return before.version + 1

	def on_trash(self) -> None:
		locks.keep_template([self.name])


def content(template: Template) -> tuple:
	return template.purpose, template.voice, template.text, template.asks, template.translations


def listed(findings: list[linter.Finding]) -> str:
	return "<br>".join(escape_html(finding.as_text(_)) for finding in findings)
