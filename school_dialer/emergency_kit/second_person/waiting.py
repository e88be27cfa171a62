"""What waits for approval, as its approver reads or hears it: the sealed words, and how many people."""

import frappe

from school_dialer.audience.base import source_of
from school_dialer.emergency_kit import words
from school_dialer.messages import campaign_details, store
from school_dialer.messages.details import said_in_schools
from school_dialer.messages.emergency.approval_line import Waiting


def waiting_campaign(ask, by_phone: bool = False) -> Waiting:
	"""Return the campaign of this try in the school's language; `by_phone` without the keys of its calls."""
	campaign = frappe.get_doc("Dialer Campaign", ask.campaign)
	text, _problem, language = words.without_keys(campaign) if by_phone else words.campaign_words(campaign)
	details, template = campaign_details.details_of(campaign), store.template(campaign.template)
	missing = tuple(said_in_schools(template, details)) if details.all() else ()
	people = source_of(campaign).count().households
	return Waiting(campaign.title, text, language, people, words.outdated(campaign), missing)
