"""Fields that every audience has: the school, the campaign and the recipient."""

from typing import Any

import frappe

from school_dialer.messages import campaign_details
from school_dialer.messages.model import PERSONAL, PUBLIC, Field, Name, Subject, provides
from school_dialer.messages.providers.people import spoken_names
from school_dialer.schools import registry

SCHOOL_NAME = Field(
	"school_name", "School", "text", PUBLIC, "Dialer Settings.school_name", "Riverside School"
)
CALL_BACK_NUMBER = Field(
	"call_back_number",
	"Call-back number",
	"phone",
	PUBLIC,
	"Dialer Settings.call_back_number",
	"+18005550142",
)
CAMPAIGN_DETAILS = Field(
	"campaign_details",
	"Details of the campaign",
	"text",
	PUBLIC,
	"Dialer Campaign.details",
	"The spring concert is on Thursday at six in the evening, in the main hall.",
)
RECIPIENT_NAME = Field(
	"recipient_name",
	"Name of the person called",
	"name",
	PERSONAL,
	"Dialer Recipient.person_name",
	"Maria Lopez",
)


@provides(SCHOOL_NAME, CALL_BACK_NUMBER, CAMPAIGN_DETAILS)
def provide(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	details = campaign_details.of_campaigns({subject.campaign for subject in subjects if subject.campaign})
	settings = frappe.get_cached_doc("Dialer Settings")
	named = {subject.school: registry.find(subject.school) for subject in subjects}
	return {
		subject.key: {
			"school_name": speaker.name if (speaker := named[subject.school]) else settings.school_name,
			"call_back_number": (speaker and speaker.call_back_number) or settings.call_back_number,
			"campaign_details": details.get(subject.campaign),
		}
		for subject in subjects
	}


@provides(RECIPIENT_NAME)
def provide_recipient(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	"""Return the name as the campaign recorded it, with the pronunciation from the person's own record."""
	spoken = spoken_names(subjects)
	return {
		subject.key: {
			"recipient_name": Name(
				subject.person_name, spoken.get((subject.person_doctype, subject.person), "")
			)
		}
		for subject in subjects
	}
