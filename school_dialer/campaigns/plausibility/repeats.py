"""The same words as a few hours ago, exactly or nearly, to people who have them already."""

from collections.abc import Iterator
from difflib import SequenceMatcher

import frappe

from school_dialer.audience.numbers import e164
from school_dialer.base import states
from school_dialer.campaigns.plausibility import dates
from school_dialer.campaigns.plausibility.facts import Facts, limited_query
from school_dialer.campaigns.plausibility.finding import REPEATED, TRIED, Finding
from school_dialer.campaigns.resends import families
from school_dialer.messages import campaign_details, store
from school_dialer.messages.details import Details

ALIKE, LEAST, LEAST_SHARE, MOST_COMPARED = 0.9, 5, 0.2, 1000
LONGEST = 2_000
SAME_PEOPLE = ("audience_source", "audience_name", "audience_file", "audience_filters", "resends", "reach")
UNHEARD = (states.BLOCKED, states.CANCELLED, states.NOT_REACHED)
"""Recipients who did not get the earlier words. To try them again is no repetition."""


def look(facts: Facts) -> Iterator[Finding]:
	if facts.campaign.get("resends"):
		yield from tried_before(facts)
	others = [campaign for campaign in earlier(facts) if campaign.name not in facts.follows]
	heard = heard_by(facts, others)
	others = [campaign for campaign in others if heard.get(campaign.name, 0) >= LEAST]
	mine = words_by_language(facts.campaign, campaign_details.details_of(facts.campaign))
	details = campaign_details.of_campaigns([campaign.name for campaign in others])
	for other in others:
		facts.require_time()
		if alike(mine, words_by_language(other, details.get(other.name))):
			began = other.started_at.replace(second=0, microsecond=0)
			yield Finding(REPEATED, (heard[other.name], began))
			return


def tried_before(facts: Facts) -> Iterator[Finding]:
	"""Ask about families who were tried in this way with these words in the last hours.

	None of them was informed. Some of them may have the words all the same.
	"""
	facts.require_time()
	last = limited_query(
		"""select campaign, max(placed_at) from `tabDialer Call Log`
		where campaign in %(campaigns)s and channel = %(channel)s and recipient > '' group by campaign
		having max(placed_at) between %(since)s and %(until)s order by 2 desc limit 1""",
		{
			"campaigns": tuple(facts.follows - {facts.campaign.name}),
			"channel": facts.campaign.channel,
			"since": facts.recent_start,
			"until": facts.starts,
		},
	)
	if not last:
		return
	name, at = last[0]
	other = frappe.get_cached_doc("Dialer Campaign", name)
	if not frappe.db.exists("Dialer Message Template", other.template):
		return
	mine = words_by_language(facts.campaign, campaign_details.details_of(facts.campaign))
	if alike(mine, words_by_language(other, campaign_details.details_of(other))):
		have = sum(facts.reasons.get(why, 0) for why in families.HAVE_WORDS)
		yield Finding(TRIED, (at.replace(second=0, microsecond=0), have))


def earlier(facts: Facts) -> list[frappe._dict]:
	"""Return the campaigns on this channel that began in the last hours, latest first.

	What a campaign said whose message was deleted since is not known.
	"""
	campaigns = frappe.get_all(
		"Dialer Campaign",
		{
			"channel": facts.campaign.channel,
			"name": ("!=", facts.campaign.name),
			"started_at": ("between", (facts.recent_start, facts.starts)),
			"planned_at": ("is", "set"),
		},
		["name", "template", "started_at", *SAME_PEOPLE],
		order_by="started_at desc",
		limit=MOST_COMPARED,
	)
	used = {"name": ("in", {campaign.template or "" for campaign in campaigns} or {""})}
	templates = set(frappe.get_all("Dialer Message Template", used, pluck="name", order_by=None))
	return [campaign for campaign in campaigns if campaign.template in templates]


def words_by_language(campaign, details: Details | None) -> dict[str, tuple[str, str]]:
	"""Return {language: (words, details)}; the details of the school's language where there are no others."""
	details_of = {detail.language: detail.text for detail in details.all()} if details else {}
	school = details.text if details else ""
	return {
		words.language: (
			cleaned(f"{words.voice} {words.text}"),
			cleaned(details_of.get(words.language) or school or ""),
		)
		for words in store.template(campaign.template).translations
	}


def cleaned(text: str) -> str:
	kept = "".join(mark if mark.isalnum() else " " for mark in dates.normalized(text[:LONGEST]).casefold())
	return " ".join(kept.split())


def alike(mine: dict[str, tuple[str, str]], other: dict[str, tuple[str, str]]) -> bool:
	"""Return whether a language of both says the same, or nearly so with the same numbers."""
	return any(
		all(nearly(first, second) for first, second in zip(mine[language], other[language], strict=True))
		for language in mine.keys() & other.keys()
	)


def nearly(first: str, second: str) -> bool:
	if first == second:
		return True
	if [mark for mark in first if mark.isdecimal()] != [mark for mark in second if mark.isdecimal()]:
		return False
	match = SequenceMatcher(None, first, second, autojunk=False)
	return match.real_quick_ratio() >= ALIKE and match.quick_ratio() >= ALIKE and match.ratio() >= ALIKE


def heard_by(facts: Facts, others: list) -> dict[str, int]:
	"""Return {earlier campaign: how many of these people have its words already}.

	Leaves out a campaign that only few of them have heard. A different audience is compared by its first
	people, so the number is at least that. Words are compared only of the campaigns that are returned:
	most campaigns of the last hours are about other people.
	"""
	same = [other.name for other in others if same_people(facts.campaign, other)]
	different = [other.name for other in others if other.name not in same]
	heard = all_heard(same) if same else {}
	if different and (phones := first_phones(facts)):
		counts = heard_at(different, phones)
		heard |= {name: count for name, count in counts.items() if count >= LEAST_SHARE * len(phones)}
	return heard


def same_people(first, second) -> bool:
	return all((first.get(field) or "") == (second.get(field) or "") for field in SAME_PEOPLE)


def first_phones(facts: Facts) -> tuple[str, ...]:
	return tuple({number for person in facts.sample if person.phones and (number := e164(person.phones[0]))})


def all_heard(campaigns: list[str]) -> dict[str, int]:
	return dict(
		limited_query(
			"select campaign, count(*) from `tabDialer Recipient` where campaign in %(campaigns)s "
			"and status not in %(unheard)s group by campaign",
			{"campaigns": campaigns, "unheard": UNHEARD},
		)
	)


def heard_at(campaigns: list[str], phones: tuple[str, ...]) -> dict[str, int]:
	return dict(
		limited_query(
			"select campaign, count(distinct phone) from `tabDialer Recipient` where phone in %(phones)s "
			"and campaign in %(campaigns)s and status not in %(unheard)s group by campaign",
			{"campaigns": campaigns, "phones": phones, "unheard": UNHEARD},
		)
	)
