import frappe
from frappe import _
from frappe.model.document import Document

from school_dialer.audience.base import set_group_doctype, sources
from school_dialer.audience.employees import Employees
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.compliance.vocabulary import EMERGENCY
from school_dialer.emergency_kit import item_seal, offered, safety, words
from school_dialer.messages import store
from school_dialer.messages.model import POLL

BY_APPROVAL = (*item_seal.NOTHING_APPROVED, "prepared_by")


class DialerEmergencyKitItem(Document):
	"""An emergency start that is ready. Saving a change of what it says or to whom unapproves it."""

	def validate(self):
		before = self.get_doc_before_save()
		for field in BY_APPROVAL:
			self.set(field, before.get(field) if before else None)
		self.check_message()
		self.check_audience()
		self.check_safety()
		self.check_words()
		if before is None or any(
			(self.get(field) or "") != (before.get(field) or "")
			for field in (*item_seal.SEALED, *item_seal.AUDIENCE)
		):
			self.update({**item_seal.NOTHING_APPROVED, "prepared_by": frappe.session.user})

	def check_message(self):
		template = frappe.db.get_value(
			"Dialer Message Template", self.template, ["purpose", "voice", "text", "school"], as_dict=True
		)
		if not template or template.purpose != EMERGENCY:
			throw(_("Choose a message for emergencies."))
		if not template.get((self.channel or "").lower()):
			throw(
				_("The message {0} has no words for the channel {1}.").format(
					plain_text.line(self.template), _(plain_text.line(self.channel, 20))
				)
			)
		if template.school and template.school != self.school:
			throw(_("This message is another school's."))

	def check_words(self):
		"""Require words that can be said as they are, without details that no one may have time to write."""
		_said, problem, _language = words.campaign_words(frappe.get_doc(offered.values_of(self)))
		if problem:
			throw(_("This message cannot be said without more: {0}").format(problem))

	def check_safety(self):
		"""Require for the staff's safety a poll of two answers, safe and in need of help, to staff."""
		if self.kind != safety.KIND:
			return
		source = sources().get(self.audience_source)
		if source is None or not issubclass(source, Employees):
			throw(_("A safety poll goes to staff: choose all employees or all instructors."))
		template = store.template(self.template)
		if template.asks != POLL or any(len(row.answers) != safety.ANSWERS for row in template.translations):
			throw(_("A safety poll asks with two answers: 1 for safe, 2 for needing help."))

	def check_audience(self):
		if self.audience_source not in offered.audiences():
			throw(
				_("This site has no audience named {0}. Choose one of: {1}.").format(
					plain_text.line(self.audience_source), ", ".join(map(_, offered.audiences()))
				)
			)
		if self.audience_doctype and not self.audience_name:
			throw(_("Choose the {0} whose people are to be called.").format(_(self.audience_doctype)))

	def _validate_links(self):
		"""Set the group's DocType, which depends on the audience, before Frappe looks the group up."""
		set_group_doctype(self)
		super()._validate_links()

	def onload(self):
		self.set_onload("approved", item_seal.is_approved(self))
		self.set_onload("digest", item_seal.digest_of(self))
