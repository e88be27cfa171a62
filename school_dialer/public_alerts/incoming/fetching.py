"""Fetch a feed or an alert from a public web server, bounded in size, time, and redirects. No Frappe.

`bounds.public_web` says what is asked at all, again for each redirect.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.parse import urljoin

from school_dialer.base.bounds.public_web import (
	PUBLIC,
	NotAsked,
	Rules,
	host_header,
	parts_of,
	path_of,
	public_address,
)
from school_dialer.base.bounds.timed_connection import Compressed, TooMuch, connected, content
from school_dialer.base.wording import Wording as _
from school_dialer.public_alerts.cap.xml import SIZE

MOST_SECONDS = 15
"""For all of it."""
MOST_REDIRECTS = 3
ACCEPTED = "application/cap+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8"


class NotFetched(Exception):
	"""Nothing usable came. Holds a `Wording` that says why."""


@dataclass(frozen=True, slots=True)
class Fetched:
	"""`content` is None if the server says that nothing changed. `url` is where it was in the end."""

	url: str
	content: bytes | None
	etag: str = ""
	last_modified: str = ""


def fetch(
	url: str,
	rules: Rules = PUBLIC,
	known: Mapping[str, str] | None = None,
	seconds: float = MOST_SECONDS,
) -> Fetched:
	"""Return what is at this HTTPS URL. Raise `NotFetched`.

	`known` are the headers of a conditional request. `seconds` bound the connections and all that is read,
	redirects included: a server may send one byte at a time.
	"""
	ends = time.monotonic() + seconds
	try:
		for _redirect in range(MOST_REDIRECTS + 1):
			answer = _ask(url, rules, known or {}, ends)
			if isinstance(answer, Fetched):
				return answer
			url = urljoin(url, answer)
	except NotAsked:
		raise NotFetched(
			_("The address is not asked: it must be HTTPS at port 443 of a public address.")
		) from None
	except (HTTPException, OSError, ValueError) as error:
		if time.monotonic() >= ends:
			raise NotFetched(_("The web server takes too long.")) from None
		if isinstance(error, ssl.SSLCertVerificationError):
			raise NotFetched(_("The certificate of the web server is not valid.")) from None
		raise NotFetched(_("The web server does not answer.")) from None
	raise NotFetched(_("The web server redirects too often."))


def _ask(url: str, rules: Rules, conditions: Mapping[str, str], ends: float) -> Fetched | str:
	"""Return what came, or the place of a redirect."""
	parts = parts_of(url, rules)
	address = public_address(parts.hostname, rules)
	headers = {
		"Host": host_header(parts, rules),
		"User-Agent": "school_dialer public alerts",
		"Accept": ACCEPTED,
		"Accept-Encoding": "identity",
		**conditions,
	}
	with connected(address, parts.hostname, rules, ends) as connection:
		connection.request("GET", path_of(parts), headers=headers)
		answer = connection.getresponse()
		if answer.status in (301, 302, 303, 307, 308) and answer.headers.get("Location"):
			return answer.headers["Location"]
		if answer.status == 304 and conditions:
			return Fetched(url, None)
		if answer.status != 200:
			raise NotFetched(_("The web server answers with HTTP {0}.", answer.status))
		marks = (answer.headers.get(name, "")[:140] for name in ("ETag", "Last-Modified"))
		return Fetched(url, _read(answer, ends), *marks)


def _read(answer: HTTPResponse, ends: float) -> bytes:
	try:
		return content(answer, SIZE, ends)
	except Compressed:
		raise NotFetched(_("The web server sends compressed answers although none were asked for.")) from None
	except TooMuch:
		raise NotFetched(_("The document has more than {0} bytes.", SIZE)) from None
