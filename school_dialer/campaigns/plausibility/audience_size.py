"""An audience much larger than is usual for this message, or a whole school for news of one bus."""

import re
from collections.abc import Iterator
from functools import cache
from statistics import median

import frappe

from school_dialer.base import states
from school_dialer.campaigns.plausibility.dates import normalized
from school_dialer.campaigns.plausibility.day_words import LANGUAGES
from school_dialer.campaigns.plausibility.facts import Facts, limited_query
from school_dialer.campaigns.plausibility.finding import ROUTE, SIZE, Finding, quoted
from school_dialer.messages.field import ABOUT_RECORDS

TIMES, LEAST = 5, 50
EARLIER, LEAST_EARLIER = 10, 3
"""So many earlier campaigns of the message are compared; with fewer, nothing is usual yet."""


def look(facts: Facts) -> Iterator[Finding]:
	usual = usual_size(facts)
	if usual and facts.people >= max(LEAST, TIMES * usual):
		yield Finding(SIZE, (facts.people, usual), second_person=facts.campaign.purpose in ABOUT_RECORDS)
	if facts.emergency or not whole_school(facts):
		return
	routes = dict.fromkeys(match for written in facts.texts for match in routes_in(written.text))
	if routes and facts.people >= LEAST:
		yield Finding(ROUTE, (quoted(next(iter(routes))), facts.people))


def usual_size(facts: Facts) -> int:
	"""Return the median size of the message's latest campaigns, or 0 if there are too few."""
	facts.require_time()
	names = frappe.get_all(
		"Dialer Campaign",
		{
			"template": facts.campaign.template,
			"name": ("!=", facts.campaign.name),
			"planned_at": ("is", "set"),
			"status": ("!=", states.CANCELLED),
			"resends": ("is", "not set"),
		},
		pluck="name",
		order_by="started_at desc",
		limit=EARLIER,
	)
	if len(names) < LEAST_EARLIER:
		return 0
	sizes = limited_query(
		"select count(*) from `tabDialer Recipient` where campaign in %(names)s group by campaign",
		{"names": tuple(names)},
	)
	return int(median(size for (size,) in sizes)) if len(sizes) >= LEAST_EARLIER else 0


def whole_school(facts: Facts) -> bool:
	"""Return whether the audience is everyone: no group, no list, no condition, no other campaign's rest."""
	source, campaign = facts.source, facts.campaign
	chosen = source.audience_doctype or campaign.get("audience_file") or campaign.get("resends")
	return not (chosen or source.filters)


def routes_in(text: str) -> list[str]:
	"""Return the numbered buses and routes in a text, as written."""
	cleaned = normalized(text)
	return [match.group() for pattern in _routes() for match in pattern.finditer(cleaned)]


@cache
def _routes() -> tuple[re.Pattern[str], ...]:
	return tuple(re.compile(words.route, re.IGNORECASE) for words in LANGUAGES.values())
