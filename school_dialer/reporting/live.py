"""A campaign's current state, for its form.

The form asks every few seconds, so each query here counts along an index without reading a row:
`dialer_states` and `dialer_attempts` (see `setup.schema`) hold every counted column in the order of the
groups. docs/performance.md has the query plans.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

import frappe

from school_dialer.base import clock, states
from school_dialer.campaigns import estimate, resending
from school_dialer.campaigns.call_order import HUNG_UP, NOT_FETCHED, VOICEMAIL
from school_dialer.campaigns.corrections import making
from school_dialer.compliance.vocabulary import DEFERRING
from school_dialer.followup import fallback
from school_dialer.manual_calls import listing
from school_dialer.outbound.pace import account_health, limits
from school_dialer.reporting import campaigns
from school_dialer.reporting.district import schools
from school_dialer.settings import carrier_accounts, carrier_faults

PACE_SECONDS = 10
FAILED = ("failed", "undelivered", states.REFUSED)
SILENT = ("busy", "no-answer", "canceled")
COMPLETED = {VOICEMAIL: "Voicemail", HUNG_UP: "Hung Up Early", NOT_FETCHED: "Words Not Fetched"}
"""Outcomes of calls that were picked up, by result. In all others a person answered."""

STATES = """select status, count(*) from `tabDialer Recipient` force index (dialer_states)
	where campaign = %(campaign)s and fallback_of is null group by status"""
BLOCKED = """select reasons, count(*) from `tabDialer Recipient` force index (dialer_states)
	where campaign = %(campaign)s and status = 'Blocked' and fallback_of is null group by reasons"""
ATTEMPTS = """select status, channel, result, error_code, count(*), sum(ceil(duration / 60))
	from `tabDialer Call Log` force index (dialer_attempts)
	where campaign = %(campaign)s group by status, channel, result, error_code"""
RECENT = """select count(*) from `tabDialer Call Log` force index (dialer_ended)
	where status_rank in %(ranks)s and placed_at > %(since)s and campaign = %(campaign)s"""
DUE = """select min(not_before), max(not_before) from `tabDialer Recipient` force index (dialer_states)
	where campaign = %(campaign)s and status = %(status)s"""


def live_figures(campaign) -> dict:
	"""Return the figures for the form.

	Times are naive, in the site time zone. Money is in the `currency` of the estimate. `schools`: see
	`reporting.district.schools.side_by_side`. `carriers`: see `carriers`. `pace` is requests per
	second over the last ten seconds. `unnamed`: see `unnamed`.
	"""
	counts, blocked = recipients(campaign.name)
	next_due, last_due = waiting_span(campaign.name)
	calls = frappe.db.sql(ATTEMPTS, {"campaign": campaign.name})
	return {
		"status": campaign.status,
		"status_message": campaign.status_message,
		"total": sum(counts.values()),
		"counts": counts,
		"blocked": blocked,
		"next_due": next_due,
		"afterwards": fallback.counts(campaign),
		"by_people": listing.of_campaign(campaign.name),
		**attempts(calls, campaign.status in states.ENDED),
		"pace": pace(campaign.name),
		"opt_outs": opt_outs(campaign),
		"schools": schools.side_by_side(campaign),
		"corrected": making.links_of(campaign),
		"resent": resending.links_of(campaign),
		"unnamed": unnamed(campaign, counts),
		"carriers": carriers(campaign),
		**money_and_time(campaign, counts, last_due, calls),
	}


def unnamed(campaign, counts: dict[str, int]) -> int:
	"""Return in how many families of an ended campaign that reached everyone a child was not named.

	It is read once, when the form of such a campaign opens: the form asks again only while one goes on.
	"""
	reached = campaign.status in states.ENDED and set(counts) == {states.REACHED}
	return resending.unnamed(campaign) if reached else 0


def carriers(campaign) -> list[dict]:
	"""Return the state of the carrier accounts while the campaign runs, if the school has several.

	Each has `title`, `state` ("closed" if it is well, "open", or "half-open"), `words` and `since` (naive,
	site time zone, or None). The first also has `told_again`: people of this emergency who were called once
	more after a lost answer.
	"""
	if not carrier_accounts.several() or campaign.status not in states.CALLING:
		return []
	accounts = [asdict(account) for account in account_health.accounts_shown()]
	if campaign.purpose == "Emergency":
		accounts[0]["told_again"] = frappe.db.count(
			"Dialer Recipient", {"campaign": campaign.name, "told_again": 1}
		)
	return accounts


def recipients(campaign: str) -> tuple[dict[str, int], dict[str, int]]:
	"""Return households by status, and blocked households by reason."""
	counts = dict(frappe.db.sql(STATES, {"campaign": campaign}))
	blocked: Counter = Counter()
	for why, count in frappe.db.sql(BLOCKED, {"campaign": campaign}):
		for code in (why or "").split(", "):
			if code and code not in DEFERRING:
				blocked[code] += count
	return counts, dict(blocked)


def waiting_span(campaign: str) -> tuple[datetime | None, datetime | None]:
	"""Return when the first and the last of the waiting recipients may be called."""
	spans = [
		frappe.db.sql(DUE, {"campaign": campaign, "status": status})[0]
		for status in (states.DEFERRED, states.RETRY)
	]
	firsts, lasts = zip(*spans, strict=True)
	return min(filter(None, firsts), default=None), max(filter(None, lasts), default=None)


def attempts(calls: Sequence[tuple], ended: bool = False) -> dict:
	"""Summarize the rows of `ATTEMPTS`, of a campaign that has `ended` or still calls.

	`outcomes` counts calls and texts by outcome. `errors` has the failed ones in words, most frequent first.
	"""
	outcomes: Counter = Counter()
	failed: Counter = Counter()
	for status, channel, result, code, count, _minutes in calls:
		outcomes[outcome(status, result)] += count
		if status in FAILED:
			failed[(code or "", *carrier_faults.fault_words(code or "", channel, ended))] += count
	errors = [
		{"code": code, "words": words, "remedy": remedy, "attempts": count}
		for (code, words, remedy), count in failed.most_common()
	]
	return {"outcomes": dict(outcomes), "errors": errors}


def pace(campaign: str) -> float:
	"""Return requests per second.

	Reads what the whole site placed in these seconds, by the index of calls on rank and time.
	"""
	since = clock.db_now() - timedelta(seconds=PACE_SECONDS)
	ranks = tuple(set(states.RANK.values()))
	recent = frappe.db.sql(RECENT, {"campaign": campaign, "since": since, "ranks": ranks})[0][0]
	return round(recent / PACE_SECONDS, 1)


def outcome(status: str, result: str | None) -> str:
	"""Return the figure in which a call or text counts. `result` is the result in its log."""
	if status in FAILED:
		return "Failed"
	if status in SILENT:
		return "No Answer"
	if status in states.RECEIVED:
		return "Delivered"
	if status == states.UNREPORTED:
		return "Sent"
	if status == "completed":
		return COMPLETED.get(result or "", "Answered")
	return "Under Way"


def opt_outs(campaign) -> int:
	"""Return the opt-outs of people in this campaign between its start and its end."""
	if not campaign.started_at:
		return 0
	return campaigns.stops([campaign.name], campaign.started_at).get(campaign.name, 0)


def money_and_time(
	campaign, counts: dict[str, int], last_due: datetime | None, calls: Sequence[tuple]
) -> dict:
	"""Return what was spent, and the estimate for recipients that are not settled yet."""
	billed = [(status, channel, count, minutes) for status, channel, _result, _code, count, minutes in calls]
	price = estimate.unit(campaign).price
	if carrier_accounts.several():
		used, reserved = limits.spent(campaign, price)
	else:
		used, reserved = limits.cost(campaign, price, billed)
	now = sum(counts.get(state, 0) for state in (states.PENDING, states.DIALING, states.UNKNOWN))
	later = counts.get(states.DEFERRED, 0) + counts.get(states.RETRY, 0)
	return {"spent": used + reserved, "estimate": estimate.estimate_of(campaign, now, later, last_due)}
