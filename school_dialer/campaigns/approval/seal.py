"""The record of what was asked for, on the campaign: the digest of each part, sealed with the site's key."""

import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import frappe
from frappe.utils import get_datetime, now_datetime

from school_dialer.campaigns.approval import parts
from school_dialer.consent.integrity import keys

NOTHING_ASKED: dict[str, None] = {"asked_digest": None, "asked_seal": None}
"""The fields of a campaign for which no approval was asked."""
SHOWN = 16


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
	"""What was asked for, and when (site time, true clock). ``changed_by``: the users whose changes made this the second request."""

	parts: dict[str, str]
	at: datetime
	changed_by: tuple[str, ...] = ()


def fields(campaign: str, changed_by: tuple[str, ...] = ()) -> dict[str, str]:
	"""The fields that keep what the campaign is now as what is asked for. `asked_digest` is all parts in one, for people to compare."""
	found = parts.digests_of(campaign) or {}
	body = {"parts": found, "at": now_datetime().isoformat(), "changed_by": list(changed_by)}
	return {
		"asked_digest": parts.digest("all", [found[part] for part in parts.ALL])[:SHOWN],
		"asked_seal": json.dumps({**body, "mac": mac(campaign, body)}),
	}


def asked(campaign: str, text: str | None) -> ApprovalRequest | None:
	"""What was asked for; None without a record, or with one that this site did not seal for this campaign."""
	try:
		body = json.loads(text or "")
		claimed = body.pop("mac")
	except (ValueError, KeyError, TypeError, AttributeError):
		return None
	if not hmac.compare_digest(str(claimed), mac(campaign, body)):
		return None
	return ApprovalRequest(body["parts"], get_datetime(body["at"]), tuple(body["changed_by"]))


def mac(campaign: str, body: dict) -> str:
	text = json.dumps([campaign, body], sort_keys=True)
	return hmac.new(keys.derive("approval seal"), text.encode(), sha256).hexdigest()


def read_request(campaign: str) -> ApprovalRequest | None:
	return asked(campaign, frappe.db.get_value(parts.CAMPAIGN, campaign, "asked_seal"))
