"""On which consent a call or text rested, from the decision that was stored with it."""

import json

from frappe import _
from frappe.utils import format_date

from school_dialer import clock
from school_dialer.compliance.codec import parse_time
from school_dialer.compliance.vocabulary import ALL_PURPOSES, ALLOW


def fitting(consents: list[dict], request: dict) -> list[dict]:
	"""Return the recorded consents that cover the channel and the purpose of the request."""
	return [
		consent
		for consent in consents
		if consent["channel"] in (request["channel"], "Any")
		and consent["purpose"] in (request["purpose"], ALL_PURPOSES)
	]


def rested_on(decision: str | None) -> str:
	"""Say what permitted a call, or "" if no decision is stored or it was no permission."""
	record = json.loads(decision or "{}")
	if record.get("verdict") != ALLOW:
		return ""
	request = record["request"]
	if request.get("emergency"):
		return _("Made as an emergency call, which needs no consent.")
	consents = fitting(record["facts"]["consents"], request)
	if not consents:
		return _("Made without consent on file, as the rules permit for this purpose.")
	latest = max(consents, key=lambda consent: consent["granted_at"] or "")
	if not latest["granted_at"]:
		return _("Permitted by consent: {0}.").format(_(latest["basis"]))
	day = format_date(clock.to_db(parse_time(latest["granted_at"])).date())
	return _("Permitted by consent of {0}: {1}.").format(day, _(latest["basis"]))
