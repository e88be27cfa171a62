"""The approval request stored on a campaign: the digest of each part, sealed with the site's key."""

import hmac
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import frappe
from frappe.utils import get_datetime, now_datetime

from school_dialer.audience.base import Candidate
from school_dialer.campaigns.approval import parts, people
from school_dialer.consent import keys

NOTHING_ASKED: dict[str, None] = {"asked_digest": None, "asked_seal": None, "asked_people": None}
"""The fields of a campaign without an approval request."""
SHOWN = 16


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
	"""What was requested, and when (naive, site time zone, never the simulated clock).

	`changed_by`: users whose changes made a second request necessary. `about`: keys of the questions of
	`campaigns.plausibility` that the requester was asked. `people`: the digest of `asked_people`, or "" for
	an audience to which no one can be added, and in requests from before there was one.
	"""

	parts: dict[str, str]
	at: datetime
	changed_by: tuple[str, ...] = ()
	about: tuple[str, ...] = ()
	people: str = ""


def fields(
	campaign: str, changed_by: tuple[str, ...] = (), about: tuple[str, ...] = (), with_people: bool = True
) -> dict[str, str | None]:
	"""Return the campaign fields that store its current state as the approval request.

	`asked_digest` combines all parts, the people, and what the requester was asked, in one short digest for
	people to compare. `with_people` is False while the site is updated and no audience can be read.
	"""
	digests = parts.digests_of(campaign) or {}
	body = {"parts": digests, "at": now_datetime().isoformat(), "changed_by": list(changed_by)}
	if about:
		body["about"] = list(about)
	asked_people = people.text_of(frappe.get_doc(parts.CAMPAIGN, campaign)) if with_people else None
	if asked_people is not None:
		body["people"] = parts.digest("people", asked_people)
	whole = [*(digests[part] for part in parts.ALL), *filter(None, [body.get("people")]), *about]
	return {
		"asked_digest": parts.digest("all", whole)[:SHOWN],
		"asked_seal": json.dumps({**body, "mac": mac(campaign, body)}),
		"asked_people": asked_people,
	}


def parse_request(campaign: str, text: str | None) -> ApprovalRequest | None:
	"""Return the request in `text`.

	Return None if there is none, or if this site did not seal it for this campaign.
	"""
	try:
		body = json.loads(text or "")
		claimed = body.pop("mac")
	except (ValueError, KeyError, TypeError, AttributeError):
		return None
	if not hmac.compare_digest(str(claimed), mac(campaign, body)):
		return None
	return ApprovalRequest(
		body["parts"],
		get_datetime(body["at"]),
		tuple(body["changed_by"]),
		tuple(body.get("about", ())),
		body.get("people", ""),
	)


def rename(campaign: str) -> None:
	"""Seal whom the request is about by the names of now. The caller knows that only names are other ones.

	`asked_digest`, which an approver may have on the screen, stays.
	"""
	body = json.loads(frappe.db.get_value(parts.CAMPAIGN, campaign, "asked_seal"))
	body.pop("mac")
	body["parts"][parts.AUDIENCE] = parts.digests_of(campaign)[parts.AUDIENCE]
	sealed = json.dumps({**body, "mac": mac(campaign, body)})
	frappe.db.set_value(parts.CAMPAIGN, campaign, "asked_seal", sealed, update_modified=False)


def mac(campaign: str, body: dict) -> str:
	text = json.dumps([campaign, body], sort_keys=True)
	return hmac.new(keys.derive("approval seal"), text.encode(), sha256).hexdigest()


def read_request(campaign: str) -> ApprovalRequest | None:
	return parse_request(campaign, frappe.db.get_value(parts.CAMPAIGN, campaign, "asked_seal"))


def added_since(campaign, candidates: Collection[Candidate]) -> frozenset[people.Key]:
	"""Return those of these people who were not in the audience when approval was asked for.

	Return no one for a campaign without such a request. Return all if `asked_people` is not what was sealed.
	"""
	request = parse_request(campaign.get("name") or "", campaign.get("asked_seal"))
	if not request or not request.people:
		return frozenset()
	text = campaign.get("asked_people") or ""
	if not hmac.compare_digest(request.people, parts.digest("people", text)):
		return frozenset(map(people.key_of, candidates))
	return people.added(campaign.name, text, candidates)
