import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_datetime

from school_dialer.audience import list_file
from school_dialer.audience.base import set_group_doctype, sources
from school_dialer.audience.csv_file import CsvFile
from school_dialer.audience.filters.document import validate
from school_dialer.base import clock, states
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.campaigns.approval.parts import FIELDS, LIMITS
from school_dialer.compliance.vocabulary import EMERGENCY, EMERGENCY_TYPES, VOICE
from school_dialer.messages import campaign_details
from school_dialer.reporting import compliance_report
from school_dialer.schools.scope import refuse_unused

OF_DRIVE = (
	"purpose",
	"channel",
	"school",
	"schools",
	"said_by",
	"audience_source",
	"audience_name",
	"audience_file",
	"audience_filters",
	"reach",
)
"""Fields that the campaign of a consent drive keeps: its people agreed to this channel and purpose."""
AFTER_DRAFT = (
	*OF_DRIVE,
	"acknowledge",
	"identity_check",
	"text_fallback",
	"email_fallback",
	"template",
	"details",
	"details_translations",
	"emergency_type",
	"emergency_reason",
	"threat",
	"protected_survey",
	"scheduled_at",
	"max_attempts",
)
PEOPLE = ("requested_by", "approved_by", "mass_confirmed_by")
"""Fields with a user, whose full name the form shows."""
BY_ACTIONS = (
	"status",
	"requested_by",
	"requested_at",
	"asked_digest",
	"asked_seal",
	"asked_people",
	"approved_by",
	"approved_at",
	"mass_count",
	"mass_confirmed_by",
	"mass_confirmed_at",
	"plausibility",
	"asked_before_start",
	"started_at",
	"planned_at",
	"ended_at",
	"rule",
	"rule_run",
	"teacher",
	"kit_start",
	"corrects",
	"resends",
	"consent_drive",
	"consent_wave",
	"pending_notification",
	"pending_notification_since",
	"pending_notification_actor",
)


OF_CORRECTION = (
	"purpose",
	"channel",
	"audience_source",
	"audience_name",
	"audience_file",
	"audience_filters",
	"reach",
	"emergency_type",
	"scheduled_at",
)
"""Fields that a correction keeps as it was made, while it is a draft too."""
OF_RESEND = (
	"purpose",
	"school",
	"schools",
	"audience_source",
	"audience_name",
	"audience_file",
	"audience_filters",
	"reach",
	"emergency_type",
)
"""Fields that a campaign keeps that tries another one again: its people are those of the other."""

APPROVED_LIMITS = FIELDS[LIMITS]
"""Fields of an approved campaign that can be changed only while it is paused.

After a change, the campaign needs approval again to resume.
"""


class DialerCampaign(Document):
	"""Saving a document never changes the status. Only the actions in `campaigns.actions` do."""

	def validate(self):
		self.keep_what_actions_set()
		self.keep_what_was_started()
		if self.channel != VOICE:
			self.text_fallback = self.email_fallback = 0
		if self.status == states.DRAFT:
			campaign_details.check(self)
			self.check_schedule()
			self.check_audience()
			self.check_schools()
			self.check_emergency()

	def check_audience(self):
		"""Require a complete audience that this site offers.

		The form's conditions also apply to REST and imports.
		"""
		source = sources().get(self.audience_source)
		if source is None:
			throw(
				_("This site has no audience named {0}. Choose one of: {1}.").format(
					plain_text.line(self.audience_source), ", ".join(_(label) for label in sources())
				)
			)
		if source.audience_doctype and not self.audience_name:
			throw(
				_("Choose the {0} whose people are to be called.").format(_(source.audience_doctype)),
				frappe.MandatoryError,
			)
		if self.audience_source == CsvFile.label and not self.audience_file:
			throw(_("Attach a CSV file with the columns name and phone."), frappe.MandatoryError)
		validate(self, source.subjects)

	def check_schools(self):
		"""Keep the choice of several schools for the campaigns of the district alone."""
		if self.school:
			self.schools = self.said_by = None
		refuse_unused(self)

	def check_schedule(self):
		"""Refuse a time that has passed when it is chosen, and not only when it is used."""
		if not self.scheduled_at or not self.has_value_changed("scheduled_at"):
			return
		if get_datetime(self.scheduled_at) <= clock.db_now():
			label = _(self.meta.get_label("scheduled_at"))
			throw(
				_("{0}: that time has passed. Choose a later one, or leave it blank.").format(label),
				title=_("Choose a later time"),
			)

	def check_emergency(self):
		if self.purpose != EMERGENCY:
			self.emergency_type = self.emergency_reason = self.threat = None
			return
		self.scheduled_at = None
		if not (self.emergency_type and self.emergency_reason):
			throw(_("Say what kind of emergency it is, and what happened."), frappe.MandatoryError)
		if self.emergency_type not in EMERGENCY_TYPES:
			throw(_("Choose the kind of emergency."))

	def _validate_links(self):
		"""Set the group's DocType, which depends on the audience, before Frappe looks the group up."""
		set_group_doctype(self)
		super()._validate_links()

	def onload(self):
		"""Leave out of the form what only the planner reads: 400 KB for 50,000 people."""
		self.asked_people = None
		campaign_details.onload(self)
		for fieldname in filter(self.get, PEOPLE):
			self.set_onload(fieldname, frappe.utils.get_fullname(self.get(fieldname)))

	def keep_what_actions_set(self):
		before = self.get_doc_before_save()
		for fieldname in BY_ACTIONS:
			if before:
				self.set(fieldname, before.get(fieldname))
			else:
				self.set(fieldname, states.DRAFT if fieldname == "status" else None)
		made_by = (("corrects", OF_CORRECTION), ("resends", OF_RESEND), ("consent_drive", OF_DRIVE))
		for mark, kept in made_by:
			for fieldname in kept if before and before.get(mark) else ():
				self.set(fieldname, before.get(fieldname))
		if before and before.kit_start:
			self.keep_what_the_kit_started()

	def keep_what_the_kit_started(self):
		"""Refuse changes, in a draft too: a drill never becomes a real emergency, nor the reverse."""
		before = self.get_doc_before_save()
		if changed := [field for field in AFTER_DRAFT if self.differs(field, before)]:
			labels = ", ".join(_(self.meta.get_label(field)) for field in changed)
			throw(_("{0} cannot be changed: the emergency kit started this campaign.").format(labels))

	def keep_what_was_started(self):
		before = self.get_doc_before_save()
		if not before or before.status == states.DRAFT:
			return
		kept = AFTER_DRAFT
		if before.asked_digest and before.status in (states.AWAITING, *states.CALLING):
			kept = tuple(dict.fromkeys((*AFTER_DRAFT, *APPROVED_LIMITS)))
		changed = [field for field in kept if self.differs(field, before)]
		if changed:
			labels = ", ".join(_(self.meta.get_label(field)) for field in changed)
			throw(_("{0} cannot be changed once the campaign is {1}.").format(labels, _(before.status)))

	def differs(self, field: str, before: Document) -> bool:
		if field != "details_translations":
			return self.has_value_changed(field)
		was, now = ([(row.language, row.details) for row in doc.get(field)] for doc in (before, self))
		return was != now

	def compliance_report(self) -> dict:
		"""Return the compliance report for the print format."""
		return compliance_report.report_of(self)

	def on_update(self):
		self.flags.library = list_file.library(self)

	def on_change(self):
		"""Copy the list file.

		This runs after Frappe attaches the named file to the campaign, so that the copy is not attached too.
		"""
		list_file.copy_for_campaign(self, self.flags.library or ())

	def on_trash(self):
		if frappe.db.exists("Dialer Recipient", {"campaign": self.name}):
			throw(_("A campaign with recipients is evidence and is kept. Cancel it instead."))
		list_file.discard(self.name)
