"""On which consent a call or text rested, from the decision that was stored with it."""

import json
from datetime import datetime

from frappe import _
from frappe.utils import format_date

from school_dialer.base import clock
from school_dialer.compliance.codec import parse_time
from school_dialer.compliance.vocabulary import (
	ALL_PURPOSES,
	ALLOW,
	BASES,
	EXPRESS_ORAL,
	EXPRESS_WRITTEN,
	NUMBER_PROVIDED,
)


def fitting(consents: list[dict], request: dict) -> list[dict]:
	"""Return the recorded consents that cover the channel and the purpose of the request."""
	return [
		consent
		for consent in consents
		if consent["channel"] in (request["channel"], "Any")
		and consent["purpose"] in (request["purpose"], ALL_PURPOSES)
	]


def rested_on(decision: str | None) -> str:
	"""Say what permitted a call, or "" if no decision is stored or it was no permission.

	Of several consents in force it names the strongest, and of those the latest.
	"""
	record = json.loads(decision or "{}")
	if record.get("verdict") != ALLOW:
		return ""
	request = record["request"]
	if request.get("emergency"):
		return _("Made as an emergency call, which needs no consent.")
	at = parse_time(record["at"])
	consents = [
		consent for consent in fitting(record["facts"]["consents"], request) if is_in_force(consent, at)
	]
	if not consents:
		return _("Made without consent on file, as the rules permit for this purpose.")
	best = max(consents, key=lambda consent: (BASES.index(consent["basis"]), consent["granted_at"]))
	day = format_date(clock.to_db(parse_time(best["granted_at"])).date())
	return _("Permitted by consent of {0}: {1}.").format(day, in_words(best["basis"]))


def in_words(basis: str | None) -> str:
	"""Return a basis as a part of a sentence, as the Desk's lists name it (`public/js/choices.js`).

	A record that was written elsewhere may have none.
	"""
	words = {
		NUMBER_PROVIDED: _("They gave us their number"),
		EXPRESS_ORAL: _("They said so"),
		EXPRESS_WRITTEN: _("They signed for it"),
	}.get(basis) or _(basis or "")
	return words[:1].lower() + words[1:]


def is_in_force(consent: dict, at: datetime) -> bool:
	"""Return whether a consent was given by then and had not expired (as `compliance.rules.consent`)."""
	given, expires = consent["granted_at"], consent["expires_at"]
	return (
		consent["basis"] in BASES
		and bool(given)
		and parse_time(given) <= at
		and (not expires or parse_time(expires) > at)
	)
