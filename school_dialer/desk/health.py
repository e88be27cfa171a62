"""API for the page Dialer Health."""

import frappe

from school_dialer.base.roles import HEALTH
from school_dialer.desk.support import access
from school_dialer.health import examine

LOOKS_A_MINUTE = 20


@frappe.whitelist(methods=["POST"])
def look() -> dict:
	"""Run all checks now and return them as `health.examine.as_dict` does.

	Queries the carrier and the site's public address, which may take several seconds.
	"""
	access.only_for(HEALTH)
	access.only_for_district()
	access.not_too_often("health", LOOKS_A_MINUTE)
	return examine.as_dict(examine.examine(examine.ALL))
