"""Links in the words that do not answer. A job asks; the check reads what the job found, and never waits."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import frappe
from frappe.utils import get_url

from school_dialer.base.jobs import job
from school_dialer.campaigns.plausibility import link_probe
from school_dialer.campaigns.plausibility.facts import Facts
from school_dialer.campaigns.plausibility.finding import LINK, Finding, quoted

MOST_LINKS = 5
KEPT_SECONDS = 900
KEY = "school_dialer_link"
ANSWERS, DEAD, UNKNOWN = "answers", "dead", "unknown"
_LINK = re.compile(r"https://[^\s<>\"'{}|\\^`\u3000-\u303f\uff00-\uffef،؛]{3,480}", re.IGNORECASE)


def look(facts: Facts) -> Iterator[Finding]:
	for url in links_of(facts):
		if cached_result(url) == DEAD:
			yield Finding(LINK, (quoted(url),))


def links_of(facts: Facts) -> list[str]:
	"""Return the HTTPS links of the words, without the site's own, at most `MOST_LINKS`."""
	own_host = urlsplit(get_url()).hostname
	urls = dict.fromkeys(
		match.group().rstrip(".,;:!?)]»”")
		for written in facts.texts
		for match in _LINK.finditer(written.text)
	)
	return [url for url in urls if host_of(url) not in (None, own_host)][:MOST_LINKS]


def host_of(url: str) -> str | None:
	try:
		return urlsplit(url).hostname
	except ValueError:
		return None


def cached_result(url: str) -> str | None:
	"""Return what the last look in the past quarter of an hour found, or None."""
	return frappe.cache().get_value(f"{KEY}:{url}", expires=True)


def unasked(facts: Facts) -> list[str]:
	return [url for url in links_of(facts) if cached_result(url) is None]


def ask_soon(facts: Facts) -> int:
	"""Enqueue the job for the links that were not looked at lately. Return how many there are."""
	urls = unasked(facts)
	if urls:
		frappe.enqueue(
			"school_dialer.campaigns.plausibility.links.ask",
			queue="default",
			enqueue_after_commit=True,
			urls=urls,
		)
	return len(urls)


@job
def ask(urls: list[str]) -> None:
	"""Ask for each link and keep the answer (background job). What was asked lately is not asked again."""
	for url in urls[:MOST_LINKS]:
		if cached_result(url) is None:
			answer = {True: ANSWERS, False: DEAD, None: UNKNOWN}[link_probe.answers(url)]
			frappe.cache().set_value(f"{KEY}:{url}", answer, expires_in_sec=KEPT_SECONDS)
