"""The school, the campaign and the person as such: fields that every audience has."""

from typing import Any

import frappe

from school_dialer.messages.model import PERSONAL, PUBLIC, Field, Subject, provides

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
	"text",
	PERSONAL,
	"Dialer Recipient.person_name",
	"Maria Lopez",
)


@provides(SCHOOL_NAME, CALL_BACK_NUMBER, CAMPAIGN_DETAILS, RECIPIENT_NAME)
def provide(subjects: list[Subject]) -> dict[str, dict[str, Any]]:
	settings = frappe.get_cached_doc("Dialer Settings")
	details = _campaign_details({subject.campaign for subject in subjects if subject.campaign})
	return {
		subject.key: {
			"school_name": settings.school_name,
			"call_back_number": settings.call_back_number,
			"campaign_details": details.get(subject.campaign),
			"recipient_name": subject.person_name,
		}
		for subject in subjects
	}


def _campaign_details(campaigns: set[str]) -> dict[str, str]:
	if not campaigns:
		return {}
	rows = frappe.get_all(
		"Dialer Campaign",
		filters={"name": ("in", sorted(campaigns))},
		fields=["name", "details"],
		order_by="name",
	)
	return {row.name: row.details for row in rows}
