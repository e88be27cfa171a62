"""Checks of a campaign whose message is about students' records or surveys students."""

import frappe
from frappe import _

from school_dialer import gate
from school_dialer.audience.base import sources
from school_dialer.base.refusal import throw
from school_dialer.compliance.rules import records, surveys
from school_dialer.messages import campaign_details, catalogue
from school_dialer.messages.errors import TemplateError
from school_dialer.messages.field import EDUCATIONAL
from school_dialer.messages.model import POLL, TEXT, VOICE, VOICEMAIL, Template
from school_dialer.messages.sensitivity import student_records as message_records
from school_dialer.messages.template.syntax import parse


def validate_student_records(campaign) -> None:
	"""Raise ValidationError if a required record is missing or the message would expose a student.

	An emergency message about individual students needs the threat on record; without it, raise
	MandatoryError. Any other message must not use an education-record field in its voicemail (Voice
	campaigns) or its text (Text campaigns).
	"""
	template = gate.template_of(campaign)
	about = names_students(template) or gate.is_educational(campaign)
	if records.needs_threat(campaign.purpose, about, campaign.emergency_type) and not campaign.threat:
		throw(
			_(
				"This emergency message is about single students. "
				"Say in {0} what the significant threat is, and to whom."
			).format(_(campaign.meta.get_label("threat"))),
			frappe.MandatoryError,
		)
	if not records.needs_threat(campaign.purpose, about, campaign.emergency_type):
		refuse_open_words(template, (VOICEMAIL,) if campaign.channel == "Voice" else (TEXT,))


def names_students(template: Template) -> bool:
	fields = catalogue.fields()
	return any(fields[name].about_student for name in template.field_names if name in fields)


def refuse_open_words(template: Template, variants: tuple[str, ...]) -> None:
	"""Raise ValidationError if one of these variants contains a field from student records.

	Anyone may hear a voicemail or read a text, so neither may name a student in a message about records.
	"""
	fields = catalogue.fields()
	purpose = message_records.judged_as(template, fields)
	for words in template.translations:
		for variant in variants:
			try:
				names = parse(words.variant(variant)).fields
			except TemplateError:
				continue
			for name in names:
				if name in fields and fields[name].sensitivity_for(purpose) == EDUCATIONAL:
					throw(
						_(
							"The message is about student records, and its {0} in {1} holds {2}. "
							"Anyone may hear or read it: take it out there."
						).format(_(variant), words.language, _(fields[name].label))
					)


def awaits_officer(campaign) -> bool:
	"""Return True if a Compliance Officer must approve the campaign first.

	That is the case for a survey of students about a protected topic (PPRA).
	"""
	template = gate.template_of(campaign)
	if template.asks != POLL:
		return False
	source = sources().get(campaign.audience_source)
	texts = [
		text
		for words in template.translations
		for text in (words.question, *words.answers, words.variant(VOICE), words.variant(TEXT))
	]
	texts += [detail.text for detail in campaign_details.details_of(campaign).all()]
	students = bool(source) and source.person_doctype == "Student"
	return surveys.needs_officer(students, bool(campaign.protected_survey), texts)
