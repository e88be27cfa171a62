"""Ask a public web server whether a page is there, without becoming a way into the school's network.

Only HTTPS at port 443 of a public address is asked. The address is resolved once and then used for the
connection, also after a redirect, so that a name cannot be bound to another address in between. Little is
read, and only for a few seconds.
"""

import time
from urllib.parse import SplitResult, urljoin

from urllib3.exceptions import HTTPError

from school_dialer.base.bounds.public_web import (
	PUBLIC,
	NotAsked,
	Rules,
	connections,
	host_header,
	parts_of,
	path_of,
	public_address,
)

CONNECT_SECONDS, READ_SECONDS, MOST_SECONDS = 3, 4, 8
MOST_REDIRECTS = 3
GONE = frozenset({404, 410})
ASK_AGAIN_BY_GET = frozenset({403, 404, 405, 501})
"""Answers to HEAD that some servers give although the page is there."""


def answers(url: str, rules: Rules = PUBLIC) -> bool | None:
	"""Return whether a page answers at this HTTPS URL; None if that is not known.

	False for a name without a public address, a broken certificate, no connection, 404, 410, and errors of
	the server. Any other answer counts: a page may be for members only.
	"""
	end = time.monotonic() + MOST_SECONDS
	try:
		for _redirect in range(MOST_REDIRECTS + 1):
			if time.monotonic() > end:
				return None
			status, location = ask(parts_of(url, rules), rules)
			if not (300 <= status < 400 and location):
				return status not in GONE and status < 500
			url = urljoin(url, location)
		return None
	except (NotAsked, HTTPError, OSError, ValueError):
		return False


def ask(parts: SplitResult, rules: Rules) -> tuple[int, str]:
	"""Return the status and the place of a redirect, by HEAD, or by GET where HEAD says little."""
	address = public_address(parts.hostname, rules)
	status, location = request("HEAD", parts, address, rules)
	if status in ASK_AGAIN_BY_GET:
		status, location = request("GET", parts, address, rules)
	return status, location


def request(method: str, parts: SplitResult, address: str, rules: Rules) -> tuple[int, str]:
	pool = connections(parts, address, rules, CONNECT_SECONDS, READ_SECONDS)
	headers = {"Host": host_header(parts, rules), "User-Agent": "school_dialer link check"}
	with pool:
		answer = pool.request(method, path_of(parts), headers=headers, redirect=False, preload_content=False)
		try:
			return answer.status, answer.headers.get("Location", "")
		finally:
			answer.close()
