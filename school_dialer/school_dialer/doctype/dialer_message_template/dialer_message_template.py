import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html

from school_dialer.base.refusal import throw
from school_dialer.campaigns.approval import locks
from school_dialer.campaigns.teachers import words
from school_dialer.messages import acceptance, campaign_details, linter, store
from school_dialer.messages.catalogue import fields
from school_dialer.messages.emergency import drill
from school_dialer.messages.model import Template
from school_dialer.messages.template import made_from
from school_dialer.messages.translators import drafting


class DialerMessageTemplate(Document):
	def validate(self) -> None:
		self.keep_drill()
		self.note_versions()
		template = store.from_doc(self)
		self.report(linter.check_template(template, fields(), **store.lint_options()))
		words.check_template(self)
		self.sensitivity = linter.sensitivity(template, fields())
		self.fields_used = ", ".join(template.field_names)
		self.version = self.next_version(template)

	def onload(self) -> None:
		self.set_onload("outdated", [] if self.drill else store.outdated(self))
		source = store.source_row(self)
		self.set_onload("source", source.language if source else "")
		self.set_onload("spoken", store.languages_in_use() if drafting.chosen() else [])

	def note_versions(self) -> None:
		"""Keep on each translation which version of the school's own words it was made from.

		And who accepted it, if a machine drafted it.
		"""
		before, source = self.get_doc_before_save(), store.source_row(self)
		others = [row for row in self.translations if row is not source]
		saved = {row.language: row for row in before.translations} if before else None
		was = store.source_row(before) if before else None
		versions = [made_from.version_of(row, made_from.WORDS) for row in (source, was)]
		made_from.note(others, saved, *versions, made_from.WORDS)
		acceptance.note(self.translations, saved, source, made_from.WORDS)
		if source:
			source.update({"made_from": None, "still_right": 0})

	def keep_drill(self) -> None:
		"""Keep a drill a drill with its own words, and any other message from becoming one."""
		before = self.get_doc_before_save()
		self.drill = before.drill if before else int(bool(self.flags.of_drill))
		if self.drill:
			made = drill.template(self.template_name)
			values = {"purpose": made.purpose, "voice": 1, "text": 1, "asks": "", "teachers_may_use": 0}
			self.update({**values, "school": None})
			if self.differs_from_drill():
				self.set("translations", [row for row in drill.rows() if is_language(row["language"])])

	def differs_from_drill(self) -> bool:
		rows = [row for row in drill.rows() if is_language(row["language"])]
		return [{field: row.get(field) or "" for field in rows[0]} for row in self.translations] != rows

	def report(self, findings: list[linter.Finding]) -> None:
		errors = [finding for finding in findings if finding.level == linter.ERROR]
		if errors:
			throw(listed(errors), title=_("Change this before it can be saved"))
		if findings and not frappe.flags.in_install:
			frappe.msgprint(listed(findings), indicator="orange", alert=True)
		if behind := store.outdated(self):
			message = campaign_details.changed_after(store.source_row(self).language, behind)
			frappe.msgprint(escape_html(message), indicator="orange", alert=True)

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
		if self.drill:
			throw(_("The message of drills is kept: the emergency kit needs it."))
		locks.keep_template([self.name])


def content(template: Template) -> tuple:
	"""Return what recipients hear or read. A language without any words counts as little as one that is not
	there, be it blank or waiting for its draft to be accepted.
	"""
	translations = tuple(words for words in template.translations if words.says_anything)
	return template.purpose, template.voice, template.text, template.asks, translations


def is_language(code: str) -> bool:
	return bool(frappe.db.exists("Language", code, cache=True))


def listed(findings: list[linter.Finding]) -> str:
	return "<br>".join(escape_html(finding.as_text(_)) for finding in findings)
