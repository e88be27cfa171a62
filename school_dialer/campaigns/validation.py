"""What must hold before a campaign starts."""

import frappe
from frappe import _
from frappe.email.doctype.email_account.email_account import EmailAccount

from school_dialer.audience.base import source_of
from school_dialer.base import clock, states
from school_dialer.base.bounds import plain_text
from school_dialer.base.refusal import throw
from school_dialer.campaigns import scale_check, student_records
from school_dialer.campaigns.teachers import standing
from school_dialer.compliance.vocabulary import EMERGENCY_TYPES
from school_dialer.schools.scope import refuse_unused
from school_dialer.settings.carrier_settings import check_ready


def validate_campaign(campaign) -> None:
	"""Raise ValidationError now for anything that would stop this campaign later."""
	check_ready(campaign.channel, campaign)
	refuse_unused(campaign)
	standing.check(campaign)
	if campaign.scheduled_at and campaign.status == states.DRAFT:
		if clock.from_db(campaign.scheduled_at) <= clock.now() and campaign.purpose != "Emergency":
			throw(_("The start {0} is in the past.").format(frappe.format(campaign.scheduled_at, "Datetime")))
	if campaign.deadline and clock.from_db(campaign.deadline) <= clock.now():
		throw(_("The deadline, {0}, is in the past.").format(frappe.format(campaign.deadline, "Datetime")))
	if campaign.purpose == "Emergency" and campaign.emergency_type not in EMERGENCY_TYPES:
		throw(_("Choose the kind of emergency."))
	check_template(campaign)
	student_records.validate_student_records(campaign)
	check_fallback(campaign)
	source = source_of(campaign)
	source.check()
	if not campaign.corrects and not source.chunk("", 1)[0]:
		throw(
			_("This audience is empty: {0}.").format(
				" ".join(filter(None, (_(campaign.audience_source), plain_text.line(campaign.audience_name))))
			)
		)


def refuse_end_before_start(campaign) -> None:
	"""Raise ValidationError for a scheduled campaign that stops trying before it starts: it calls no one."""
	if campaign.deadline and clock.from_db(campaign.deadline) <= clock.from_db(campaign.scheduled_at):
		throw(
			_("The deadline, {0}, is before the start. Change or clear {1}.").format(
				frappe.format(campaign.deadline, "Datetime"), _(campaign.meta.get_label("deadline"))
			)
		)


def check_fallback(campaign) -> None:
	if campaign.text_fallback:
		check_ready("Text", campaign)
	if campaign.email_fallback and not EmailAccount.find_outgoing():
		throw(
			_("Set up a default outgoing Email Account first, or untick {0}.").format(
				_(campaign.meta.get_label("email_fallback"))
			)
		)


def check_template(campaign) -> None:
	template = frappe.get_doc("Dialer Message Template", campaign.template)
	if template.purpose != campaign.purpose:
		throw(
			_("The message {0} is for {1}, the campaign for {2}.").format(
				plain_text.line(template.name), _(template.purpose), _(campaign.purpose)
			)
		)
	if not template.get(campaign.channel.lower()):
		throw(
			_("The message {0} has no words for the channel {1}.").format(
				plain_text.line(template.name), _(campaign.channel)
			)
		)
	scale_check.check_words(campaign)
