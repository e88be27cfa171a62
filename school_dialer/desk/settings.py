"""What the form of Dialer Settings asks: what is still missing, and whether the carrier knows the school."""

import frappe
from frappe import _

from school_dialer.compliance.model import CHANNELS
from school_dialer.dialing import settings


@frappe.whitelist()
def readiness() -> list[dict]:
	"""For each channel: whether calls can start, and every thing that is missing until then."""
	frappe.has_permission("Dialer Settings", "read", throw=True)
	return [
		{"channel": channel, "title": title, "missing": settings.missing_for(channel)}
		for channel, title in zip(CHANNELS, (_("Calls"), _("Texts")), strict=True)
	]


@frappe.whitelist(methods=["POST"])
def test_connection() -> str:
	"""Ask the carrier for the account, with the saved credentials. Calls nobody. Returns the account's name there."""
	frappe.has_permission("Dialer Settings", "write", throw=True)
	return settings.account_name()
