"""What the page Dialer Health asks."""

import frappe

from school_dialer.desk.support import access
from school_dialer.health import examine
from school_dialer.roles import HEALTH

LOOKS_A_MINUTE = 20


@frappe.whitelist(methods=["POST"])
def look() -> dict:
	"""All checks, made now: `examine.as_dict`. It asks the carrier and the public address, which may take some seconds."""
	access.only_for(HEALTH)
	access.not_too_often("health", LOOKS_A_MINUTE)
	return examine.as_dict(examine.examine(examine.ALL))
