"""What waits for approval, as its approver reads or hears it: the sealed words, and how many people."""

import frappe

from school_dialer.audience.base import source_of
from school_dialer.emergency_kit import words
from school_dialer.messages.emergency.approval_line import Waiting


def of(ask) -> Waiting:
	"""Return the campaign of this try in the school's language."""
	campaign = frappe.get_doc("Dialer Campaign", ask.campaign)
	said, _problem, language = words.of(campaign)
	return Waiting(campaign.title, said, language, source_of(campaign).count().households)
